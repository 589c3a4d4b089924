import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { expectDescribed } from './api/expect-contract.js';
import { startApiUnderTest, type ApiUnderTest } from './api/api-under-test.js';
import { CILIUM_POLICY, SHOP } from './api/shop.js';

const CAN_REACH = `query ($input: CanReachInput!) {
  canReach(input: $input) {
    __typename
    ... on Reachability {
      verdict reason summary protocol port confidence
      intended { verdict } enforced { verdict }
      source { label endpoints query { type namespace name labels { key value } } }
      destination { label }
      steps { hop decision direction tier why rules { label policy { kind name } } nearMisses { part why } }
      flows { verdict port ports count source { label } destination { label address } onlyFor }
      fixes { title action manifest }
      cni { networking enforced evidence { source } options { key value } }
      diagnostics { code class }
    }
    ... on Answer { asOf { cluster seq takenAt stalenessMs } completeness { complete incomplete { kind reason } } engineVersion }
    ... on EndpointNotFound { argument reason message near }
    ... on PortNotFound { reason message }
    ... on SnapshotNotFound { message retryable }
    ... on ClusterNotFound { message near }
  }
}`;

interface GraphqlError {
  readonly message: string;
  readonly extensions: Readonly<Record<string, unknown>>;
}

interface Connection {
  readonly edges: readonly { readonly cursor: string; readonly node: Readonly<Record<string, unknown>> }[];
  readonly pageInfo: Readonly<Record<string, unknown>>;
}

type Mutated = Readonly<Record<string, { readonly cluster?: Record<string, unknown>; readonly jobId?: string }>>;

const namesOf = (connection: Connection): unknown[] => connection.edges.map((edge) => edge.node['name']);

