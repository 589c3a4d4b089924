import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { INestApplicationContext } from '@nestjs/common';
import { Access, ANONYMOUS, runWithAccess } from '#access';
import { AuditTrend } from '#analysis';
import { auditTrendInput, parseInput } from '#contracts';
import { silentLog } from '#telemetry';
import { runOnTerminal } from '../../apps/cli/src/testing/run-on-terminal.js';
import { createWorker } from '../../apps/worker/src/start-worker.js';
import type { AuditBody, AuditTrendBody, FindingListBody } from '../../apps/api/src/audits/audits.mapper.js';
import { persist, startApiUnderTest, type ApiUnderTest, type Reply } from './api/api-under-test.js';
import { expectDescribed } from './api/expect-contract.js';

const namespace = (name: string): unknown => ({
  apiVersion: 'v1',
  kind: 'Namespace',
  metadata: { name, labels: { 'kubernetes.io/metadata.name': name } },
});
const pod = (ns: string, name: string, ip: string): unknown => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace: ns, labels: { app: name } },
  spec: { containers: [{ name: 'main', image: 'example/main:1', ports: [{ containerPort: 8080 }] }] },
  status: { phase: 'Running', podIP: ip, podIPs: [{ ip }] },
});
const deny = (ns: string, ...policyTypes: string[]): unknown => ({
  apiVersion: 'networking.k8s.io/v1',
  kind: 'NetworkPolicy',
  metadata: { name: 'default-deny', namespace: ns },
  spec: { podSelector: {}, policyTypes },
});
const OPEN = [namespace('shop'), namespace('pay'), pod('shop', 'web', '10.0.0.1'), pod('pay', 'api', '10.0.0.2')];
const CHECKS = ['default-deny-ingress-missing', 'namespace-without-policy'];
const IN_A_DAY = new Date(Date.now() + 86_400_000).toISOString();

