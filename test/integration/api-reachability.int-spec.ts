import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { expectDescribed, expectProblem } from './api/expect-contract.js';
import { persist, startApiUnderTest, type ApiUnderTest } from './api/api-under-test.js';
import { DB_OPENED, SHOP } from './api/shop.js';

describe('reachability over REST', () => {
  let api: ApiUnderTest;
  let clusterId: string;

  beforeAll(async () => {
    api = await startApiUnderTest();
    clusterId = (await api.seed('shop', SHOP)).id;
  });
  afterAll(async () => {
    await api.close();
  });

  const ask = (body: object) => api.request('POST', '/api/v1/reachability', { cluster: 'shop', ...body });

  it('allows what a rule allows and says which one', async () => {
    const answer = expectDescribed('canReach', await ask({ from: 'shop/web-0', to: 'shop/api-0', port: 8080 }));
    expect(answer).toMatchObject({
      verdict: 'allowed',
      reason: 'INGRESS_RULE_MATCHED',
      protocol: 'TCP',
      intended: { verdict: 'allowed' },
      enforced: { verdict: 'allowed' },
      cni: { networking: 'calico', enforced: 'yes' },
      asOf: { clusterId, cluster: 'shop', seq: 1 },
      completeness: { complete: true, incomplete: [] },
    });
    expect(answer.engineVersion).toMatch(/^\d+\.\d+\.\d+/);
    expect(answer.asOf.stalenessMs).toBeGreaterThanOrEqual(0);
    expect(answer.asOf.stalenessMs).toBeLessThan(60_000);
    const rules = answer.steps.flatMap((step) => step.rules.map((rule) => rule.label));
    expect(rules).toContain('shop/api-ingress#0');
  });

  it('denies with the near miss', async () => {
    const answer = expectDescribed('canReach', await ask({ from: 'shop/web-0', to: 'shop/api-0', port: 9090 }));
    expect(answer).toMatchObject({ verdict: 'denied', reason: 'INGRESS_NO_RULE_MATCHED' });
    const misses = answer.steps.flatMap((step) => step.nearMisses);
    expect(misses).toContainEqual(expect.objectContaining({ part: 'port' }));
  });

  it('goes through a Service by port number and by port name', async () => {
    for (const port of [80, '80', 'http']) {
      const answer = expectDescribed('canReach', await ask({ from: 'shop/web-0', to: 'service:shop/api', port }));
      expect(answer).toMatchObject({ verdict: 'allowed', flows: [{ port: 8080 }] });
    }
  });

  it('answers the same question as a link', async () => {
    const query = 'cluster=shop&from=shop%2Fweb-0&to=shop%2Fdb-0&port=5432&sourcePort=40000&method=GET&path=%2F';
    const answer = expectDescribed('canReachByQuery', await api.request('GET', `/api/v1/reachability?${query}`));
    expect(answer).toMatchObject({ verdict: 'denied', destination: { label: 'Pod shop/db-0' } });
  });

  it('tells the verdict alone, as the whole answer has it', async () => {
    const question = { from: 'shop/web-0', to: 'shop/db-0', port: 5432 };
    const whole = expectDescribed('canReach', await ask(question));
    const { verdict, reason, summary, asOf, completeness, engineVersion } = whole;
    const expected = { verdict, reason, summary, completeness, engineVersion };
    const told = { ...expected, asOf: { ...asOf, stalenessMs: expect.any(Number) } };
    const path = '/api/v1/reachability/verdict';
    const posted = await api.request('POST', path, { cluster: 'shop', ...question });
    expect(expectDescribed('reachVerdict', posted)).toEqual(told);
    const query = 'cluster=shop&from=shop%2Fweb-0&to=shop%2Fdb-0&port=5432';
    const got = await api.request('GET', `${path}?${query}`);
    expect(expectDescribed('reachVerdictByQuery', got)).toEqual(told);
    const missing = await api.request('POST', path, { cluster: 'shop', from: 'shop/none', to: 'shop/db-0' });
    expect(expectProblem(missing)).toMatchObject({ status: 404, code: 'endpoint.not_found' });
  });

  it('takes the cluster by id and every form of peer', async () => {
    for (const from of ['pod:shop/web-0', 'deployment:shop/web', 'ip:10.0.0.1', 'labels:shop/app=web', 'ns:shop']) {
      const reply = await api.request('POST', '/api/v1/reachability', { cluster: clusterId, from, to: 'shop/api-0' });
      expectDescribed('canReach', reply);
    }
  });

  it('names what is not there, with names that are close', async () => {
    const problem = expectProblem(await ask({ from: 'shop/wob-0', to: 'shop/api-0', port: 8080 }));
    expect(problem).toMatchObject({
      status: 404,
      code: 'endpoint.not_found',
      errors: [{ pointer: '/from' }],
    });
    expect(problem.near).toContain('shop/web-0');
  });

  it('names a port that a Service does not have', async () => {
    const problem = expectProblem(await ask({ from: 'shop/web-0', to: 'service:shop/api', port: 81 }));
    expect(problem).toMatchObject({ status: 404, code: 'port.not_found', errors: [{ pointer: '/port' }] });
  });

  it('answers for the newest snapshot at once, and for the one before when asked', async () => {
    const cluster = await api.seed('changing', SHOP);
    const question = { cluster: 'changing', from: 'shop/web-0', to: 'shop/db-0', port: 5432 };
    const before = await api.request('POST', '/api/v1/reachability', question);
    expect(before.json).toMatchObject({ verdict: 'denied', asOf: { seq: 1 } });

    const incomplete = { 'NetworkPolicy.networking.k8s.io': { complete: false, reason: 'forbidden by RBAC' } };
    const seq = await persist(api.snapshots, cluster.id, [DB_OPENED], incomplete);
    expect(seq).toBe(2);

    const after = expectDescribed('canReach', await api.request('POST', '/api/v1/reachability', question));
    expect(after).toMatchObject({
      asOf: { seq: 2 },
      completeness: {
        complete: false,
        incomplete: [{ kind: 'NetworkPolicy.networking.k8s.io', reason: 'forbidden by RBAC' }],
      },
    });
    const past = expectDescribed('canReach', await ask({ ...question, at: 1 }));
    expect(past).toMatchObject({ verdict: 'denied', asOf: { seq: 1 } });
    const byTime = await api.request('POST', '/api/v1/reachability', { ...question, at: past.asOf.takenAt });
    expect(byTime.json).toMatchObject({ asOf: { seq: 1 } });
  });

  it('says that a cluster without a snapshot has none yet, and that waiting may help', async () => {
    await api.clusters.create({ name: 'empty', source: { type: 'upload' } });
    const reply = await api.request('POST', '/api/v1/reachability', { cluster: 'empty', from: 'a/b', to: 'a/c' });
    expect(expectProblem(reply)).toMatchObject({ status: 404, code: 'snapshot.not_found', retryable: true });
  });
});
