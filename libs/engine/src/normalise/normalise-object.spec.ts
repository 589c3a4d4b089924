import { describe, expect, it } from '@jest/globals';
import { normaliseObject, policyKindOf } from './normalise-object.js';

const pod = (overrides: Record<string, unknown> = {}): Record<string, unknown> => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'web-1', namespace: 'shop', labels: { app: 'web' } },
  spec: { containers: [{ name: 'c', image: 'i', ports: [{ name: 'http', containerPort: 8080 }] }] },
  status: { phase: 'Running', podIP: '10.0.0.1', podIPs: [{ ip: '10.0.0.1' }, { ip: 'fd00::1' }] },
  ...overrides,
});

const codes = (raw: unknown): string[] => normaliseObject(raw).diagnostics.map((d) => `${d.code} ${d.pointer}`);

describe('normaliseObject', () => {
  it('reads a pod with defaults and both families', () => {
    const { fact } = normaliseObject(pod());
    expect(fact).toMatchObject({
      type: 'pod',
      ips: ['10.0.0.1', 'fd00::1'],
      phase: 'Running',
      shape: { serviceAccount: 'default', hostNetwork: false, ports: [{ name: 'http', port: 8080, protocol: 6 }] },
    });
  });

  it('names what looks like a policy and is not evaluated', () => {
    const messages = (apiVersion: string, kind: string): string[] =>
      normaliseObject({ apiVersion, kind, metadata: { name: 'p' } }).diagnostics.map(({ message }) => message);
    expect(messages('k8s.ovn.org/v1beta1', 'egressfirewall')).toEqual([
      'kind `egressfirewall` is not known, expected `EgressFirewall`',
    ]);
    expect(messages('networking.openshift.io/v1', 'EgressFirewall')).toEqual([
      '`EgressFirewall` of `networking.openshift.io/v1` is not evaluated, only that of `k8s.ovn.org/v1`',
    ]);
    expect(messages('monitoring.coreos.com/v1', 'Prometheus')).toEqual([]);
  });

  it('keeps a broken object as rejected, with every problem and its pointer', () => {
    const raw = pod({
      metadata: { name: 'web-1', namespace: 'shop', labels: { version: 1.1 } },
      spec: { containers: [{ ports: [{ containerPort: 70000 }, { containerPort: 53, protocol: 'DNS' }] }] },
    });
    const { fact } = normaliseObject(raw);
    expect(fact?.type).toBe('rejected');
    expect(codes(raw)).toEqual(
      expect.arrayContaining([
        'object.label_value /metadata/labels/version',
        'pod.port /spec/containers/0/ports/0/containerPort',
        'pod.protocol /spec/containers/0/ports/1/protocol',
      ]),
    );
  });

  it.each([
    [null, 'object.type '],
    [[], 'object.type '],
    [{ apiVersion: 'v1' }, 'object.kind /kind'],
    [{ kind: 'Pod', apiVersion: 7 }, 'object.api_version /apiVersion'],
    [{ kind: 'Pod', apiVersion: 'v1', metadata: {} }, 'object.name /metadata/name'],
    [{ kind: 'Pod', apiVersion: 'v1', metadata: { name: 'x'.repeat(300) } }, 'object.name /metadata/name'],
  ])('has no fact for %j', (raw, code) => {
    expect(normaliseObject(raw).fact).toBeNull();
    expect(codes(raw)).toContain(code);
  });

  it('passes over kinds that it does not keep, and Secrets above all', () => {
    const result = normaliseObject({ apiVersion: 'v1', kind: 'Secret', metadata: { name: 's' }, data: { k: 'v' } });
    expect(result).toEqual({ fact: null, diagnostics: [] });
  });

  it('keeps only named ConfigMaps', () => {
    const map = (name: string): unknown => ({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name },
      data: { a: 'b' },
    });
    expect(normaliseObject(map('app-settings')).fact).toBeNull();
    expect(normaliseObject(map('cilium-config')).fact?.type).toBe('aux');
  });

  it('drops environment values and free arguments of containers', () => {
    const raw = pod({
      spec: {
        containers: [
          {
            name: 'c',
            image: 'i',
            args: ['--enable-network-policy=true', 'password=hunter2'],
            env: [
              { name: 'TOKEN', value: 'hunter2' },
              { name: 'EXPECT_NPC', value: '0' },
            ],
          },
        ],
      },
    });
    const text = JSON.stringify(normaliseObject(raw).fact);
    expect(text).not.toContain('hunter2');
    expect(text).toContain('EXPECT_NPC');
    expect(text).toContain('--enable-network-policy=true');
  });

  it('keeps of what the API server calls the Services alone, without certificates', () => {
    const service = { namespace: 'gate', name: 'gate' };
    const webhooks = [
      { name: 'a.example.com', clientConfig: { service: { ...service, port: 8443 }, caBundle: 'eA==' } },
      { name: 'b.example.com', clientConfig: { url: 'https://b.example.com' }, failurePolicy: 'Ignore' },
    ];
    const metadata = { name: 'gate' };
    const hooks = { apiVersion: 'admissionregistration.k8s.io/v1', kind: 'MutatingWebhookConfiguration', metadata };
    expect(normaliseObject({ ...hooks, webhooks }).fact).toMatchObject({
      raw: {
        webhooks: [
          { name: 'a.example.com', failurePolicy: 'Fail', service: { ...service, port: 8443 } },
          { name: 'b.example.com', failurePolicy: 'Ignore', service: null },
        ],
        service: null,
      },
    });
    const api = { apiVersion: 'apiregistration.k8s.io/v1', kind: 'APIService', metadata };
    expect(normaliseObject({ ...api, spec: { caBundle: 'eA==', service } }).fact).toMatchObject({
      raw: { webhooks: [], service: { ...service, port: 443 } },
    });
  });

  it('tells whether a pod asks for a token of the API server', () => {
    const token = (spec: object): unknown => {
      const { fact } = normaliseObject(pod({ spec: { containers: [], ...spec } }));
      return fact?.type === 'pod' ? fact.shape.apiToken : null;
    };
    const volume = (name: string, audience?: string): object => ({
      name,
      projected: { sources: [{ serviceAccountToken: { path: 'token', audience } }] },
    });
    expect(token({})).toBeUndefined();
    expect(token({ automountServiceAccountToken: false })).toBe(false);
    expect(token({ automountServiceAccountToken: false, volumes: [volume('own')] })).toBe(true);
    expect(token({ volumes: [volume('kube-api-access-x2x4z'), volume('istio-token', 'istio-ca')] })).toBeUndefined();
  });

  it('reports a version of a known kind that it does not know', () => {
    const raw = { apiVersion: 'networking.k8s.io/v9', kind: 'NetworkPolicy', metadata: { name: 'p' }, spec: {} };
    expect(codes(raw)).toEqual(['object.version /apiVersion']);
    expect(normaliseObject(raw).fact?.type).toBe('rejected');
  });

  it('points into the template of a workload, and at the step that is missing', () => {
    const workload = (kind: string, spec: unknown): unknown => ({
      apiVersion: kind === 'CronJob' ? 'batch/v1' : 'apps/v1',
      kind,
      metadata: { name: 'w' },
      spec,
    });
    const template = { metadata: { labels: { version: 1.1 } }, spec: { containers: [{ ports: [{}] }] } };
    expect(codes(workload('Deployment', { template }))).toEqual([
      'pod.port /spec/template/spec/containers/0/ports/0/containerPort',
      'object.label_value /spec/template/metadata/labels/version',
    ]);
    expect(codes(workload('CronJob', { jobTemplate: {} }))).toEqual(['workload.template /spec/jobTemplate/spec']);
    expect(codes({ apiVersion: 'v1', kind: 'Pod' })).toEqual(['object.name /metadata']);
  });

  it('refuses a policy that is nested without end', () => {
    const nested = (depth: number): unknown => {
      let value: unknown = {};
      for (let i = 0; i < depth; i++) value = [value];
      return { apiVersion: 'networking.k8s.io/v1', kind: 'NetworkPolicy', metadata: { name: 'p' }, spec: value };
    };
    expect(codes(nested(90))).toEqual([]);
    expect(codes(nested(50_000))).toEqual([expect.stringMatching(/^object\.depth \/spec(\/0)+$/)]);
    expect(normaliseObject(nested(50_000)).fact?.type).toBe('rejected');
  });

  it('tells of an object by its reference alone', () => {
    const { diagnostics } = normaliseObject(pod({ spec: 7 }));
    expect(diagnostics[0]?.object).toEqual({ group: '', kind: 'Pod', namespace: 'shop', name: 'web-1' });
  });

  it('cannot be led to a prototype by a key', () => {
    const raw = JSON.parse(
      '{"apiVersion":"v1","kind":"Pod","metadata":{"name":"p","labels":{"__proto__":"x","constructor":"y"}}}',
    ) as unknown;
    const { fact } = normaliseObject(raw);
    expect(fact?.meta.labels['constructor']).toBe('y');
    expect(({} as Record<string, unknown>)['x']).toBeUndefined();
    expect(Object.keys(fact?.meta.labels ?? {})).toEqual(expect.arrayContaining(['constructor']));
  });

  it('reads both Calico groups as one kind', () => {
    expect(policyKindOf({ group: 'crd.projectcalico.org', kind: 'NetworkPolicy' })).toBe(
      'NetworkPolicy.projectcalico.org',
    );
    expect(policyKindOf({ group: 'networking.k8s.io', kind: 'NetworkPolicy' })).toBe('NetworkPolicy.networking.k8s.io');
    expect(policyKindOf({ group: 'example.com', kind: 'NetworkPolicy' })).toBeNull();
  });
});
