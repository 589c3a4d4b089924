import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { firstOf, KEPT_FLOW_ORDER, KeptFlowRepository, MOST_KEPT_FLOWS, type NewKeptFlow } from '#store';
import { WHOLE_SCOPE } from '#access';
import type { INestApplicationContext } from '@nestjs/common';
import { silentLog } from '#telemetry';
import { createWorker } from '../../apps/worker/src/start-worker.js';
import { runOnTerminal } from '../../apps/cli/src/testing/run-on-terminal.js';
import { expectDescribed, expectProblem } from './api/expect-contract.js';
import type { ApiUnderTest } from './api/api-under-test.js';
import { startWithLimitedCaller } from './api/limited-caller.js';
import { DB_DENY } from './api/shop.js';
import { PLANTED, TWO_TENANTS } from './api/tenants.js';

const T1 = '2026-11-26T10:00:00.000Z';
const T2 = '2026-11-26T11:00:00.000Z';

const hubble = (time: string, verdict: string, from: string, to: string, port: number): string => {
  const peer = (text: string): object => {
    const [namespace, pod_name] = text.split('/');
    return { namespace, pod_name, labels: [] };
  };
  return JSON.stringify({
    flow: {
      time,
      verdict,
      l4: { TCP: { destination_port: port } },
      source: peer(from),
      destination: peer(to),
      traffic_direction: 'INGRESS',
    },
  });
};
const HIDDEN = `${PLANTED.namespace}/${PLANTED.pod}`;
const SEEN = [
  hubble(T1, 'FORWARDED', 'shop/cache-0', 'shop/api-0', 8080),
  hubble(T2, 'FORWARDED', 'shop/cache-1', 'shop/api-0', 8080),
  hubble(T1, 'DROPPED', 'shop/web-0', 'shop/db-0', 5432),
  hubble(T1, 'FORWARDED', HIDDEN, 'shop/db-0', 5432),
  hubble(T1, 'FORWARDED', 'shop/gone', 'shop/api-0', 8080),
  '{"cut":',
].join('\n');
const CUT = JSON.stringify({
  apiVersion: 'networking.k8s.io/v1',
  kind: 'NetworkPolicy',
  metadata: { name: 'api-closed', namespace: 'shop' },
  spec: { podSelector: { matchLabels: { app: 'api' } }, policyTypes: ['Ingress'], ingress: [] },
});
const replica = (name: string, address: string): unknown => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: {
    name,
    namespace: 'shop',
    labels: { app: 'cache' },
    ownerReferences: [{ apiVersion: 'apps/v1', kind: 'StatefulSet', name: 'cache', controller: true }],
  },
  spec: { nodeName: 'n1', containers: [{ name: 'cache', image: 'cache' }] },
  status: { phase: 'Running', podIP: address, podIPs: [{ ip: address }] },
});
/** Nothing but the policy of the database, and two replicas that ask the API. */
const OBJECTS = [
  ...TWO_TENANTS.filter((object) => !JSON.stringify(object).includes('"api-ingress"')),
  replica('cache-0', '10.0.0.20'),
  replica('cache-1', '10.0.0.21'),
];

