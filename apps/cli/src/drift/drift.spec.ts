import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import { runOnTerminal } from '../testing/run-on-terminal.js';

const pod = (app: string): string =>
  `apiVersion: v1\nkind: Pod\nmetadata: {name: ${app}, namespace: shop, labels: {app: ${app}}}\nspec: {containers: [{name: c, image: i}]}\n`;
const policy = (port: number): string =>
  `apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: db, namespace: shop}\nspec: {podSelector: {matchLabels: {app: db}}, ingress: [{from: [{podSelector: {matchLabels: {app: web}}}], ports: [{port: ${port}}]}]}\n`;

describe('atlas diff and atlas whatif', () => {
  let dir = '';
  const file = (name: string): string => join(dir, name);

  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'atlas-drift-'));
    const files = {
      'before.yaml': [pod('web'), pod('db'), policy(80)].join('---\n'),
      'after.yaml': [pod('web'), pod('db'), policy(81)].join('---\n'),
      'policy.yaml': policy(81),
      'flows.jsonl': '{"src":"shop/web","dst":"shop/db","port":80}\n',
      'broken.jsonl': '{"src":"shop/web"}\nnot json\n',
    };
    for (const [name, text] of Object.entries(files)) await writeFile(file(name), text);
  });
  afterAll(() => rm(dir, { recursive: true }));

  const run = (...args: readonly string[]) => runOnTerminal(args);

  it('exits by what --fail-on names', async () => {
    const sides = [file('before.yaml'), file('after.yaml')];
    expect((await run('diff', ...sides)).code).toBe(0);
    const { code, out } = await run('diff', ...sides, '--fail-on', 'dangerous');
    expect(code).toBe(1);
    expect(out).toContain('± changed  shop/web → shop/db: TCP 80 → TCP 81');
    expect((await run('diff', sides[0] ?? '', sides[0] ?? '', '--fail-on', 'any')).code).toBe(0);
  });

  it('prints Markdown and JSON', async () => {
    const sides = [file('before.yaml'), file('after.yaml')];
    expect((await run('diff', ...sides, '-o', 'md')).out).toContain('| 🔴🟠 | changed | shop/web | shop/db |');
    expect(JSON.parse((await run('diff', ...sides, '-o', 'json')).out)).toMatchObject({
      summary: { dangerous: 1, breaking: 1 },
      entries: [{ type: 'changed' }],
    });
  });

  it('tells how to try a difference out, but not one of a reading that a probe would not take', async () => {
    const diff = async (...more: readonly string[]) =>
      (await run('diff', file('before.yaml'), file('after.yaml'), '--map-namespace', 'not here=shop', ...more)).out;
    expect(await diff()).toContain(
      `: atlas probe --dir ${file('after.yaml')} --before ${file('before.yaml')} --map-namespace 'not here=shop' --entry `,
    );
    expect(await diff('--reading', 'intended')).toBe(await diff());
    expect(await diff('--reading', 'enforced')).not.toContain('to try it out');
  });

  it('tells which flows a change would cut, and fails on them', async () => {
    const change = ['whatif', '--dir', file('before.yaml'), '--apply', file('policy.yaml')];
    const { code, out } = await run(...change, '--flows', file('flows.jsonl'), '--fail-on', 'breaking');
    expect(code).toBe(1);
    expect(out).toMatch(/doubtful|cut/);
  });

  it('takes no file for a change that nothing can be used of', async () => {
    for (const flag of ['apply', 'remove']) {
      const path = file('flows.jsonl');
      expect(await run('whatif', '--dir', file('before.yaml'), `--${flag}`, path, '--fail-on', 'any')).toMatchObject({
        code: 2,
        err: expect.stringContaining(`error: --${flag} \`${path}\` holds nothing that can be used\n`),
      });
    }
  });

  it('says which lines and options are wrong', async () => {
    const change = ['whatif', '--dir', file('before.yaml'), '--apply', file('policy.yaml')];
    const broken = await run(...change, '--flows', file('broken.jsonl'));
    expect(broken.code).toBe(2);
    expect(broken.err).toContain('line 1: dst');
    expect(broken.err).toContain('line 2: it is neither JSON');
    expect((await run('diff', file('before.yaml'), 'cluster:shop')).err).toContain('a cluster needs --server');
    expect((await run('whatif', '--dir', file('before.yaml'))).err).toContain('say what would change');
  });
});
