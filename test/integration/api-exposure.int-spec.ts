import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { silentLog } from '#telemetry';
import { createWorker } from '../../apps/worker/src/start-worker.js';
import { startApiUnderTest, type ApiUnderTest } from './api/api-under-test.js';
import { expectDescribed, expectProblem } from './api/expect-contract.js';
import { SHOP } from './api/shop.js';

const service = (name: string, spec: object): unknown => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name, namespace: 'shop', uid: `service-${name}` },
  spec: { selector: { app: name.split('-')[0] }, ports: [{ port: 80, targetPort: 8080, nodePort: 30080 }], ...spec },
});

const OUTSIDE: readonly unknown[] = [
  ...SHOP,
  service('web-local', { type: 'LoadBalancer', externalTrafficPolicy: 'Local', externalIPs: ['203.0.113.7'] }),
  service('api-nodes', { type: 'NodePort' }),
  {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'Ingress',
    metadata: { name: 'api', namespace: 'shop', uid: 'ingress-api' },
    spec: {
      rules: [
        {
          host: 'api.example.com',
          http: {
            paths: [{ path: '/', pathType: 'Prefix', backend: { service: { name: 'api', port: { number: 80 } } } }],
          },
        },
      ],
    },
  },
  {
    apiVersion: 'gateway.networking.k8s.io/v1',
    kind: 'Gateway',
    metadata: { name: 'edge', namespace: 'shop', uid: 'gateway-edge' },
    spec: { gatewayClassName: 'any', listeners: [{ name: 'https', port: 443, protocol: 'HTTPS' }] },
    status: { addresses: [{ value: '203.0.113.9' }] },
  },
  {
    apiVersion: 'gateway.networking.k8s.io/v1',
    kind: 'HTTPRoute',
    metadata: { name: 'web', namespace: 'shop', uid: 'route-web' },
    spec: {
      parentRefs: [{ name: 'edge' }],
      hostnames: ['shop.example.com'],
      rules: [{ backendRefs: [{ name: 'web-local', port: 80 }] }],
    },
  },
];