describe('audits over REST and GraphQL', () => {
  let api: ApiUnderTest;
  let worker: INestApplicationContext;
  let clusterId: string;

  beforeAll(async () => {
    api = await startApiUnderTest();
    worker = await createWorker({ ...api.config, app: 'worker' }, silentLog);
    clusterId = (await api.seed('shop', OPEN)).id;
  });
  afterAll(async () => {
    await worker.close();
    await api.close();
  });

  const audit = async (body: unknown = { clusters: ['shop'], checks: CHECKS }): Promise<string> => {
    const reply = await api.request('POST', '/api/v1/audits', body, { prefer: 'wait=30' });
    expect(reply).toMatchObject({ status: 200, json: { name: 'audit.run', state: 'succeeded' } });
    expect(reply.headers.get('preference-applied')).toBe('wait=30');
    return (reply.json as { id: string }).id;
  };
  const atlas = (...args: readonly string[]) => runOnTerminal(['audit', ...args, '--server', api.url]);
  const report = async (id: string): Promise<AuditBody> => {
    const reply = await api.request('GET', `/api/v1/audits/${id}`);
    return expectDescribed('getAudit', reply);
  };
  const findings = async (id: string, query = ''): Promise<FindingListBody> => {
    const reply = await api.request('GET', `/api/v1/audits/${id}/findings?${query}`);
    return expectDescribed('listFindings', reply);
  };
  const at = (list: FindingListBody): string[] =>
    list.items.map(({ check, object }) => `${check} ${object?.name ?? ''}`);

  it('tell what was found, with proof and fix, and the state it is about', async () => {
    const id = await audit();
    const first = await report(id);
    expect(first).toMatchObject({
      id,
      number: 1,
      asOf: { cluster: 'shop', seq: 1 },
      completeness: { complete: true },
      outcomes: { fail: 2, pass: 0, skip: 0 },
      severities: { critical: 0, high: 4 },
      suppressed: 0,
      added: 4,
      resolved: 0,
      score: 0,
    });
    expect(first.checks.map(({ check, number, findings: count }) => [check, number, count])).toEqual([
      ['namespace-without-policy', 'COV-01', 2],
      ['default-deny-ingress-missing', 'COV-02', 2],
    ]);
    const all = await findings(id);
    expect(at(all)).toEqual([
      'default-deny-ingress-missing pay',
      'default-deny-ingress-missing shop',
      'namespace-without-policy pay',
      'namespace-without-policy shop',
    ]);
    expect(all.items[0]).toMatchObject({
      counterexample: { intended: 'allow' },
      fix: { action: 'apply', manifest: expect.stringContaining('kind: NetworkPolicy') },
      firstNumber: 1,
      suppression: null,
      redacted: false,
    });
    const one = await api.request('GET', `/api/v1/audits/${id}/findings/${all.items[0]?.fingerprint ?? ''}`);
    const { prediction } = expectDescribed('getFinding', one);
    expect(prediction?.closed).toBeGreaterThan(0);
    expect(prediction?.opened).toBe(0);
  });

  it('page and filter findings', async () => {
    const id = await audit();
    const first = await findings(id, 'limit=3');
    const rest = await findings(id, `limit=3&cursor=${first.page.nextCursor ?? ''}`);
    expect(at(first)).toHaveLength(3);
    expect(at(rest)).toEqual(['namespace-without-policy shop']);
    expect(rest.page.nextCursor).toBeNull();
    expect(at(await findings(id, 'namespace=pay&check=namespace-without-policy'))).toEqual([
      'namespace-without-policy pay',
    ]);
    expect(at(await findings(id, 'severity=critical&severity=low'))).toEqual([]);
    expect(at(await findings(id, 'framework=Kubescape&namespace=pay'))).toContain('namespace-without-policy pay');
    const wrong = await api.request('GET', `/api/v1/audits/${id}/findings?framework=X`);
    expect(wrong).toMatchObject({
      status: 400,
      json: { code: 'request.invalid', errors: [{ pointer: '/framework' }] },
    });
    const other = await api.request(
      'GET',
      `/api/v1/audits/${id}/findings?state=new&cursor=${first.page.nextCursor ?? ''}`,
    );
    expect(other).toMatchObject({ status: 400, json: { code: 'cursor.invalid' } });
  });

  it('tell what is new since the last run and what was resolved, and store nothing twice', async () => {
    const before = await report(await audit());
    const rows = async (): Promise<number> =>
      (await api.database.database.query('SELECT 1 FROM audit_finding')).rowCount ?? 0;
    const stored = await rows();
    const again = await report(await audit());
    expect(again).toMatchObject({ number: before.number + 1, added: 0, resolved: 0 });
    expect(await rows()).toBe(stored);

    await persist(api.snapshots, clusterId, [
      ...OPEN,
      deny('pay', 'Ingress'),
      namespace('new'),
      pod('new', 'x', '10.0.0.3'),
    ]);
    const id = await audit();
    expect(await report(id)).toMatchObject({ added: 2, resolved: 2, asOf: { seq: 2 } });
    expect(at(await findings(id, 'state=new'))).toEqual([
      'default-deny-ingress-missing new',
      'namespace-without-policy new',
    ]);
    expect(at(await findings(id, 'state=resolved'))).toEqual([
      'default-deny-ingress-missing pay',
      'namespace-without-policy pay',
    ]);
    // An earlier report still says what it said.
    expect(at(await findings(before.id))).toHaveLength(4);
  });

  it('neither find nor resolve what a run did not look at', async () => {
    const full = await report(await audit());
    const part = await audit({ clusters: ['shop'], checks: ['namespace-without-policy'] });
    expect(at(await findings(part))).toEqual(['namespace-without-policy new', 'namespace-without-policy shop']);
    expect(await report(part)).toMatchObject({ added: 0, resolved: 0 });
    expect(await report(await audit())).toMatchObject({ added: 0, severities: full.severities });
  });

  it('leave out what is suppressed, until that ends', async () => {
    const id = await audit();
    const target = (await findings(id, 'check=namespace-without-policy&namespace=shop')).items[0];
    const body = {
      cluster: 'shop',
      fingerprint: target?.fingerprint,
      owner: 'team-shop',
      reason: 'moves to the new cluster this week',
      expiresAt: IN_A_DAY,
    };
    const added = expectDescribed('addSuppression', await api.request('POST', '/api/v1/suppressions', body));
    expect(added).toMatchObject({ clusterId, owner: 'team-shop', check: null, expiresAt: IN_A_DAY });
    expect(at(await findings(id, 'check=namespace-without-policy'))).toEqual(['namespace-without-policy new']);
    expect(await findings(id, 'suppressed=only')).toMatchObject({ items: [{ suppression: { owner: 'team-shop' } }] });
    expect(await report(id)).toMatchObject({ suppressed: 1 });
    const listed = await api.request('GET', '/api/v1/suppressions?cluster=shop');
    expect(expectDescribed('listSuppressions', listed).items).toHaveLength(1);

    // Time passes: the finding is back without anybody doing anything.
    await api.database.database.query(`UPDATE finding_suppression SET expires_at = now() - interval '1 s'`);
    expect(at(await findings(id, 'check=namespace-without-policy'))).toHaveLength(2);
    expect((await api.request('GET', '/api/v1/suppressions')).json).toMatchObject({ items: [] });
    expect((await api.request('GET', '/api/v1/suppressions?expired=include')).json).toMatchObject({ items: [{}] });
    expectDescribed('removeSuppression', await api.request('DELETE', `/api/v1/suppressions/${added.id}`));
    expect(await api.request('DELETE', `/api/v1/suppressions/${added.id}`)).toMatchObject({ status: 404 });
  });

  it('refuse a suppression without an owner, a reason or an end', async () => {
    const wrong = (patch: object): Promise<Reply> =>
      api.request('POST', '/api/v1/suppressions', {
        check: 'namespace-without-policy',
        owner: 'me',
        reason: 'a good reason indeed',
        expiresAt: IN_A_DAY,
        ...patch,
      });
    for (const [patch, pointer] of [
      [{ owner: '' }, '/owner'],
      [{ reason: 'no' }, '/reason'],
      [{ expiresAt: '2020-01-01T00:00:00Z' }, '/expiresAt'],
      [{ expiresAt: '2999-01-01T00:00:00Z' }, '/expiresAt'],
      [{ check: 'no-such-check' }, '/checks'],
      [{ fingerprint: 'abcdefgh' }, ''],
    ] as const) {
      expect(await wrong(patch)).toMatchObject({ status: 400, json: { errors: [{ pointer }] } });
    }
  });

  it('score namespaces and frameworks', async () => {
    const id = await audit();
    const scores = expectDescribed('getAuditScores', await api.request('GET', `/api/v1/audits/${id}/scores`));
    expect(scores.namespaces.map((one) => [one.namespace, one.score])).toEqual([
      ['new', 0],
      ['pay', 100],
      ['shop', 0],
    ]);
    const cis = scores.frameworks.find(({ framework }) => framework === 'CIS Kubernetes Benchmark');
    expect(cis?.controls.find(({ control }) => control === 'CIS-5.3.2')).toMatchObject({
      status: 'gaps',
      failed: ['namespace-without-policy', 'default-deny-ingress-missing'],
    });
    expect(cis?.controls.find(({ control }) => control === 'CIS-5.3.1')).toMatchObject({ status: 'needs-a-person' });
  });

  it('run for many clusters as one flow, and are its trend when listed', async () => {
    await api.seed('other', OPEN);
    const reply = await api.request('POST', '/api/v1/audits', { checks: CHECKS }, { prefer: 'wait=30' });
    expect(reply).toMatchObject({
      status: 200,
      json: { isFlow: true, state: 'succeeded', progress: { done: 2, total: 2 } },
    });
    const list = expectDescribed('listAudits', await api.request('GET', '/api/v1/audits?cluster=other'));
    expect(list.items.map(({ number, asOf }) => [asOf.cluster, number])).toEqual([['other', 1]]);
    const latest = expectDescribed('getLatestAudit', await api.request('GET', '/api/v1/clusters/other/audit'));
    expect(latest.id).toBe(list.items[0]?.id);
    const first = await api.request('GET', '/api/v1/audits?limit=1');
    expect(first.headers.get('link')).toContain('rel="next"');
  });

  describe('as a trend', () => {
    const trend = async (query = ''): Promise<AuditTrendBody> =>
      expectDescribed('getAuditTrend', await api.request('GET', `/api/v1/clusters/moving/audit-trend?${query}`));
    const told = ({ items }: AuditTrendBody) =>
      items.map(({ number, overall, namespaces }) => [
        number,
        overall.score,
        namespaces.map((one) => [one.namespace, one.score, one.findings.high, one.added, one.resolved]),
      ]);
    const BEFORE = [1, 0, [['pay', 0, 2, 2, 0], ['shop', 0, 2, 2, 0]]]; // prettier-ignore
    const AFTER = [2, 0, [['new', 0, 2, 2, 0], ['pay', 100, 0, 0, 2], ['shop', 0, 2, 0, 0]]]; // prettier-ignore

    beforeAll(async () => {
      const { id } = await api.seed('moving', OPEN);
      await audit({ clusters: ['moving'], checks: CHECKS });
      await persist(api.snapshots, id, [
        ...OPEN,
        deny('pay', 'Ingress'),
        namespace('new'),
        pod('new', 'x', '10.0.0.3'),
      ]);
      await audit({ clusters: ['moving'], checks: CHECKS });
    });

    it('tell each audit, namespace and framework, the newest first', async () => {
      const all = await trend();
      expect(told(all)).toEqual([AFTER, BEFORE]);
      expect(all.items[0]).toMatchObject({
        asOf: { cluster: 'moving', seq: 2 },
        overall: { failed: 2, passed: 0, open: 0, findings: { high: 4 }, added: 2, resolved: 2 },
      });
      const of = (framework: string): unknown => all.items[0]?.frameworks.find((one) => one.framework === framework);
      expect(of('CIS Kubernetes Benchmark')).toMatchObject({ score: 0, findings: { high: 4 }, added: 2, resolved: 2 });
    });

    it('keep what is named, page by page', async () => {
      const first = await trend('namespace=pay&framework=Kubescape&limit=1');
      expect(told(first)).toEqual([[2, 0, [['pay', 100, 0, 0, 2]]]]);
      expect(first.items[0]?.frameworks.map(({ framework }) => framework)).toEqual(['Kubescape']);
      const rest = await trend(`namespace=pay&namespace=shop&limit=1&cursor=${first.page.nextCursor ?? ''}`);
      expect(told(rest)).toEqual([BEFORE]);
      expect(rest.page.nextCursor).toBeNull();
      const wrong = await api.request('GET', '/api/v1/clusters/moving/audit-trend?framework=X');
      expect(wrong).toMatchObject({ status: 400, json: { errors: [{ pointer: '/framework' }] } });
      const none = await api.request('GET', '/api/v1/clusters/none/audit-trend');
      expect(none).toMatchObject({ status: 404, json: { code: 'cluster.not_found' } });
    });

    it('tell a caller its own namespaces alone', async () => {
      const scope = { clusters: { names: ['moving'], labels: null }, namespaces: { names: ['pay'], labels: null } };
      const access = new Access(ANONYMOUS, 'audit.read', [{ role: 'viewer', ...scope }]);
      const page = await runWithAccess(access, () =>
        api.app.get(AuditTrend).of('moving', parseInput(auditTrendInput, {})),
      );
      expect(page.items.map(({ number, overall, namespaces }) => [number, overall.findings.high, namespaces])).toEqual([
        [2, 0, [expect.objectContaining({ namespace: 'pay', score: 100, added: 0, resolved: 2 })]],
        [1, 2, [expect.objectContaining({ namespace: 'pay', score: 0, added: 2, resolved: 0 })]],
      ]);
    });

    it('tell the same over GraphQL and by the command line', async () => {
      const answer = await api.graphql(
        `{ auditTrend(cluster: "moving", namespace: ["pay"], framework: ["Kubescape"], first: 1) {
             edges { node { number asOf { seq } overall { score added resolved findings { high } }
               namespaces { namespace score resolved } frameworks { framework } } }
             pageInfo { hasNextPage } } }`,
      );
      expect(answer.json).toEqual({
        data: {
          auditTrend: {
            edges: [
              {
                node: {
                  number: 2,
                  asOf: { seq: 2 },
                  overall: { score: 0, added: 2, resolved: 2, findings: { high: 4 } },
                  namespaces: [{ namespace: 'pay', score: 100, resolved: 2 }],
                  frameworks: [{ framework: 'Kubescape' }],
                },
              },
            ],
            pageInfo: { hasNextPage: true },
          },
        },
      });
      const args = ['trend', '--cluster', 'moving', '-n', 'pay', '--framework', 'Kubescape', '--limit', '1'];
      const shown = await atlas(...args);
      expect(shown).toMatchObject({ code: 0, err: 'there is more, see --limit\n' });
      const rows = shown.out.trimEnd().split('\n').map((line) => line.split(/ {2,}/).slice(2)); // prettier-ignore
      expect(rows.slice(0, 3)).toEqual([
        ['OF', 'SCORE', 'CRITICAL', 'HIGH', 'MEDIUM', 'LOW', 'INFO', 'NEW', 'RESOLVED'],
        ['cluster', '0', '0', '4', '0', '0', '0', '2', '2'],
        ['namespace pay', '100', '0', '0', '0', '0', '0', '0', '2'],
      ]);
      expect(rows).toHaveLength(4);
      expect(JSON.parse((await atlas(...args, '-o', 'json')).out)).toMatchObject({ items: [{ number: 2 }] });
    });
  });

  it('say what is wrong with a request', async () => {
    for (const [body, status, code] of [
      [{ clusters: ['none'] }, 404, 'cluster.not_found'],
      [{ clusters: ['shop'], checks: ['no-such-check'] }, 400, 'request.invalid'],
      [{ clusters: ['shop'], at: 999 }, 404, 'snapshot.not_found'],
      [{ clusters: [] }, 400, 'request.invalid'],
    ] as const) {
      expect(await api.request('POST', '/api/v1/audits', body)).toMatchObject({ status, json: { code } });
    }
    for (const path of ['audits/none', 'audits/none/findings', 'audits/none/scores']) {
      expect(await api.request('GET', `/api/v1/${path}`)).toMatchObject({
        status: 404,
        json: { code: 'audit.not_found' },
      });
    }
    await api.seed('fresh', []);
    const never = await api.request('GET', '/api/v1/clusters/fresh/audit');
    expect(never).toMatchObject({ status: 404, json: { code: 'audit.not_found' } });
  });

  it('tell the same over GraphQL', async () => {
    const started = await api.graphql(
      `mutation { startAudit(input: {clusters: ["shop"], checks: ["namespace-without-policy"]}) { job { name state } } }`,
    );
    expect(started.json).toEqual({ data: { startAudit: { job: { name: 'AUDIT_RUN', state: 'QUEUED' } } } });
    const id = await audit();
    const answer = await api.graphql(
      `query($id: ID!) { audit(id: $id) { number severities { high } outcomes { fail notApplicable } score asOf { cluster }
         checks { check outcome findings }
         findings(first: 1, severity: [HIGH], namespace: ["shop"]) {
           edges { node { check severity object { kind name } counterexample { intended } fix { action objects removes { name } } } }
           pageInfo { hasNextPage } }
         scores { namespaces { namespace score } } } }`,
      { id },
    );
    expect(answer.json).toEqual({
      data: {
        audit: {
          number: expect.any(Number),
          severities: { high: 4 },
          outcomes: { fail: 2, notApplicable: 0 },
          score: 0,
          asOf: { cluster: 'shop' },
          checks: [
            { check: 'namespace-without-policy', outcome: 'FAIL', findings: 2 },
            { check: 'default-deny-ingress-missing', outcome: 'FAIL', findings: 2 },
          ],
          findings: {
            edges: [
              {
                node: {
                  check: 'default-deny-ingress-missing',
                  severity: 'HIGH',
                  object: { kind: 'Namespace', name: 'shop' },
                  counterexample: { intended: 'ALLOW' },
                  fix: {
                    action: 'APPLY',
                    objects: [expect.objectContaining({ kind: 'NetworkPolicy' })],
                    removes: [],
                  },
                },
              },
            ],
            pageInfo: { hasNextPage: true },
          },
          scores: {
            namespaces: [
              { namespace: 'new', score: 0 },
              { namespace: 'pay', score: 100 },
              { namespace: 'shop', score: 0 },
            ],
          },
        },
      },
    });
    const suppressed = await api.graphql(
      `mutation($at: String!) { addSuppression(input: {check: "namespace-without-policy", owner: "me",
         reason: "known to everyone", expiresAt: $at}) { suppression { id check clusterId } } }`,
      { at: IN_A_DAY },
    );
    const { suppression } = (suppressed.json as { data: { addSuppression: { suppression: { id: string } } } }).data
      .addSuppression;
    expect(suppression).toMatchObject({ check: 'namespace-without-policy', clusterId: null });
    const lists = await api.graphql(
      '{ suppressions { edges { node { owner } } } latestAudit(cluster: "shop") { suppressed } checks { id core } audit(id: "x") { id } }',
    );
    expect(lists.json).toMatchObject({
      data: {
        suppressions: { edges: [{ node: { owner: 'me' } }] },
        latestAudit: { suppressed: 2 },
        checks: expect.arrayContaining([{ id: 'dns-egress-missing', core: true }]),
        audit: null,
      },
    });
    const removed = await api.graphql(
      `mutation($id: ID!) { removeSuppression(input: {suppression: $id}) { suppression { id } } }`,
      { id: suppression.id },
    );
    expect(removed.json).toEqual({ data: { removeSuppression: { suppression: { id: suppression.id } } } });
  });

  it('are run and shown by the command line', async () => {
    const made = await atlas('--cluster', 'other', '--check', 'namespace-without-policy');
    expect(made).toMatchObject({ code: 1, err: '' });
    expect(made.out).toContain('2 findings (2 high)');
    expect(made.out).toContain('proof: egress shop/web: open, no policy isolates it');
    expect(made.out).toMatch(/audit 2 of other: 0 new, 0 resolved, 0 suppressed since the one before, score 0 of 100/);
    const last = await atlas('--cluster', 'other', '--last', '--fail-on', 'critical', '-o', 'json');
    expect(last.code).toBe(0);
    expect(JSON.parse(last.out)).toMatchObject({ number: 2, findings: [{ check: 'namespace-without-policy' }, {}] });
    expect(await atlas('--cluster', 'other', '--check', 'nothing-like-it')).toMatchObject({ code: 2 });
    expect(await atlas()).toMatchObject({ code: 2, err: expect.stringContaining('--server needs --cluster') });
  });

  it('hold the policies of a cluster against its baseline, by what they let through', async () => {
    await api.seed('declared', [...OPEN, deny('shop', 'Ingress')]);
    const manifests = [...OPEN, deny('shop', 'Ingress'), deny('pay', 'Ingress')].map((object) =>
      JSON.stringify(object),
    );
    const ask = { clusters: ['declared'], checks: ['drift-from-declared'] };
    const [nothing] = (await report(await audit(ask))).checks;
    expect(nothing).toMatchObject({ outcome: 'skip', reason: expect.stringContaining('nothing is declared') });
    const body = { name: 'main', manifests: manifests.join('\n---\n') };
    expect(await api.request('PUT', '/api/v1/clusters/declared/baseline', body)).toMatchObject({ status: 200 });
    const { items } = await findings(await audit(ask));
    expect(items).toMatchObject([
      {
        title: 'NetworkPolicy pay/default-deny is declared and not there',
        severity: 'medium',
        compliance: ['PCI-1.2.8', 'CM-3'],
        counterexample: { source: 'shop/web', destination: 'pay/api', intended: 'allow' },
        fix: { action: 'apply', title: 'bring pay/default-deny back to what baseline main declares' },
      },
    ]);
  });

  it('ask for assertions until the file that a finding makes is kept', async () => {
    const admits = {
      ...(deny('shop', 'Ingress') as object),
      metadata: { name: 'web', namespace: 'shop' },
      spec: {
        podSelector: { matchLabels: { app: 'web' } },
        policyTypes: ['Ingress'],
        ingress: [{ from: [{ namespaceSelector: {}, podSelector: { matchLabels: { app: 'api' } } }] }],
      },
    };
    await api.seed('tested', [...OPEN, admits]);
    const asked = { clusters: ['tested'], checks: ['no-policy-tests'] };
    const id = await audit(asked);
    const [finding] = (await findings(id)).items;
    expect(finding).toMatchObject({ check: 'no-policy-tests', severity: 'info', fix: { action: 'task' } });
    const assertions = finding?.fix?.manifest ?? '';
    const tried = await api.request('POST', '/api/v1/assertions/check', { cluster: 'tested', assertions });
    expect(tried).toMatchObject({ status: 200, json: { counts: { pass: 1, fail: 0, unknown: 0, error: 0 } } });
    const kept = await api.request('PUT', '/api/v1/clusters/tested/assertions', { assertions });
    expect(kept.status).toBe(200);
    const after = await report(await audit(asked));
    expect(after).toMatchObject({ outcomes: { pass: 1, fail: 0 }, resolved: 1 });
  });
});