describe('kept flows', () => {
  let api: ApiUnderTest;
  let close: () => Promise<void>;
  let root: Record<string, string>;
  let sue: Record<string, string>;
  let clusterId: string;
  let worker: INestApplicationContext;
  const FLOWS = '/api/v1/clusters/shop/flows';

  beforeAll(async () => {
    ({ api, root, sue, close } = await startWithLimitedCaller());
    clusterId = (await api.seed('shop', OBJECTS)).id;
    worker = await createWorker({ ...api.config, app: 'worker' }, silentLog);
  });
  afterAll(async () => {
    await worker.close();
    await close();
  });

  /** What the checks about flows say of the cluster, and what they found. */
  const audit = async () => {
    const asked = { clusters: ['shop'], checks: ['model-and-traffic-disagree', 'unused-allow'] };
    const job = await api.request('POST', '/api/v1/audits', asked, { ...root, prefer: 'wait=30' });
    const { id } = job.json as { id: string };
    const told = expectDescribed('getAudit', await api.request('GET', `/api/v1/audits/${id}`, undefined, root));
    const found = await api.request('GET', `/api/v1/audits/${id}/findings`, undefined, root);
    return { checks: told.checks, findings: expectDescribed('listFindings', found).items };
  };

  const keep = (text: string, caller = root) =>
    api.request('POST', FLOWS, Buffer.from(text), { ...caller, 'content-type': 'application/x-ndjson' });
  const list = async (query = '', caller = root) =>
    expectDescribed('listKeptFlows', await api.request('GET', `${FLOWS}${query}`, undefined, caller));

  const graphql = (query: string, variables: Record<string, unknown> = {}) =>
    api.request('POST', '/graphql', { query, variables }, root);

  it('are none at first, and questions say so', async () => {
    expect(await list()).toMatchObject({ total: 0, firstSeen: null, lastSeen: null, items: [] });
    expect(expectProblem(await api.request('POST', `${FLOWS}/explain?kept=true`, undefined, root))).toMatchObject({
      status: 400,
      code: 'request.invalid',
      detail: '`shop` keeps no flows that you may see, send some to be kept, or with the question',
    });
    const reason = 'no flows are kept or given: see `atlas flows keep` and `atlas audit --flows`';
    expect((await audit()).checks).toMatchObject([
      { outcome: 'skip', reason },
      { outcome: 'skip', reason },
    ]);
  });

  it('are added up by peers, service and verdict, and what cannot be is told', async () => {
    const kept = expectDescribed('keepFlows', await keep(SEEN));
    expect(kept).toMatchObject({
      read: { flows: 5, sources: ['Hubble'], problemCount: 1, firstSeen: T1, lastSeen: T2 },
      kept: 3,
      refused: 1,
      unnamed: ['shop/gone'],
      dropped: 0,
      asOf: { cluster: 'shop', seq: 1 },
    });
    expectDescribed(
      'keepFlows',
      await keep(hubble('2999-01-01T00:00:00Z', 'FORWARDED', 'shop/web-0', 'shop/api-0', 80)),
    );
    await keep(SEEN);
    const { items, total } = await list('?verdict=forwarded&namespace=shop');
    expect(total).toBe(4);
    expect(items.map(({ source, destination, port, count }) => [source, destination, port, count])).toEqual([
      ['pod:shop/web-0', 'pod:shop/api-0', 80, 1],
      ['workload:shop/cache', 'pod:shop/api-0', 8080, 4],
      [`pod:${HIDDEN}`, 'pod:shop/db-0', 5432, 2],
    ]);
    // Nobody saw what is still to come.
    expect(Date.parse(items[0]?.lastSeen ?? '')).toBeLessThanOrEqual(Date.now());
    expect(items[1]).toEqual({
      source: 'workload:shop/cache',
      destination: 'pod:shop/api-0',
      hostNames: [],
      protocol: 'TCP',
      port: 8080,
      seen: 'forwarded',
      reasons: [],
      told: [],
      count: 4,
      firstSeen: T1,
      lastSeen: T2,
      origins: ['Hubble'],
    });
  });

  it('are listed in pages, by namespace, verdict and time', async () => {
    const first = await list('?limit=3');
    expect(first.items).toHaveLength(3);
    const rest = await list(`?limit=3&cursor=${String(first.page.nextCursor)}`);
    expect(rest).toMatchObject({ items: [{}], page: { nextCursor: null } });
    expect((await list('?verdict=dropped')).items).toMatchObject([{ destination: 'pod:shop/db-0', seen: 'dropped' }]);
    expect((await list(`?namespace=${PLANTED.namespace}`)).items).toHaveLength(1);
    expect((await list(`?since=${T2}`)).items.map(({ port }) => port)).toEqual([80, 8080]);
  });

  it('are told and kept only where both ends may be seen', async () => {
    const seen = await list('', sue);
    expect(seen.total).toBe(3);
    expect(JSON.stringify(seen)).not.toContain(PLANTED.pod);
    const kept = await keep(hubble(T2, 'FORWARDED', HIDDEN, 'shop/db-0', 5432), sue);
    expect(expectDescribed('keepFlows', kept)).toMatchObject({ kept: 0, refused: 1, unnamed: [HIDDEN] });
  });

  it('answer questions that bring none', async () => {
    const explained = expectDescribed(
      'explainFlows',
      await api.request('POST', `${FLOWS}/explain?kept=true`, undefined, root),
    );
    expect(explained).toMatchObject({ read: { flows: 4, sources: ['Hubble'], firstSeen: T1 } });
    expect(explained.standings).toEqual({ open: 2, denied: 1, 'forwarded-though-denied': 1 });
    const suggested = expectDescribed(
      'suggestPolicies',
      await api.request('POST', `${FLOWS}/suggest?kept=true&namespace=shop`, undefined, root),
    );
    expect(suggested.policies.map(({ name }) => name)).toEqual([
      'api-0-as-seen',
      'cache-as-seen',
      'db-0-as-seen',
      'web-0-as-seen',
    ]);
    const both = await api.request('POST', `${FLOWS}/explain?kept=true`, Buffer.from(SEEN), {
      ...root,
      'content-type': 'application/x-ndjson',
    });
    expect(expectProblem(both)).toMatchObject({ status: 400, code: 'request.invalid' });
  });

  it('tell what a change would cut', async () => {
    const whatIf = (caller: Record<string, string>, extra = {}) =>
      api.request('POST', '/api/v1/what-if', { cluster: 'shop', apply: CUT, ...extra }, caller);
    const told = expectDescribed('whatIf', await whatIf(root));
    expect(told.flows).toMatchObject({
      given: 3,
      kept: true,
      firstSeen: T1,
      same: 1,
      affected: [
        { src: 'pod:shop/web-0', dst: 'pod:shop/api-0', port: 80, effect: 'cut' },
        { src: 'workload:shop/cache', dst: 'pod:shop/api-0', port: 8080, effect: 'cut' },
      ],
    });
    expect(expectDescribed('whatIf', await whatIf(sue)).flows).toMatchObject({ given: 2, same: 0 });
    const given = { flows: [{ src: 'shop/web-0', dst: 'shop/db-0', port: 5432 }] };
    expect(expectDescribed('whatIf', await whatIf(root, given)).flows).toEqual({
      given: 1,
      kept: false,
      firstSeen: null,
      lastSeen: null,
      same: 1,
      affected: [],
    });
  });

  it('are told of in Markdown', async () => {
    const asked = { cluster: 'shop', apply: CUT };
    const { text } = await api.request('POST', '/api/v1/what-if?format=md', asked, root);
    expect(text).toMatch(
      /\ntried on 3 kept flows that passed, seen since 2026-11-26T10:00:00\.000Z, last 20\S+\n\n\*\*2 observed flows/,
    );
  });

  it('are what an audit by the server looks at', async () => {
    const { checks, findings } = await audit();
    expect(checks).toMatchObject([
      { check: 'model-and-traffic-disagree', outcome: 'fail' },
      { check: 'unused-allow', outcome: 'skip' },
    ]);
    expect(findings).toMatchObject([
      {
        title: expect.stringMatching(/was forwarded, and policy denies it$/),
        object: { namespace: 'shop', name: 'db-0' },
      },
    ]);
  });

  it('stop a change in runbook RB-7', async () => {
    const run = async (manifests: string) => {
      const asked = { runbook: 'before-applying', manifests, all: true };
      const { json } = await api.request('POST', '/api/v1/clusters/shop/runbook-runs', asked, root);
      return json as { result: string; answer: string; steps: { id: string; outcome: string; found: string }[] };
    };
    const cut = await run(CUT);
    expect(cut).toMatchObject({
      result: 'cause-found',
      answer: 'it cuts what was seen: pod:shop/web-0 → pod:shop/api-0 on TCP 80, and 1 more',
    });
    expect(cut.steps.find(({ id }) => id === 'flows')?.found).toMatch(
      /^cuts 2 of 3 flows that passed, seen since 2026-11-26T10:00:00\.000Z, last 20/,
    );
    const same = await run(JSON.stringify(DB_DENY));
    expect(same.steps.find(({ id }) => id === 'flows')).toMatchObject({ outcome: 'pass' });
  });

  it('are kept and listed by GraphQL', async () => {
    const { json } = await graphql(
      `
        mutation ($flows: String!) {
          keepFlows(input: { cluster: "shop", flows: $flows }) {
            kept
            refused
            unnamed
            read {
              flows
            }
          }
        }
      `,
      { flows: hubble(T1, 'DROPPED', 'shop/web-0', 'shop/db-0', 5432) },
    );
    expect(json).toEqual({ data: { keepFlows: { kept: 1, refused: 0, unnamed: [], read: { flows: 1 } } } });
    const listed = await graphql(
      `{ keptFlows(cluster: "shop", filter: {verdict: DROPPED}, first: 1) {
          totalCount firstSeen edges { node { source port count seen } } pageInfo { hasNextPage } asOf { seq } }
         explainFlows(input: {cluster: "shop", kept: true}) { read { flows } }
         whatIf(input: {cluster: "shop", apply: ${JSON.stringify(CUT)}}) { ... on Drift { judgedFlows { given kept same } flows { effect } } } }`,
    );
    expect(listed.json).toEqual({
      data: {
        keptFlows: {
          totalCount: 4,
          firstSeen: T1,
          edges: [{ node: { source: 'pod:shop/web-0', port: 5432, count: 3, seen: 'DROPPED' } }],
          pageInfo: { hasNextPage: false },
          asOf: { seq: 1 },
        },
        explainFlows: { read: { flows: 4 } },
        whatIf: { judgedFlows: { given: 3, kept: true, same: 1 }, flows: [{ effect: 'CUT' }, { effect: 'CUT' }] },
      },
    });
  });

  it('are kept, listed and asked about by the command line', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'atlas-kept-'));
    const file = (name: string): string => join(folder, name);
    await writeFile(
      file('flows.jsonl'),
      '{"src":"shop/cache-0","dst":"shop/api-0","port":8080}\n{"src":"shop/x","dst":"a/b"}',
    );
    await writeFile(file('cut.yaml'), CUT);
    const made = await api.request('POST', '/api/v1/tokens', { name: 'cli' }, root);
    const { secret } = made.json as { secret: string };
    const atlas = (...args: readonly string[]) =>
      runOnTerminal(['--token', secret, ...args, '--server', api.url, '--cluster', 'shop']);
    const kept = await atlas('flows', 'keep', '--file', file('flows.jsonl'));
    expect(kept).toMatchObject({ code: 0, out: 'read 1, kept 1, refused 0, dropped 0 of the oldest\n' });
    expect(kept.err).toContain('flows.jsonl:2: ');
    const listed = await atlas('flows', 'list', '--verdict', 'forwarded', '--limit', '1');
    expect(listed.out).toMatch(
      /\nworkload:shop\/cache +pod:shop\/api-0 +TCP 8080 +forwarded +5 +2026-11-26T10:00:00\.000Z +20\S+\n$/,
    );
    expect(listed.err).toMatch(
      /^4 kept, seen since 2026-11-26T10:00:00\.000Z, last \S+\nthere is more: --cursor \S+\n/,
    );
    const explained = await atlas('flows', 'explain');
    expect(explained).toMatchObject({
      code: 1,
      err: expect.stringMatching(/^of 4 kept flows, seen since 2026-11-26T10:/),
    });
    expect(explained.out).toContain('flows: 1 forwarded-though-denied, 2 open, 1 denied');
    expect((await atlas('flows', 'suggest', '-n', 'shop')).out).toContain('name: cache-as-seen');
    const cut = await atlas('whatif', '--apply', file('cut.yaml'), '--fail-on', 'breaking');
    expect(cut).toMatchObject({
      code: 1,
      err: expect.stringContaining('tried on 3 kept flows that passed, seen since 2026-11-26T10:'),
    });
    const json = await atlas('whatif', '--apply', file('cut.yaml'), '-o', 'json');
    expect(JSON.parse(json.out)).toMatchObject({ keptFlows: { given: 3, firstSeen: T1 }, flows: [{}, {}] });
    expect(cut.out).toMatch(/cut +workload:shop\/cache +pod:shop\/api-0 +8080/);
    await rm(folder, { recursive: true });
  });

  it('are bounded: what was not seen for longest goes, and what is old goes with time', async () => {
    const flows = api.app.get(KeptFlowRepository);
    const day = 86_400_000;
    const flow = (port: number, age: number): NewKeptFlow => ({
      source: { asked: 'pod:shop/web-0', namespace: 'shop', hostNames: [] },
      destination: { asked: 'pod:shop/db-0', namespace: 'shop', hostNames: [] },
      protocol: 6,
      port,
      verdict: 'forwarded',
      arrived: true,
      reasons: ['NUL \0 and \uD800'],
      policies: [],
      count: 2_000_000_000,
      firstSeen: new Date(Date.now() - age),
      lastSeen: new Date(Date.now() - age),
    });
    const { id } = await api.seed('full', OBJECTS);
    const many = Array.from({ length: MOST_KEPT_FLOWS }, (_, at) => flow(at + 1, 20 * day - at));
    expect(await flows.keep(id, many, ['plain'])).toBe(0);
    expect(await flows.keep(id, [flow(20_000, 0), flow(10_000, 0)], ['Hubble'])).toBe(1);
    expect(await flows.span(id, WHOLE_SCOPE)).toMatchObject({ flows: MOST_KEPT_FLOWS, origins: ['Hubble', 'plain'] });
    const [, again] = (await flows.list(id, WHOLE_SCOPE, {}, firstOf(KEPT_FLOW_ORDER, 2))).sort(
      (a, b) => Number(b.port) - Number(a.port),
    );
    expect(again).toMatchObject({ port: 10_000, count: 2_147_483_647, origins: ['Hubble', 'plain'] });
    await flows.prune(30);
    expect(await flows.span(id, WHOLE_SCOPE)).toMatchObject({ flows: MOST_KEPT_FLOWS });
    await flows.prune(10);
    expect(await flows.span(id, WHOLE_SCOPE)).toMatchObject({ flows: 2 });
    expect((await flows.span(clusterId, WHOLE_SCOPE)).flows).toBeGreaterThan(0);
  });
});
