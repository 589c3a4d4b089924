import { describe, expect, it } from '@jest/globals';

import { readScenario } from './runner/scenario.js';

const PATH = 'scenarios/networkpolicy/claim.scenario.yaml';
const POD = 'apiVersion: v1\nkind: Pod\nmetadata: { name: a, namespace: x }\n';
const scenario = (more = ''): string => `kind: Scenario
statements: [NP-1]
source: here
${more}table: |
  from | to  | port | verdict | because
  x/a  | x/a | 80   | allow   |
`;

describe('a scenario file', () => {
  it('is a case by its manifests and its table', () => {
    const { expected, manifests } = readScenario(PATH, [POD, scenario()].join('---\n'));
    expect(expected).toMatchObject({ corpus: 'scenarios/networkpolicy', case: 'claim' });
    expect(expected).toHaveProperty('queries.length', 1);
    expect(JSON.parse(manifests ?? '')).toHaveProperty('items.length', 1);
  });

  it('is refused where a second scenario would not be run', () => {
    const text = [POD, scenario(), scenario()].join('---\n');
    expect(() => readScenario(PATH, text)).toThrow('2 documents have kind `Scenario`');
  });

  it('is refused where the scenario has a field that nothing reads', () => {
    expect(() => readScenario(PATH, [POD, scenario('tables: more\n')].join('---\n'))).toThrow('has `tables`');
  });
});