describe('GraphQL', () => {
  let api: ApiUnderTest;

  beforeAll(async () => {
    api = await startApiUnderTest();
    await api.seed('shop', SHOP);
  });
  afterAll(async () => {
    await api.close();
  });

  const data = async <T>(query: string, variables: Record<string, unknown> = {}): Promise<T> => {
    const reply = await api.graphql(query, variables);
    const answer = reply.json as { data: T; errors?: unknown };
    expect(answer.errors).toBeUndefined();
    expect(reply.status).toBe(200);
    return answer.data;
  };
  const errorOf = async (query: string, variables: Record<string, unknown> = {}): Promise<GraphqlError> => {
    const reply = await api.graphql(query, variables);
    const error = (reply.json as { errors: GraphqlError[] }).errors[0]!;
    expect(error.extensions['requestId']).toBe(reply.headers.get('x-request-id'));
    return error;
  };
  const canReach = async (input: Record<string, unknown>): Promise<Record<string, unknown>> =>
    (await data<{ canReach: Record<string, unknown> }>(CAN_REACH, { input: { cluster: 'shop', ...input } })).canReach;

  it('gives the same answer as REST', async () => {
    const question = { from: 'shop/web-0', to: 'service:shop/api', port: 80 };
    const answer = await canReach(question);
    const reply = await api.request('POST', '/api/v1/reachability', { cluster: 'shop', ...question });
    const rest = expectDescribed('canReach', reply);
    expect(answer).toMatchObject({
      __typename: 'Reachability',
      verdict: 'ALLOWED',
      reason: rest.reason,
      summary: rest.summary,
      steps: rest.steps.map((step) => ({ tier: step.tier, why: step.why })),
      flows: rest.flows.map((flow) => ({ port: flow.port, ports: flow.ports, count: flow.count })),
      asOf: { cluster: 'shop', seq: 1, takenAt: rest.asOf.takenAt },
      completeness: rest.completeness,
      engineVersion: rest.engineVersion,
    });
  });

  it('compares network plugins as REST does, each cell with version and source', async () => {
    const query = `{ cnis { id title features { feature value version source }
      capabilities { capability support note } notes { text source } } }`;
    const { items } = expectDescribed('compareCnis', await api.request('GET', '/api/v1/cnis'));
    const inWords = items.map(({ capabilities, ...row }) => ({
      ...row,
      capabilities: capabilities.map((cell) => ({ ...cell, support: cell.support.toUpperCase() })),
    }));
    expect((await data<{ cnis: unknown }>(query)).cnis).toEqual(inWords);
    const kubeRouter = items.find(({ id }) => id === 'kube-router');
    expect(kubeRouter?.features[0]).toEqual({
      feature: 'NetworkPolicy',
      value: 'yes, with --run-firewall; blocks with exceptions from 0.2.1',
      version: 'since before 0.2.1',
      source: 'https://github.com/cloudnativelabs/kube-router/pull/543',
    });
    expect(kubeRouter?.capabilities.find(({ capability }) => capability === 'L7')).toEqual({
      capability: 'L7',
      support: 'no',
      note: '',
    });
  });

  it('reports on the CNI as REST does, and says nothing of a cluster that was never read', async () => {
    await api.seed('two-vendors', [...SHOP, CILIUM_POLICY]);
    const query = `query ($cluster: String!) { cluster(cluster: $cluster) { cniReport {
      __typename engineVersion asOf { seq } cni { policyEngine engines { id } }
      ignored { kind support why needs source count policies { group kind namespace name } }
      lacking { policy { group kind namespace name } pointer deviation why needs source } lackingCount
      deviations { subject deviation note source needs }
      features { engine feature value version source }
    } } }`;
    const report = async (cluster: string): Promise<Record<string, unknown> | null> =>
      (await data<{ cluster: { cniReport: Record<string, unknown> | null } }>(query, { cluster })).cluster.cniReport;
    const rest = expectDescribed('getCni', await api.request('GET', '/api/v1/clusters/two-vendors/cni'));
    expect(await report('two-vendors')).toEqual({
      __typename: 'CniReport',
      engineVersion: rest.engineVersion,
      asOf: { seq: 1 },
      cni: { policyEngine: 'calico', engines: [] },
      ignored: rest.ignored.map((found) => ({ ...found, support: found.support.toUpperCase() })),
      lacking: rest.lacking.map((found) => ({ ...found, deviation: found.deviation.toUpperCase() })),
      lackingCount: rest.lackingCount,
      features: rest.features,
      deviations: rest.deviations.map((found) => ({ ...found, deviation: found.deviation.toUpperCase() })),
    });
    await api.request('POST', '/api/v1/clusters', { name: 'unread', source: { type: 'upload' } });
    expect(await report('unread')).toBeNull();
  });

  it('takes ports as numbers and as names, and what is known of the request', async () => {
    expect((await canReach({ from: 'shop/web-0', to: 'shop/api-0', port: 'http' }))['verdict']).toBe('ALLOWED');
    const l7 = { protocol: 'http', method: 'GET', headers: [{ name: 'accept', value: '*/*' }] };
    expect((await canReach({ from: 'shop/web-0', to: 'shop/db-0', port: 5432, l7 }))['verdict']).toBe('DENIED');
  });

  it('tells outcomes that are no failures as types', async () => {
    expect(await canReach({ from: 'shop/wob-0', to: 'shop/api-0' })).toMatchObject({
      __typename: 'EndpointNotFound',
      argument: 'from',
      reason: 'ENDPOINT_NOT_FOUND',
      near: expect.arrayContaining(['shop/web-0']),
      asOf: { seq: 1 },
    });
    const port = { from: 'shop/web-0', to: 'service:shop/api', port: 81 };
    expect(await canReach(port)).toMatchObject({ __typename: 'PortNotFound', reason: 'SERVICE_PORT_UNKNOWN' });
    const far = { from: 'shop/web-0', to: 'shop/api-0', at: 99 };
    expect(await canReach(far)).toMatchObject({ __typename: 'SnapshotNotFound', retryable: false });
    const { canReach: lost } = await data<{ canReach: unknown }>(CAN_REACH, {
      input: { cluster: 'shopp', from: 'a/b', to: 'a/c' },
    });
    expect(lost).toMatchObject({ __typename: 'ClusterNotFound', near: ['shop'] });
  });

  it('walks a connection by the cursor of each edge', async () => {
    const query = `query ($after: String) {
      pods(cluster: "shop", first: 2, after: $after) {
        edges { cursor node { id name cluster { name clusterId } ports { name port } } }
        pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
        asOf { seq }
      }
    }`;
    const first = (await data<{ pods: Connection }>(query)).pods;
    expect(namesOf(first)).toEqual(['api-0', 'db-0']);
    expect(first.pageInfo).toMatchObject({ hasNextPage: true, hasPreviousPage: false });
    expect(first.edges[0]?.node['cluster']).toMatchObject({ name: 'shop' });
    const afterFirst = (await data<{ pods: Connection }>(query, { after: first.edges[0]?.cursor })).pods;
    expect(namesOf(afterFirst)).toEqual(['db-0', 'web-0']);
    expect(afterFirst.pageInfo).toMatchObject({ hasNextPage: false, hasPreviousPage: true });
    const last = (await data<{ pods: Connection }>(query, { after: first.pageInfo['endCursor'] })).pods;
    expect(namesOf(last)).toEqual(['web-0']);
  });

  it('lists every collection', async () => {
    const answer = await data<Record<string, Connection>>(`{
      policies(cluster: "shop") { edges { node { name kindId labels { key value } diagnostics { code } } } }
      namespaces(cluster: "shop") { edges { node { name } } }
      workloads(cluster: "shop", kind: ["DaemonSet.apps"]) { edges { node { name replicas podLabels { key } } } }
      services(cluster: "shop", namespace: "shop") { edges { node { name ports { port targetPort } } } }
      clusterNodes(cluster: "shop") { edges { node { name addresses { type address } } } }
      clusters(first: 1) { edges { node { name state source { type } counts { kind count } } } pageInfo { hasNextPage } }
    }`);
    const names = Object.fromEntries(Object.entries(answer).map(([key, list]) => [key, namesOf(list)]));
    expect(names).toEqual({
      policies: ['api-ingress', 'db-deny'],
      namespaces: ['kube-system', 'shop'],
      workloads: ['calico-node'],
      services: ['api'],
      clusterNodes: ['n1'],
      clusters: ['shop'],
    });
  });

  it('finds anything again by its id', async () => {
    const { pods, cluster } = await data<{ pods: Connection; cluster: { id: string } }>(`{
      pods(cluster: "shop", first: 1) { edges { node { id } } }
      cluster(cluster: "shop") { id }
    }`);
    const ids = [pods.edges[0]?.node['id'], cluster.id];
    const { nodes } = await data<{ nodes: unknown }>(
      'query ($ids: [ID!]!) { nodes(ids: $ids) { __typename id ... on Pod { name } } }',
      {
        ids,
      },
    );
    expect(nodes).toEqual([
      { __typename: 'Pod', id: ids[0], name: 'api-0' },
      { __typename: 'Cluster', id: ids[1] },
    ]);
    expect(await errorOf('{ node(id: "nope") { id } }')).toMatchObject({ extensions: { code: 'BAD_USER_INPUT' } });
  });

  it('shows one object raw, and null when there is none', async () => {
    const query = `query ($name: String!) {
      object(cluster: "shop", kind: "NetworkPolicy.networking.k8s.io", namespace: "shop", name: $name) {
        object { __typename name } raw sinceSeq
      }
    }`;
    expect((await data<{ object: unknown }>(query, { name: 'db-deny' })).object).toMatchObject({
      object: { __typename: 'Policy', name: 'db-deny' },
      raw: { kind: 'NetworkPolicy', spec: { policyTypes: ['Ingress'] } },
      sinceSeq: 1,
    });
    expect((await data<{ object: unknown }>(query, { name: 'nope' })).object).toBeNull();
    expect((await data<{ cluster: unknown }>('{ cluster(cluster: "nope") { id } }')).cluster).toBeNull();
  });

  it('adds, uploads to, pauses, resumes, re-syncs and removes a cluster', async () => {
    const mutate = (name: string, type: string, input: object, fields: string): Promise<Mutated> =>
      data(`mutation ($input: ${type}!) { ${name}(input: $input) { ${fields} } }`, { input });
    const added = await mutate(
      'addCluster',
      'AddClusterInput',
      { name: 'made', source: { type: 'UPLOAD' } },
      'cluster { name state clusterId }',
    );
    expect(added['addCluster']?.cluster).toMatchObject({ name: 'made', state: 'PENDING' });
    const clusterId = String(added['addCluster']?.cluster?.['clusterId']);

    const content = Buffer.from('apiVersion: v1\nkind: Namespace\nmetadata: {name: a}\n').toString('base64');
    const upload = { cluster: 'made', content, encoding: 'BASE64', contentType: 'application/yaml' };
    await mutate('uploadManifests', 'UploadManifestsInput', upload, 'cluster { name }');
    expect(Buffer.from((await api.clusters.loadUpload(clusterId))?.bytes ?? []).toString()).toContain(
      'kind: Namespace',
    );

    const cluster = { cluster: 'made' };
    const paused = await mutate('pauseCluster', 'ClusterInput', cluster, 'cluster { paused }');
    expect(paused['pauseCluster']?.cluster?.['paused']).toBe(true);
    const refused = await errorOf('mutation { resyncCluster(input: { cluster: "made" }) { jobId } }');
    expect(refused.extensions).toMatchObject({ code: 'CONFLICT', errorCode: 'cluster.paused' });
    const resumed = await mutate('resumeCluster', 'ClusterInput', cluster, 'cluster { paused }');
    expect(resumed['resumeCluster']?.cluster?.['paused']).toBe(false);
    const resync = await mutate('resyncCluster', 'ClusterInput', cluster, 'jobId');
    expect(resync['resyncCluster']?.jobId).toMatch(/./);
    const removed = await mutate('removeCluster', 'ClusterInput', cluster, 'removedClusterId name');
    expect(removed['removeCluster']).toEqual({ removedClusterId: clusterId, name: 'made' });
  });

  it('shows what is wrong with a cluster', async () => {
    const { cluster } = await data<{ cluster: { problems: { totalCount: number; items: unknown[] } } }>(
      '{ cluster(cluster: "shop") { problems(first: 5) { totalCount items { code } nextCursor } } }',
    );
    expect(cluster.problems.totalCount).toBe(cluster.problems.items.length);
  });

  describe('refuses', () => {
    const ask = '($input: CanReachInput!) { canReach(input: $input) { __typename } }';
    const question = { cluster: 'shop', from: 'shop/web-0', to: 'shop/api-0' };

    it('a question that cannot be read, naming each field', async () => {
      const error = await errorOf(`query ${ask}`, { input: { ...question, from: 'pod:web', protocol: 'TPC' } });
      expect(error.extensions).toMatchObject({
        code: 'BAD_USER_INPUT',
        errorCode: 'question.invalid',
        problem: '/problems/question.invalid',
        errors: [{ pointer: '/from' }, { pointer: '/protocol' }],
      });
    });

    it('an unknown field of an input, naming it', async () => {
      const error = await errorOf(`query ${ask}`, { input: { ...question, prot: 'UDP' } });
      expect(error.extensions).toMatchObject({ code: 'BAD_USER_INPUT', errors: [{ pointer: '/input/prot' }] });
    });

    it('a value of the wrong type, naming the field', async () => {
      const error = await errorOf(`query ${ask}`, { input: { ...question, port: true } });
      expect(error.extensions).toMatchObject({ code: 'BAD_USER_INPUT', errors: [{ pointer: '/input/port' }] });
    });

    it('an unknown argument of a new cluster', async () => {
      const input = { name: 'Not_A_Name', source: { type: 'FOLDER' } };
      const error = await errorOf(
        'mutation ($input: AddClusterInput!) { addCluster(input: $input) { cluster { id } } }',
        {
          input,
        },
      );
      expect(error.extensions).toMatchObject({
        errorCode: 'request.invalid',
        errors: [{ pointer: '/name' }, { pointer: '/source/path' }],
      });
    });

    it.each([
      ['a field that does not exist', '{ nope }', 'GRAPHQL_VALIDATION_FAILED'],
      ['text that is no query', '{ clusters', 'GRAPHQL_PARSE_FAILED'],
      ['a page larger than allowed', '{ clusters(first: 101) { pageInfo { hasNextPage } } }', 'BAD_USER_INPUT'],
      ['a cursor that is not ours', '{ clusters(after: "x") { pageInfo { hasNextPage } } }', 'BAD_USER_INPUT'],
      ['a cluster that does not exist', '{ pods(cluster: "nope") { asOf { seq } } }', 'NOT_FOUND'],
      [
        'an operation that is too wide',
        `{ ${Array.from({ length: 31 }, (_, index) => `a${index}: __typename b${index}: cluster(cluster: "shop") { name }`).join(' ')} }`,
        'ALIAS_LIMIT_EXCEEDED',
      ],
    ])('%s', async (_, query, code) => {
      expect((await errorOf(query)).extensions['code']).toBe(code);
    });

    it('a request that a foreign page could send', async () => {
      const reply = await api.request('GET', '/graphql?query={clusters{pageInfo{hasNextPage}}}');
      expect(reply.status).toBe(400);
      expect((reply.json as { errors: { message: string }[] }).errors.map(({ message }) => message)).toEqual([
        'a foreign page could have sent this (CSRF), POST it as `application/json` or send the header `apollo-require-preflight`',
      ]);
    });
  });
});
