import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { INestApplicationContext } from '@nestjs/common';
import { createWorker } from '../../apps/worker/src/start-worker.js';
import { silentLog } from '#telemetry';
import type { Daemon } from '../support/monitoring/daemon.js';
import { startAlertmanager, startNodeExporter, startPrometheus } from '../support/monitoring/monitoring.js';
import { persist, startApiUnderTest, type ApiUnderTest } from './api/api-under-test.js';
import { expectDescribed } from './api/expect-contract.js';
import { SHOP } from './api/shop.js';
import { untilWithin } from './api/until.js';

interface RunBody {
  readonly id: string;
  readonly result: string;
  readonly answer: string;
  readonly steps: readonly {
    readonly id: string;
    readonly outcome: string;
    readonly found: string;
    readonly source: string;
  }[];
  readonly fix: { readonly title: string; readonly manifest: string } | null;
}

const until = untilWithin(25_000);

describe('runbooks', () => {
  let api: ApiUnderTest;
  let clusterId: string;
  const RUNS = '/api/v1/clusters/shop/runbook-runs';
  const run = (body: unknown) => api.request('POST', RUNS, body);

  beforeAll(async () => {
    api = await startApiUnderTest();
    clusterId = (await api.seed('shop', SHOP)).id;
  });
  afterAll(() => api.close());

  it('are listed with what each needs, and told one by one', async () => {
    const list = await api.request('GET', '/api/v1/runbooks');
    expectDescribed('listRunbooks', list);
    const { items } = list.json as { items: { id: string; needs: string[] }[] };
    expect(items.map(({ id }) => id)).toContain('conntrack-saturation');
    const one = await api.request('GET', '/api/v1/runbooks/service-unreachable');
    expectDescribed('getRunbook', one);
    expect(one.json).toMatchObject({ number: 'RB-1', needs: ['from', 'to'] });
    expect(await api.request('GET', '/api/v1/runbooks/nope')).toMatchObject({
      status: 404,
      json: {
        code: 'not_found',
        detail: expect.stringContaining('there is no runbook `nope`, there are service-unreachable'),
      },
    });
  });

  it('run on a cluster, and what they found is kept', async () => {
    const reply = await run({ runbook: 'policies-without-effect' });
    expectDescribed('runRunbook', reply);
    const body = reply.json as RunBody;
    expect(reply.headers.get('location')).toBe(`/api/v1/clusters/${clusterId}/runbook-runs/${body.id}`);
    const stored = await api.request('GET', reply.headers.get('location') as string);
    expectDescribed('getRunbookRun', stored);
    expect(stored.json).toMatchObject({ id: body.id, answer: body.answer, steps: body.steps, snapshotSeq: 1 });
    const list = await api.request('GET', `${RUNS}?runbook=policies-without-effect&limit=1`);
    expectDescribed('listRunbookRuns', list);
    expect(list.json).toMatchObject({ items: [{ id: body.id, result: body.result }] });
    expect(await api.request('GET', `${RUNS}/11111111-2222-3333-4444-555555555555`)).toMatchObject({ status: 404 });
  });

  it('look at manifests before anybody applies them, by REST and GraphQL alike', async () => {
    const policy = {
      apiVersion: 'networking.k8s.io/v1',
      kind: 'NetworkPolicy',
      metadata: { name: 'x', namespace: 'shop' },
    };
    const manifests = JSON.stringify({ ...policy, spec: { podSelector: {}, policyTypes: ['Ingress'] } });
    const { json } = await run({ runbook: 'before-applying', manifests });
    const answer = expect.stringMatching(/^safe to apply.*: it opens 0 pairs and closes \d+ pairs$/);
    expect(json).toMatchObject({ number: 'RB-7', result: 'not-the-cause', answer });
    // A namespace that is only named stays as it is in the cluster, with its labels.
    expect((json as RunBody).steps.find((step) => step.id === 'readable')?.found).toBe('1 object');
    const mutation = `mutation($input: RunRunbookInput!) { runRunbook(input: $input) { ... on RunbookRun { answer } } }`;
    const asked = await api.graphql(mutation, { input: { cluster: 'shop', runbook: 'before-applying', manifests } });
    expect(asked.json).toMatchObject({ data: { runRunbook: { answer } } });
    const broken = await run({
      runbook: 'before-applying',
      manifests: JSON.stringify({ ...policy, spec: {}, metadata: { name: 'x', labels: { a: 1 } } }),
    });
    expect(broken.json).toMatchObject({
      result: 'cause-found',
      answer: expect.stringMatching(/^it cannot be applied/),
    });
    expect(await run({ runbook: 'before-applying' })).toMatchObject({ status: 400 });
  });

  it('find the change that did it', async () => {
    const id = (await api.seed('history', SHOP)).id;
    const deny = {
      apiVersion: 'networking.k8s.io/v1',
      kind: 'NetworkPolicy',
      metadata: { namespace: 'shop', name: 'new-deny' },
      spec: { podSelector: {}, policyTypes: ['Egress'] },
    };
    await persist(api.snapshots, id, [deny]);
    const reply = await api.request('POST', `/api/v1/clusters/${id}/runbook-runs`, {
      runbook: 'service-unreachable',
      from: 'shop/web',
      to: '203.0.113.9',
      port: 443,
      all: true,
    });
    const { steps, result } = reply.json as RunBody;
    expect(result).toBe('cause-found');
    expect(steps.find((step) => step.id === 'what-changed')?.found).toMatch(
      /^it changed with snapshot 2 at .*NetworkPolicy shop\/new-deny added$/,
    );
  });

  it.each([
    [{ runbook: 'service-unreachable', from: 'shop/web' }, 'question.invalid', '/to'],
    [{ runbook: 'service-unreachable', from: '::::', to: 'shop/api' }, 'question.invalid', '/from'],
    [{ runbook: 'conntrack-saturation', namespace: 'shop' }, 'question.invalid', '/namespace'],
    [{ runbook: 'service-unreachable', from: 'a/b', to: 'a/c', protocol: 'TPC' }, 'question.invalid', '/protocol'],
    [{ runbook: 'conntrack-saturation', extra: 1 }, 'request.invalid', '/extra'],
  ])('refuse %j', async (body, code, pointer) => {
    expect(await run(body)).toMatchObject({ status: 400, json: { code, errors: [{ pointer }] } });
  });

  it('run by GraphQL, where an absent cluster is an outcome', async () => {
    const query = `mutation($input: RunRunbookInput!) { runRunbook(input: $input) { __typename
      ... on RunbookRun { result answer steps { id outcome } } ... on ClusterNotFound { message } } }`;
    const input = { cluster: 'shop', runbook: 'unexpected-internet-egress', namespace: 'shop' };
    const found = await api.graphql(query, { input });
    expect(found.json).toMatchObject({ data: { runRunbook: { __typename: 'RunbookRun', result: 'CAUSE_FOUND' } } });
    const absent = await api.graphql(query, { input: { ...input, cluster: 'nope' } });
    expect(absent.json).toMatchObject({ data: { runRunbook: { __typename: 'ClusterNotFound' } } });
    const pages = `query($last: Int, $result: RunResult) { runbookRuns(cluster: "shop", last: $last, result: $result) {
      edges { node { id runbook result answer snapshotSeq input } } pageInfo { hasPreviousPage } } }`;
    const ran = (await api.graphql(pages, { result: 'CAUSE_FOUND' })).json as {
      data: { runbookRuns: { edges: { node: { id: string; runbook: string; result: string } }[] } };
    };
    const [newest] = ran.data.runbookRuns.edges;
    expect(newest?.node).toMatchObject({ runbook: input.runbook, result: 'CAUSE_FOUND', snapshotSeq: 1 });
    expect((await api.graphql(pages, { last: 1 })).json).toMatchObject({
      data: { runbookRuns: { edges: [{}], pageInfo: { hasPreviousPage: true } } },
    });
    const one = `query($id: ID!) { runbookRun(cluster: "shop", id: $id) { id title steps { outcome } fix { title } } }`;
    expect((await api.graphql(one, { id: newest?.node.id })).json).toMatchObject({
      data: { runbookRun: { id: newest?.node.id, steps: expect.arrayContaining([{ outcome: 'FAIL' }]) } },
    });
    for (const id of ['nope', '00000000-0000-4000-8000-000000000000'])
      expect((await api.graphql(one, { id })).json).toEqual({ data: { runbookRun: null } });
    const list = await api.graphql('{ runbooks { id number needs steps { id source } } }');
    expect(list.json).toMatchObject({
      data: { runbooks: expect.arrayContaining([expect.objectContaining({ id: 'conntrack-saturation', needs: [] })]) },
    });
  });

  describe('with a real Prometheus that reads this machine', () => {
    let exporter: Daemon;
    let prometheus: Daemon;
    const SOURCE = '/api/v1/clusters/shop/metrics-source';

    beforeAll(async () => {
      exporter = await startNodeExporter();
      prometheus = await startPrometheus(exporter.url.replace('http://', ''));
    });
    afterAll(async () => {
      await prometheus.stop();
      await exporter.stop();
    });

    it('say that no source is set, then that it does not answer, then what it tells', async () => {
      const before = (await run({ runbook: 'conntrack-saturation' })).json as RunBody;
      expect(before.result).toBe('undetermined');
      expect(before.steps[1]).toMatchObject({
        outcome: 'skip',
        found:
          'no metrics source is set for this cluster: `PUT` one to its `metrics-source`, or give `--prometheus` with a folder',
      });

      const away = await api.request('PUT', SOURCE, { url: 'http://127.0.0.1:1', token: 'planted-secret' });
      expectDescribed('setMetricsSource', away);
      expect(away.json).toMatchObject({ hasCredentials: true, problem: expect.stringContaining('connection refused') });
      expect(away.text).not.toContain('planted-secret');

      const set = await api.request('PUT', SOURCE, { url: prometheus.url });
      expect(set.json).toMatchObject({ url: prometheus.url, hasCredentials: false, problem: '' });
      const fill = await until(async () => {
        const body = (await run({ runbook: 'conntrack-saturation', all: true })).json as RunBody;
        const step = body.steps.find(({ id }) => id === 'conntrack-fill');
        return step?.outcome === 'skip' ? null : (step ?? null);
      });
      expect(fill).toMatchObject({ outcome: 'pass', found: expect.stringMatching(/% at most, on 127\.0\.0\.1:\d+$/) });
      expect(fill.source).toBe(
        `${prometheus.url}: max_over_time(node_nf_conntrack_entries[30m]) / node_nf_conntrack_entries_limit`,
      );

      expect((await api.request('DELETE', SOURCE)).status).toBe(204);
      expect((await api.request('GET', SOURCE)).status).toBe(404);
    });

    it.each([
      [{ url: 'ftp://x' }, '/url'],
      [{ url: 'http://u:p@x' }, '/url'],
      [{ url: 'http://x', cert: 'c' }, '/cert'],
      [{ url: 'http://x', token: 't', basic: { user: 'u', password: 'p' } }, '/basic'],
      [{ url: 'http://x', tenant: 'a b' }, '/tenant'],
    ])('refuse the source %j', async (body, pointer) => {
      expect(await api.request('PUT', SOURCE, body)).toMatchObject({ status: 400, json: { errors: [{ pointer }] } });
    });
  });

  describe('with alerts', () => {
    let worker: INestApplicationContext;
    const WEBHOOK = '/api/v1/alerts/alertmanager';

    beforeAll(async () => {
      worker = await createWorker({ ...api.config, app: 'worker' }, silentLog);
    });
    afterAll(() => worker.close());

    const alert = (labels: Record<string, string>, more: Record<string, unknown> = {}) => ({
      status: 'firing',
      labels,
      annotations: {},
      startsAt: '2026-11-26T03:00:00Z',
      endsAt: '0001-01-01T00:00:00Z',
      fingerprint: JSON.stringify(labels),
      ...more,
    });
    const message = (...alerts: unknown[]) => ({
      version: '4',
      groupKey: '{}',
      status: 'firing',
      receiver: 'atlas',
      groupLabels: {},
      commonLabels: {},
      commonAnnotations: {},
      externalURL: 'http://alertmanager',
      truncatedAlerts: 0,
      alerts,
    });
    const finished = (runbook: string) =>
      until(async () => {
        const list = await api.request('GET', `${RUNS}?runbook=${runbook}`);
        const { items } = list.json as { items: { input: Record<string, unknown>; answer: string }[] };
        return items.find(({ input }) => input['node'] === 'worker-1') ?? null;
      });

    it('each runs its runbook once, however often it is told', async () => {
      const full = alert({ alertname: 'ConntrackNearlyFull', cluster: 'shop', instance: 'worker-1:9100' });
      const first = await api.request('POST', WEBHOOK, message(full));
      expectDescribed('receiveAlerts', first);
      expect(first.json).toMatchObject({ received: 1, fresh: 1, repeated: 0, left: [] });
      const again = await api.request('POST', WEBHOOK, message(full, full));
      expect(again.json).toMatchObject({ received: 2, fresh: 0, repeated: 1, jobs: [] });
      expect(await finished('conntrack-saturation')).toMatchObject({ input: { node: 'worker-1' } });
    });

    it('share a run when they ask the same, and say why none is run', async () => {
      const reply = await api.request(
        'POST',
        `${WEBHOOK}?cluster=shop`,
        message(
          alert({ alertname: 'DNSResolutionFailures', namespace: 'payments', pod: 'a' }),
          alert({ alertname: 'DNSResolutionFailures', namespace: 'payments', pod: 'b' }),
          alert({ alertname: 'Watchdog' }),
          alert({ alertname: 'CiliumMapPressure', cluster: 'nope' }),
          alert({ alertname: 'ServiceUnreachable', from: 'shop/web' }),
        ),
      );
      expect(reply.json).toMatchObject({
        received: 5,
        fresh: 2,
        jobs: [expect.any(String)],
        left: [
          {
            name: 'Watchdog',
            reason: 'no runbook is meant for it: give it the annotation `runbook_url` or the label `runbook`',
          },
          { name: 'CiliumMapPressure', reason: 'there is no cluster `nope`' },
          { name: 'ServiceUnreachable', reason: '`/to`: runbook `service-unreachable` needs it, give it' },
        ],
      });
    });

    it('are refused in another version', async () => {
      expect(await api.request('POST', WEBHOOK, { ...message(), version: '3' })).toMatchObject({
        status: 400,
        json: {
          errors: [{ pointer: '/version', detail: 'must be `4`, the payload version of Alertmanager’s webhook' }],
        },
      });
    });

    it('lose none and double none, ten thousand in a minute', async () => {
      const many = Array.from({ length: 10_000 }, (_, i) =>
        alert({ alertname: 'ConntrackDropping', cluster: 'shop', node: `n${String(i % 20)}`, pod: String(i) }),
      );
      const posts: Promise<unknown>[] = [];
      for (let from = 0; from < many.length; from += 500) {
        // Each group is told twice, by two Alertmanagers at once.
        const body = message(...many.slice(from, from + 500));
        posts.push(api.request('POST', WEBHOOK, body), api.request('POST', WEBHOOK, body));
      }
      const replies = (await Promise.all(posts)) as { status: number; json: { fresh: number; repeated: number } }[];
      expect(replies.map(({ status }) => status)).toEqual(replies.map(() => 200));
      expect(replies.reduce((sum, { json }) => sum + json.fresh, 0)).toBe(10_000);
      expect(replies.reduce((sum, { json }) => sum + json.repeated, 0)).toBe(10_000);
      const { rows } = await api.database.database.query<{ total: number; idle: number }>(
        `SELECT count(*)::int AS total, count(*) FILTER (WHERE job_id IS NULL)::int AS idle FROM alert WHERE name = 'ConntrackDropping'`,
      );
      expect(rows[0]).toEqual({ total: 10_000, idle: 0 });
    }, 60_000);

    it('come from a real Alertmanager, by the link in their annotation', async () => {
      const alertmanager = await startAlertmanager(`${api.url}${WEBHOOK}?cluster=shop`);
      try {
        const posted = await fetch(`${alertmanager.url}/api/v2/alerts`, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify([
            {
              labels: { alertname: 'Whatever', namespace: 'payments' },
              annotations: { runbook_url: `${api.url}/api/v1/runbooks/namespace-lost-connectivity` },
            },
          ]),
        });
        expect(posted.status).toBe(200);
        const found = await until(async () => {
          const list = await api.request('GET', `${RUNS}?runbook=namespace-lost-connectivity`);
          const { items } = list.json as { items: { input: unknown }[] };
          return items[0] ?? null;
        });
        expect(found.input).toEqual({ namespace: 'payments' });
      } finally {
        await alertmanager.stop();
      }
    });
  });
});
