import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import { runOnTerminal } from '../testing/run-on-terminal.js';
import { OUTPUT_FORMATS, TEXT_FORMATS } from './format-option.js';

const SHOP = ['web', 'db']
  .map(
    (app) => `apiVersion: v1
kind: Pod
metadata: { name: ${app}, namespace: shop, labels: { app: ${app} } }
spec: { containers: [{ name: c, image: i, ports: [{ containerPort: 80 }] }] }
status: { podIP: 10.0.0.${String(app.length)}, phase: Running }
`,
  )
  .join('---\n');
const POLICY = `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: closed, namespace: shop }
spec: { podSelector: { matchLabels: { app: db } }, policyTypes: [Ingress] }
`;
const EXPECTED = 'assertions: [{ name: closed, from: shop/web, to: shop/db, expect: denied, reading: intended }]';

/** How an answer in a form begins. */
const BEGINNINGS: Readonly<Record<string, RegExp>> = {
  text: /^\S/,
  table: /^\S/,
  wide: /^\S/,
  json: /^[[{]\s/,
  yaml: /^(?:- |\w+:)/,
  csv: /^[^,\r]+,[^\r]*\r\n/,
  md: /^[|#*]/,
  dot: /^digraph /,
  svg: /^<svg /,
  mermaid: /^---\ntitle: ".*"\n---\nflowchart LR\n/,
  junit: /^<\?xml /,
};
/** The way of one question is drawn downwards, so that a long one has room. */
const DOWNWARDS = /^---\ntitle: ".*"\n---\nflowchart TD\n/;
const PICTURES = ['dot', 'svg', 'mermaid'];
const WORDS = [...TEXT_FORMATS] as readonly string[];
const TABLES = OUTPUT_FORMATS.filter((format) => !PICTURES.includes(format));
const EVERY = [...new Set([...OUTPUT_FORMATS, ...Object.keys(BEGINNINGS)])];

describe('forms of answers', () => {
  let dir = '';
  const file = (name: string): string => join(dir, name);

  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'atlas-forms-'));
    await writeFile(file('before.yaml'), SHOP);
    await writeFile(file('after.yaml'), `${SHOP}---\n${POLICY}`);
    await writeFile(file('policy.yaml'), POLICY);
    await writeFile(file('assertions.yaml'), EXPECTED);
    await writeFile(file('questions.jsonl'), '{"from":"shop/web","to":"shop/db","port":80}\n');
  });
  afterAll(() => rm(dir, { recursive: true }));

  const pair = ['--from', 'shop/web', '--to', 'shop/db', '--port', '80'];
  const on = (): string[] => ['--dir', file('after.yaml')];

  it('are in Markdown the answer, its evidence and its fix, in this order', async () => {
    const { out } = await runOnTerminal(['why', ...on(), ...pair, '-o', 'md']);
    expect(out).toMatch(
      /^\*\*UNDETERMINED\*\* .*web.* → .*db.* on TCP 80\n\n[^|]*\n\nPolicy says denied: [^|]*\n\n\| hop /,
    );
    expect(out.trimEnd()).toMatch(
      /\|\n\n\*\*Fix:\*\* [^|]*```yaml\napiVersion: [^|]*\n```\n\n- opens 1 pair\n {2}- [^|]*\n- closes nothing$/,
    );
    const blast = await runOnTerminal(['blast', ...on(), '--of', 'shop/web', '-o', 'md']);
    expect(blast.out).toMatch(/^\*\*Pod shop\/web can reach 0 of 1 endpoints\*\*\n\n- [^]*\n\n\| hop /);
  });

  it.each<[string, () => readonly string[], readonly string[]]>([
    ['can', () => ['can', ...on(), ...pair], ['text', ...OUTPUT_FORMATS.slice(2)]],
    ['why', () => ['why', ...on(), ...pair], OUTPUT_FORMATS],
    ['list', () => ['list', ...on()], OUTPUT_FORMATS],
    ['who', () => ['who', ...on(), '--to', 'shop/db'], OUTPUT_FORMATS],
    ['blast', () => ['blast', ...on(), '--of', 'shop/web'], OUTPUT_FORMATS],
    ['expose', () => ['expose', ...on()], TABLES],
    ['diff', () => ['diff', file('before.yaml'), file('after.yaml')], WORDS],
    ['whatif', () => ['whatif', '--dir', file('before.yaml'), '--apply', file('policy.yaml')], WORDS],
    ['policies', () => ['policies', ...on()], WORDS],
    ['batch', () => ['batch', file('questions.jsonl'), ...on()], WORDS],
    ['audit', () => ['audit', ...on()], WORDS],
    ['probe', () => ['probe', ...on(), ...pair], WORDS],
    ['runbook list', () => ['runbook', 'list'], WORDS],
    ['test', () => ['test', ...on(), '--file', file('assertions.yaml')], [...WORDS, 'junit']],
  ])(
    'of atlas %s are those that make sense, and each other one is told which these are',
    async (command, asked, forms) => {
      const ofWays: typeof BEGINNINGS = command === 'can' || command === 'why' ? { mermaid: DOWNWARDS } : {};
      const beginnings = { ...BEGINNINGS, ...ofWays };
      for (const format of EVERY) {
        const { code, out, err } = await runOnTerminal([...asked(), '-o', format]);
        if (forms.includes(format)) {
          expect([format, out]).toEqual([format, expect.stringMatching(beginnings[format] as RegExp)]);
          expect(code).not.toBe(2);
        } else {
          expect([format, code, out]).toEqual([format, 2, '']);
          for (const other of forms) expect(err).toContain(other);
        }
      }
    },
  );
});
