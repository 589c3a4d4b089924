import { describe, expect, it } from '@jest/globals';
import { checkAssertion, compileSnapshot, renderJUnit, type Assertion } from '#engine';
import { factsOf, rawNamespace, rawNetworkPolicy, rawPod } from '#engine/testing';

import { readAssertions } from './read-assertions.js';

const FILE = `
version: 1
assertions:
  - name: web may ask the api
    owner: team-shop
    from: shop/web
    to: shop/api
    port: [80, 443]
    expect: allowed
    reading: intended
  - name: nobody else may
    from: [shop/db, pay/till]
    to: shop/api
    port: 80
    expect: denied
    reading: intended
`;
const snapshot = compileSnapshot(
  factsOf(
    rawNamespace('shop'),
    rawNamespace('pay'),
    ...['web', 'api', 'db'].map((app, i) => rawPod(`shop/${app}`, { labels: { app }, ip: `10.0.0.${i + 1}` })),
    rawPod('pay/till', { labels: { app: 'till' }, ip: '10.0.0.9' }),
    rawNetworkPolicy('shop/api', {
      podSelector: { matchLabels: { app: 'api' } },
      ingress: [{ from: [{ podSelector: { matchLabels: { app: 'web' } } }], ports: [{ port: 80 }] }],
    }),
  ),
);
const check = (text: string) =>
  readAssertions(text, 'a.yaml').assertions.map((each: Assertion) => checkAssertion(snapshot, each));

describe('a file of expectations', () => {
  it('is checked pair by pair and port by port', () => {
    expect(readAssertions(FILE, 'a.yaml').problems).toEqual([]);
    const results = check(FILE);
    expect(results).toMatchObject([
      { name: 'web may ask the api', owner: 'team-shop', outcome: 'fail', checked: 2, broken: 1 },
      { name: 'nobody else may', outcome: 'pass', checked: 2, broken: 0 },
    ]);
    expect(results[0]?.breaches).toMatchObject([
      { from: 'shop/web', to: 'shop/api', port: 443, verdict: 'denied', policies: [{ name: 'api' }] },
    ]);
  });

  it('does not pass where a name is not there, nor where it cannot be told', () => {
    const missing = FILE.replace('from: shop/web', 'from: shop/wob');
    expect(check(missing)[0]).toMatchObject({ outcome: 'error', breaches: [{ verdict: null }, {}] });
    const enforced = FILE.replaceAll('reading: intended', 'reading: enforced');
    expect(check(enforced).map(({ outcome }) => outcome)).toEqual(['unknown', 'unknown']);
  });

  it.each([
    ['an unknown field', 'owner: team', 'ownr: team', 'a.yaml', 5, '/assertions/0/ownr', 'unknown field'],
    [
      'a wrong expectation',
      'expect: allowed',
      'expect: maybe',
      'a.yaml',
      9,
      '/assertions/0/expect',
      'must be one of `allowed`, `denied`',
    ],
    ['a port out of range', 'port: [80, 443]', 'port: [80, 70000]', 'a.yaml', 8, '/assertions/0/port', ''],
    ['a peer of no form', 'from: shop/web', 'from: a/b/c/d', 'a.yaml', 6, '/assertions/0/from', 'not one of'],
    ['a name given twice', 'nobody else may', 'web may ask the api', 'a.yaml', 11, '/assertions/1/name', 'assertion 1'],
  ])('tells %s with file, line and field', (_, from, to, file, line, pointer, message) => {
    const { problems, assertions } = readAssertions(FILE.replace(from, to), file);
    expect(assertions).toEqual([]);
    expect(problems[0]).toMatchObject({ code: 'assertion.invalid', file, line });
    expect(problems[0]?.pointer).toContain(pointer);
    expect(problems[0]?.message.toLowerCase()).toContain(message);
  });

  it('tells broken YAML by its line', () => {
    expect(readAssertions('assertions:\n  - name: [', 'a.yaml').problems).toMatchObject([{ file: 'a.yaml', line: 2 }]);
  });

  it('becomes JUnit in which no name can break out', () => {
    const results = check(FILE).map((result, i) => (i === 0 ? { ...result, name: '<a "b">&\u0001' } : result));
    const text = renderJUnit('shop', results);
    expect(text).toContain('<testsuites tests="2" failures="1" errors="0">');
    expect(text).toContain('<testcase name="&#60;a &#34;b&#34;&#62;&#38;\uFFFD" classname="team-shop">');
    expect(text).toContain('<failure type="unexpected" message="expected allowed: 1 of 2 are not">');
  });
});
