import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { runOnTerminal, type TerminalRun } from '../../apps/cli/src/testing/run-on-terminal.js';
import { runAsSystem } from '#access';
import { Assertions, DriftTimeline } from '#analysis';
import { persist, startApiUnderTest, type ApiUnderTest } from './api/api-under-test.js';
import { DB_OPENED, SHOP } from './api/shop.js';

const EXPECTATIONS = `
assertions:
  - { name: nobody reaches the database, owner: team-db, from: shop/web-0, to: shop/db-0, port: 5432, expect: denied }
`;
const PAIR = ['--from', 'shop/web-0', '--to', 'shop/db-0', '--port', '5432'];
const AS_OF = /^as of snapshot \d of shop, taken \S+, known good \d+ s ago\n$/;

describe('commands that only a server answers', () => {
  let api: ApiUnderTest;
  let clusterId: string;
  let folder: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'atlas-cli-'));
    await writeFile(join(folder, 'assertions.yaml'), EXPECTATIONS);
    api = await startApiUnderTest();
    clusterId = (await api.seed('shop', SHOP)).id;
    await api.seed('stage', SHOP);
    await api.clusters.create({ name: 'waiting', source: { type: 'upload' } });
  });
  afterAll(async () => {
    await api.close();
    await rm(folder, { recursive: true });
  });

  const atlas = (...args: readonly string[]): Promise<TerminalRun> => runOnTerminal([...args, '--server', api.url]);
  const file = (name: string): string => join(folder, name);

  it('keeps expectations and a baseline, and says when the cluster leaves them', async () => {
    const set = await atlas('assertions', 'set', 'shop', file('assertions.yaml'));
    expect(set).toMatchObject({ code: 0, err: expect.stringMatching(AS_OF) });
    expect(set.out).toMatch(
      /^✓ nobody reaches the database \[team-db\]: expected denied: 1 of 1 are, since snapshot 1, /,
    );
    expect((await atlas('baseline', 'set', 'shop', '--name', 'release 1')).out).toMatch(
      /^release 1: snapshot 1, \S+; set \S+ by anonymous\n$/,
    );

    await persist(api.snapshots, clusterId, [DB_OPENED]);
    await runAsSystem('test', async () => {
      await api.app.get(DriftTimeline).compute(clusterId);
      await api.app.get(Assertions).evaluate(clusterId);
    });
    expect((await atlas('assertions', 'get', 'shop')).code).toBe(1);
    const events = await atlas('assertions', 'events', 'shop', '--limit', '1');
    expect(events.out.split('\n').slice(0, 3)).toEqual([
      expect.stringMatching(/^✗ \S+ snapshot 2 {2}nobody reaches the database: pass → fail$/),
      expect.stringMatching(/^ {4}shop\/web-0 → shop\/db-0 on TCP 5432: allowed/),
      '    because NetworkPolicy shop/db-deny changed: spec.ingress (absent) → [{}]',
    ]);
    expect(await atlas('assertions', 'remove', 'shop')).toMatchObject({ code: 0, out: '' });
    expect(await atlas('assertions', 'get', 'shop')).toMatchObject({ code: 2 });
  });

  it('tells what changed, how far it is from the baseline, and since when', async () => {
    const timeline = await atlas('timeline', '--cluster', 'shop');
    expect(timeline.err).toMatch(AS_OF);
    const [header, row] = timeline.out.split('\n').map((line) => line.split(/ {2,}/));
    expect(header).toEqual(['WHEN', 'SNAPSHOTS', 'DANGEROUS', 'BREAKING', 'OBJECTS', 'FROM BASELINE', 'WHAT']);
    expect(row?.slice(1)).toEqual(['1..2', '1', '0', '1', '1 dangerous, 0 breaking', '1 opened']);
    const diff = await atlas('diff', 'cluster:shop@baseline', '--fail-on', 'dangerous');
    expect(diff).toMatchObject({ code: 1, err: expect.stringMatching(AS_OF) });
    expect(diff.out).toMatch(/^1 dangerous, 0 breaking of 1 differences?/);
    const since = await atlas('since', '--cluster', 'shop', ...PAIR);
    expect(since.out.split('\n').slice(1, 3)).toEqual([
      expect.stringMatching(/^since snapshot 2, /),
      expect.stringMatching(/^before that denied: .*db-deny/),
    ]);
    expect((await atlas('since', '--cluster', 'shop', ...PAIR, '--at', '1')).out).toContain(
      'since before snapshot 1, ',
    );
  });

  it('accepts findings for a time, lists them, and takes that back', async () => {
    const until = new Date(Date.now() + 86_400_000).toISOString();
    const suppress = (...args: readonly string[]): Promise<TerminalRun> =>
      atlas('audit', 'suppress', '--cluster', 'shop', '--owner', 'team-shop', '--until', until, ...args);
    const reason = ['--reason', 'moves behind the ingress'];
    const made = await suppress('--check', 'host-port', ...reason, '-n', 'shop');
    expect(made).toMatchObject({ code: 0, out: expect.stringMatching(/^suppressed until \S+Z, as \S+\n$/) });
    const id = made.out.trim().split(' ').at(-1) ?? '';
    const listed = await atlas('audit', 'suppressions', '--cluster', 'shop');
    expect(listed.out.trim().split('\n').at(-1)?.split(/ {2,}/)).toEqual([
      id,
      'host-port',
      'shop',
      'team-shop',
      until,
      'moves behind the ingress',
    ]);
    expect(await atlas('audit', 'unsuppress', id)).toMatchObject({
      code: 0,
      out: `${id} is no suppression any more\n`,
    });
    expect((await atlas('audit', 'suppressions')).out).not.toContain(id);
    expect(await suppress(...reason)).toMatchObject({
      code: 2,
      err: expect.stringContaining('give either `fingerprint` (one finding) or `check`'),
    });
  });

  it('asks a whole fleet, and names what could not be asked', async () => {
    const { code, out, err } = await atlas('fleet', ...PAIR);
    expect(code).toBe(3);
    expect(err).toBe('could not be asked: waiting\n');
    const rows = out.trim().split('\n').slice(1);
    expect(rows.map((line) => line.split(/ {2,}/, 2)).sort()).toEqual([
      ['shop', 'allowed'],
      ['stage', 'denied'],
      ['waiting', 'failed'],
    ]);
  });

  it('lists under the name of each cluster what it lets through, where a side is left open', async () => {
    const { out } = await atlas('fleet', '--to', 'shop/db-0', '--port', '5432');
    expect(out).toMatch(/\n\nshop\n(?: {2}.+\n)*? {2}Pod shop\/web-0 → Pod shop\/db-0: TCP 5432\n/);
  });

  it('follows a path from cluster to cluster', async () => {
    const { code, out } = await atlas('path', 'shop:shop/web-0', 'stage:shop/db-0', '--port', '5432');
    expect(code).toBe(4);
    expect(out).toMatch(
      /^UNDETERMINED {2}shop:shop\/web-0 → stage:shop\/db-0 on TCP 5432\n {2}pod-address 10\.0\.0\.3:5432/,
    );
    expect(out.match(/not known: the same address belongs/g)).toHaveLength(1);
    expect(await atlas('path', 'shop/web-0', 'stage:shop/db-0', '--port', '1')).toMatchObject({
      code: 2,
      err: expect.stringContaining('names no cluster'),
    });
  });

  it('prints what verifies an answer, and compares what that saw', async () => {
    const probe = (...more: readonly string[]) => atlas('probe', '--cluster', 'shop', ...PAIR, ...more);
    const { out } = await probe();
    const id = /atlas-probe (p[0-9a-f]{8}) 10\.0\.0\.3 5432/.exec(out)?.[1] ?? '';
    await writeFile(file('seen.txt'), `${id} timeout\n`);
    const judged = await probe('--results', file('seen.txt'));
    expect(judged.code).toBe(1);
    expect(judged.out).toMatch(
      new RegExp(`^✗ ${id} shop/web-0 → shop/db-0: predicted open, saw timeout\\n {4}perhaps the snapshot is older`),
    );
    await writeFile(file('seen.txt'), `noise\n${id} refused\r\n`);
    expect(await probe('--results', file('seen.txt'))).toMatchObject({ code: 0, out: expect.stringMatching(/^✓/) });
  });

  it('prints what verifies a difference that it told', async () => {
    await persist(api.snapshots, (await api.seed('open', SHOP)).id, [DB_OPENED]);
    const { out } = await atlas('diff', 'cluster:stage', 'cluster:open', '--type', 'opened');
    const [, told = '', entry = ''] = /to try it out: atlas (probe .* --entry ([0-9a-f]{16}))/.exec(out) ?? [];
    expect(
      (await atlas('diff', 'cluster:stage', 'cluster:open', '--type', 'opened', '--reading', 'enforced')).out,
    ).toBe(out);
    const probe = (...more: readonly string[]) => atlas('probe', '--cluster', 'open', ...more);
    const { out: script } = await probe('--entry', entry, '--before', 'cluster:stage');
    expect(script).toMatch(/# predicted open, prints p[0-9a-f]{8} open or p[0-9a-f]{8} refused/);
    expect((await probe('--entry', entry, '--before', '1')).out).toBe(script);
    expect(told).toContain(' --cluster open --before cluster:stage@');
    expect((await atlas(...told.split(' '))).out).toBe(script);
    expect(await probe('--entry', entry, '--from', 'shop/web-0')).toMatchObject({
      code: 2,
      err: expect.stringContaining('either --from and --to, or --entry'),
    });
    expect(await probe('--entry', 'none', '--before', '1')).toMatchObject({
      code: 2,
      err: expect.stringContaining('has no entry `none`'),
    });
  });
});