describe('exposure, blast radius and why', () => {
  let api: ApiUnderTest;

  beforeAll(async () => {
    api = await startApiUnderTest();
    await api.seed('shop', OUTSIDE);
  });
  afterAll(async () => {
    await api.close();
  });

  it('names every way in, and what policy behind it makes of it', async () => {
    const { items } = expectDescribed(
      'listEntryPoints',
      await api.request('GET', '/api/v1/clusters/shop/entry-points'),
    );
    expect(
      items.map(({ via, object, listens, seenAs, verdict }) => [via, object.name, listens, seenAs, verdict]),
    ).toEqual([
      // The only node is api-0's own: Calico's policy sees the client there, before its address is replaced.
      ['NodePort', 'api-nodes', 'any node', 'node', 'denied'],
      ['LoadBalancer', 'web-local', 'an address that is not assigned yet', 'client', 'allowed'],
      ['NodePort', 'web-local', 'any node that runs a backend', 'client', 'allowed'],
      ['ExternalIP', 'web-local', '203.0.113.7', 'client', 'allowed'],
      // Only pods with app=web may reach the API, and no pod says that it serves Ingress objects: one that will may be one of them.
      ['Ingress', 'api', 'api.example.com/', 'proxy', 'undetermined'],
      ['Gateway', 'web', 'shop.example.com at 203.0.113.9 port 443', 'proxy', 'allowed'],
    ]);
    expect(items[0]?.backends).toEqual(['shop/api-0:8080']);
    const toDb = await api.request('GET', '/api/v1/clusters/shop/entry-points?to=shop%2Fdb-0&client=203.0.113.1');
    expect(expectDescribed('listEntryPoints', toDb).items).toEqual([]);
    const wrong = await api.request('GET', '/api/v1/clusters/shop/entry-points?client=nowhere');
    expect(expectProblem(wrong)).toMatchObject({ code: 'question.invalid', errors: [{ pointer: '/client' }] });
  });

  it('says what each workload is open to, also to pods that do not exist yet', async () => {
    const reply = await api.request('GET', '/api/v1/clusters/shop/exposure?of=namespace:shop');
    const { items, page } = expectDescribed('listExposure', reply);
    expect(page.nextCursor).toBeNull();
    expect(
      items.map(({ peer, protected: by, fromInternet, fromAnyPod }) => [
        peer.name,
        by.ingress,
        fromInternet,
        fromAnyPod,
      ]),
    ).toEqual([
      ['api-0', true, 'none', 'none'],
      ['db-0', true, 'none', 'none'],
      ['web', false, 'all', 'all'],
      ['web-0', false, 'all', 'all'],
    ]);
    expect(items[0]?.fromSelected).toEqual([{ selector: 'namespace shop and pod app=web', connections: 'TCP 8080' }]);
    const first = await api.request('GET', '/api/v1/clusters/shop/exposure?of=namespace:shop&limit=3');
    const next = /<([^>]+)>; rel="next"/.exec(first.headers.get('link') ?? '')?.[1] ?? '';
    expect(expectDescribed('listExposure', await api.request('GET', next)).items).toEqual(items.slice(3));
    const whole = await api.request('GET', '/api/v1/clusters/shop/exposure?of=namespace:shop&format=ndjson');
    expect(whole.headers.get('content-type')).toBe('application/x-ndjson; charset=utf-8');
    expect(JSON.parse(whole.headers.get('atlas-as-of') ?? '{}')).toMatchObject({ caveat: null });
    const lines = whole.text.trimEnd().split('\n');
    expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual(items);
  });

  it('walks from what is taken over, counts and weighs, and tells the path', async () => {
    const path = '/api/v1/clusters/shop/blast-radius?of=shop%2Fweb-0&hops=2&sensitive=app%3Dapi&range=172.30.0.0%2F16';
    const blast = expectDescribed('getBlastRadius', await api.request('GET', path));
    expect(blast).toMatchObject({
      direction: 'from',
      hops: 2,
      start: 'Pod shop/web-0',
      starts: 1,
      sensitive: 1,
      levers: null,
    });
    expect(blast.weight).toBe(blast.reached + 9);
    const target = blast.targets.find(({ peer }) => peer.name === 'api-0');
    expect(target).toMatchObject({ hop: 1, sensitive: true, path: ['shop/web-0', 'shop/api-0'] });
    // Nobody may reach the database, but a node always reaches the pods that run on it.
    const db = blast.targets.find(({ peer }) => peer.name === 'db-0');
    expect(db).toMatchObject({ hop: 2, path: ['shop/web-0', 'node n1', 'shop/db-0'] });
    const byName = new Map(blast.landmarks.map((landmark) => [landmark.name, landmark]));
    expect(byName.get('internet')).toMatchObject({ state: 'reachable', hop: 1, via: ['shop/web-0'] });
    expect(byName.get('172.30.0.0/16')).toMatchObject({ state: 'reachable', hop: 1, via: ['shop/web-0'] });
    const back = await api.request('GET', '/api/v1/clusters/shop/blast-radius?of=shop%2Fapi-0&direction=to&hops=all');
    const reverse = expectDescribed('getBlastRadius', back);
    expect(reverse).toMatchObject({ direction: 'to', hops: null });
    expect(reverse.targets.find(({ peer }) => peer.name === 'web-0')?.path).toEqual(['shop/web-0', 'shop/api-0']);
  });

  it('ranks the policies that would change it', async () => {
    const path = '/api/v1/clusters/shop/blast-radius?of=shop%2Fweb-0&levers=true';
    const { levers, reached } = expectDescribed('getBlastRadius', await api.request('GET', path));
    expect(levers?.levers.map(({ title, difference }) => [title, difference])).toContainEqual([
      'remove NetworkPolicy shop/db-deny',
      1,
    ]);
    const [first] = levers?.levers ?? [];
    expect(first?.title).toBe('add a default deny for egress from shop');
    expect(first?.difference).toBeLessThan(0);
    expect((first?.reached ?? 0) - (first?.difference ?? 0)).toBe(reached);
  });

  it('tries all of them as a job, which tells how far it is', async () => {
    const worker = await createWorker(api.config, silentLog);
    try {
      const path = '/api/v1/clusters/shop/blast-radius/levers';
      const wait = { prefer: 'wait=20' };
      const reply = await api.request('POST', path, { of: 'shop/web-0' }, wait);
      const { id, result } = reply.json as { id: string; result: string };
      const report = expectDescribed('getPolicyLevers', await api.request('GET', result));
      const soon = await api.request('GET', '/api/v1/clusters/shop/blast-radius?of=shop%2Fweb-0&levers=true');
      expect(report).toMatchObject({
        id,
        of: 'shop/web-0',
        hops: 1,
        ...expectDescribed('getBlastRadius', soon).levers,
      });
      const told = await api.request('GET', `/api/v1/jobs/${id}/events`);
      expect(told.text).toContain(`"phase":"trying","total":${String(report.candidates)}`);
      expect(told.text).toContain('event: done');
      const start = 'mutation { tryPolicyLevers(input: {cluster: "shop", of: "shop/web-0"}) { job { name state } } }';
      expect((await api.graphql(start)).json).toMatchObject({
        data: { tryPolicyLevers: { job: { name: 'LEVERS_TRY' } } },
      });
      const read =
        'query ($job: String!) { policyLevers(cluster: "shop", job: $job) { tried levers { title difference } } }';
      const [first] = report.levers;
      expect((await api.graphql(read, { job: id })).json).toMatchObject({
        data: {
          policyLevers: {
            tried: report.tried,
            levers: expect.arrayContaining([{ title: first?.title, difference: first?.difference }]),
          },
        },
      });
      expectProblem(await api.request('GET', `/api/v1/clusters/shop/policy-levers/${api.config.app}`));
      const nobody = await api.request('POST', path, { of: 'shop/nobody' });
      expect(expectProblem(nobody)).toMatchObject({ status: 404, code: 'endpoint.not_found' });
    } finally {
      await worker.close();
    }
  });

  it('says why, with a fix and what the fix would open', async () => {
    const question = { cluster: 'shop', from: 'shop/web-0', to: 'shop/db-0', port: 5432 };
    const why = expectDescribed('why', await api.request('POST', '/api/v1/why', question));
    expect(why).toMatchObject({
      verdict: 'denied',
      fixes: [{ action: 'apply', prediction: { opened: 2, closed: 0 } }],
    });
    expect(why.fixes[0]?.manifest).toContain('kind: NetworkPolicy');
    expect(why.fixes[0]?.prediction?.opens.join()).toContain('TCP 5432');
    const link = '/api/v1/why?cluster=shop&from=shop%2Fweb-0&to=shop%2Fdb-0&port=5432';
    const svg = await api.request('GET', `${link}&format=svg`);
    expect(svg.text).toMatch(/^<svg [^]*denied: Pod shop\/web-0 → Pod shop\/db-0 on TCP 5432/);
    expect((await api.request('GET', `${link}&format=mermaid`)).text).toContain('shop/db-deny');
  });

  it('answers the same over GraphQL', async () => {
    const reply = await api.graphql(`{
      entryPoints(input: { cluster: "shop", to: "shop/api-0" }) { items { via verdict backends object { name } } }
      exposure(input: { cluster: "shop", of: "shop/db-0" }) { edges { node { peer { name } protected { ingress egress } } } }
      blastRadius(input: { cluster: "shop", of: "shop/web-0", hops: 1 }) { reached landmarks { name state } targets { hop path } }
      why(input: { cluster: "shop", from: "shop/web-0", to: "shop/db-0", port: 5432 }) {
        answer { verdict } fixes { title prediction { opened closed } } svg
      }
    }`);
    expect(reply.json).toMatchObject({
      data: {
        entryPoints: {
          items: [
            { via: 'NodePort', verdict: 'DENIED', object: { name: 'api-nodes' } },
            { via: 'Ingress', verdict: 'UNDETERMINED', object: { name: 'api' } },
          ],
        },
        exposure: { edges: [{ node: { peer: { name: 'db-0' }, protected: { ingress: true, egress: false } } }] },
        why: { answer: { verdict: 'DENIED' }, fixes: [{ prediction: { opened: 2, closed: 0 } }] },
      },
    });
  });
});
