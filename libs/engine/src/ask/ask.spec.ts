import { describe, expect, it } from '@jest/globals';
import { compileSnapshot } from '../compile/index.js';
import type { CompiledSnapshot } from '../compile/index.js';
import { factsOf, knownCni, namedPeer, rawNamespace, rawNetworkPolicy, rawPod } from '../testing/index.js';
import type { Answer } from './answer.js';
import { ask, decide, judge } from './ask.js';
import { parsePeer } from './parse-peer.js';
import { renderText } from './render-text.js';

const calico = knownCni('calico', { title: 'Calico', version: '3.28.0' });
const flannel = { ...calico, networking: 'flannel', policyEngine: '', title: 'Flannel', enforced: 'no' } as const;

const web = { app: 'web' };
const base = [
  rawNamespace('shop', { team: 'shop' }),
  rawNamespace('pay', { team: 'pay' }),
  rawPod('shop/web-1', { labels: web, ip: '10.0.0.1', node: 'n1' }),
  rawPod('shop/web-2', { labels: web, ip: '10.0.0.2', node: 'n2' }),
  rawPod('pay/api-1', {
    labels: { app: 'api' },
    ip: '10.0.1.1',
    node: 'n1',
    ports: [{ name: 'http', containerPort: 8080 }],
  }),
  rawPod('pay/agent', { labels: { app: 'agent' }, ip: '192.168.0.1', node: 'n1', hostNetwork: true }),
];
const policies = [
  rawNetworkPolicy('pay/api-in', {
    podSelector: { matchLabels: { app: 'api' } },
    ingress: [
      {
        from: [{ namespaceSelector: { matchLabels: { team: 'shop' } }, podSelector: { matchLabels: web } }],
        ports: [{ port: 'http' }],
      },
    ],
  }),
];

const EVIDENCE = ['steps', 'flows', 'fixes', 'assumptions', 'diagnostics'];

const snapshot = (...extra: readonly unknown[]): CompiledSnapshot =>
  compileSnapshot(factsOf(...base, ...policies, ...extra), { cni: calico });

/** The same without its summaries. */
function inCodes(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  const kept = Object.entries(value).filter(([name]) => name !== 'summary');
  return Object.fromEntries(kept.map(([name, inner]) => [name, inCodes(inner)]));
}

function answer(from: string, to: string, port: number | string | null, of = snapshot(), protocol = 6): Answer {
  const question = { source: namedPeer(from), destination: namedPeer(to), protocol, port };
  const result = ask(of, question);
  if (result.type === 'notFound') throw new Error(result.error.message);
  // Of every answer here: who does not look at the evidence is told the same.
  const judgement = Object.entries(result.answer).filter(([part]) => !EVIDENCE.includes(part));
  expect(judge(of, question)).toEqual({ type: 'answer', answer: Object.fromEntries(judgement) });
  expect(decide(of, question)).toEqual({ type: 'answer', answer: inCodes(Object.fromEntries(judgement)) });
  return result.answer;
}

describe('ask', () => {
  it('allows by the rule that matches and names it', () => {
    const got = answer('shop/web-1', 'pay/api-1', 8080);
    expect(got).toMatchObject({ verdict: 'allowed', reason: 'INGRESS_RULE_MATCHED' });
    expect(got.summary).toBe(
      'egress shop/web-1: open, no policy isolates it → ingress pay/api-1: allowed by pay/api-in#0 → allowed',
    );
  });

  it('says of tunnels that pods open what the plugin makes of them', () => {
    const assumed = (port: number): readonly string[] =>
      answer('shop/web-1', '203.0.113.9', port, snapshot(), 17).assumptions;
    expect(assumed(4789)).toContainEqual(expect.stringMatching(/^Calico: VXLAN .* are dropped/));
    expect(assumed(53).join()).not.toMatch(/VXLAN/);
  });

  it('denies with the isolating policy, the near miss and a fix', () => {
    const got = answer('shop/web-1', 'pay/api-1', 8443);
    expect(got).toMatchObject({ verdict: 'denied', reason: 'INGRESS_NO_RULE_MATCHED' });
    expect(got.summary).toContain('no rule of pay/api-in matches (port 8443 not in TCP http) → denied');
    expect(got.fixes[0]?.manifest).toContain('port: 8443');
  });

  it('gives a fix that works', () => {
    const denied = answer('shop/web-1', 'pay/api-1', 8443);
    expect(denied.fixes).toHaveLength(1);
    const fix = rawNetworkPolicy('pay/fix', {
      podSelector: { matchLabels: { app: 'api' } },
      policyTypes: ['Ingress'],
      ingress: [
        {
          from: [
            {
              namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'shop' } },
              podSelector: { matchLabels: web },
            },
          ],
          ports: [{ protocol: 'TCP', port: 8443 }],
        },
      ],
    });
    expect(answer('shop/web-1', 'pay/api-1', 8443, snapshot(fix)).verdict).toBe('allowed');
  });

  it('tells intended from enforced where the CNI enforces nothing', () => {
    const got = answer(
      'shop/web-1',
      'pay/api-1',
      8443,
      compileSnapshot(factsOf(...base, ...policies), { cni: flannel }),
    );
    expect(got.intended.verdict).toBe('denied');
    expect(got.enforced).toMatchObject({ verdict: 'allowed', reason: 'CNI_NOT_ENFORCING' });
    expect(got.verdict).toBe('allowed');
  });

  it('says it does not know when it is not known whether the CNI enforces', () => {
    const cni = {
      ...calico,
      enforced: 'unknown',
      title: 'unknown CNI',
      networking: 'unknown',
      policyEngine: 'unknown',
    } as const;
    const doubtful = compileSnapshot(factsOf(...base, ...policies), { cni });
    expect(answer('shop/web-1', 'pay/api-1', 8443, doubtful)).toMatchObject({
      verdict: 'undetermined',
      intended: { verdict: 'denied' },
    });
    expect(answer('shop/web-1', 'pay/api-1', 8080, doubtful).verdict).toBe('allowed');
  });

  it('never polices a pod against itself, nor its own node', () => {
    expect(answer('pay/api-1', 'pay/api-1', 1)).toMatchObject({ verdict: 'allowed', reason: 'SAME_POD' });
    expect(answer('pay/agent', 'pay/api-1', 22)).toMatchObject({
      verdict: 'allowed',
      reason: 'SAME_NODE_HOST_TRAFFIC',
    });
  });

  it('resolves a port name at the destination', () => {
    expect(answer('shop/web-1', 'pay/api-1', 'http').verdict).toBe('allowed');
  });

  it('splits an open port question where the rules do', () => {
    const got = answer('shop/web-1', 'pay/api-1', null);
    expect(got).toMatchObject({ verdict: 'mixed', summary: 'allowed on TCP 8080, denied on every other port' });
    expect(got.flows.map((flow) => `${flow.ports} ${flow.verdict}`).sort()).toEqual([
      '1-8079, 8081-65535 deny',
      '8080 allow',
    ]);
  });

  it('tells pods that differ in labels which no policy looks at as one', () => {
    const revisions = ['a', 'b', 'c'].map((hash, i) =>
      rawPod(`shop/web-${hash}`, { labels: { ...web, 'pod-template-hash': hash }, ip: `10.0.2.${i}` }),
    );
    const got = answer('ns:shop', 'pay/api-1', 8080, snapshot(...revisions));
    expect(got.flows).toMatchObject([{ verdict: 'allow', count: 5 }]);
  });

  it('asks about a pod and others like it by two different ones', () => {
    const isolated = snapshot(rawNetworkPolicy('shop/shut', { podSelector: {} }));
    const got = answer('ns:shop', 'shop/web-1', 80, isolated);
    expect(got).toMatchObject({ verdict: 'denied', flows: [{ source: { name: 'web-2' }, count: 1 }] });
  });

  it('answers for a namespace by its pods and counts what differs', () => {
    const got = answer('namespace:shop', 'pay/api-1', 8080);
    expect(got).toMatchObject({ verdict: 'allowed', source: { endpoints: 2 } });
    const debug = rawPod('shop/debug', { labels: { app: 'debug' }, ip: '10.0.0.9' });
    expect(answer('namespace:shop', 'pay/api-1', 8080, snapshot(debug))).toMatchObject({
      verdict: 'mixed',
      summary: 'flows differ: 2 allowed, 1 denied; see flows',
    });
  });

  it('goes through a Service to the backend port', () => {
    const service = {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'api', namespace: 'pay' },
      spec: {
        clusterIP: '10.96.0.9',
        selector: { app: 'api' },
        ports: [{ name: 'web', port: 80, targetPort: 'http' }],
      },
    };
    const with_ = snapshot(service);
    const got = answer('shop/web-1', 'service:pay/api', 80, with_);
    expect(got.verdict).toBe('allowed');
    expect(got.flows[0]?.port).toBe(8080);
    expect(got.steps.find((step) => step.hop === 'translation')?.why).toContain('1 ready endpoint on port 8080');
    expect(answer('shop/web-1', '10.96.0.9', 80, with_).verdict).toBe('allowed');
    expect(() => answer('shop/web-1', 'service:pay/api', 81, with_)).toThrow('has no such port; it has 80 (web)');
  });

  it('denies through a Service without ready endpoints', () => {
    const service = {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'none', namespace: 'pay' },
      spec: { selector: { app: 'none' }, ports: [{ port: 80 }] },
    };
    expect(answer('shop/web-1', 'service:pay/none', 80, snapshot(service))).toMatchObject({
      verdict: 'denied',
      reason: 'SERVICE_WITHOUT_READY_ENDPOINTS',
    });
  });

  it('cuts a block where rules do', () => {
    const policy = rawNetworkPolicy('shop/out', {
      podSelector: {},
      policyTypes: ['Egress'],
      egress: [{ to: [{ ipBlock: { cidr: '203.0.113.0/24', except: ['203.0.113.128/25'] } }] }],
    });
    const got = answer('shop/web-1', '203.0.113.0/24', 443, snapshot(policy));
    expect(got.verdict).toBe('mixed');
    expect(got.flows.map((flow) => `${flow.destination.label} ${flow.verdict}`)).toEqual([
      '203.0.113.0/25 allow',
      '203.0.113.128/25 deny',
    ]);
  });

  it('names what is close when a name is not there', () => {
    const [source, destination] = [namedPeer('shop/web-3'), namedPeer('pay/api-1')];
    const result = ask(snapshot(), { source, destination, protocol: 6, port: 1 });
    expect(result).toMatchObject({
      type: 'notFound',
      error: { code: 'ENDPOINT_NOT_FOUND', side: 'source', near: expect.arrayContaining(['shop/web-1', 'shop/web-2']) },
    });
  });

  it('judges a pod that does not exist yet', () => {
    expect(answer('labels:shop/app=web', 'pay/api-1', 8080).verdict).toBe('allowed');
    expect(answer('labels:shop/app=debug', 'pay/api-1', 8080).verdict).toBe('denied');
  });

  it('has no flow between families that do not meet', () => {
    const six = rawPod('shop/six', { labels: web, ip: 'fd00::9' });
    const unmet = answer('shop/six', 'pay/api-1', 8080, snapshot(six));
    expect(unmet).toMatchObject({ verdict: 'denied', reason: 'NO_COMMON_ADDRESS_FAMILY' });
    expect(renderText(unmet)).not.toContain('Evidence');
    expect(renderText(answer('shop/web-1', 'pay/api-1', 8080))).toContain('\nEvidence\n');
  });

  it('tells the steps of a flow that there is before one between families that do not meet', () => {
    const six = rawPod('shop/six', { labels: web, ip: 'fd00::9' });
    const { verdict, steps } = answer('namespace:shop', 'pay/api-1', 8080, snapshot(six));
    expect({ verdict, hops: steps.map(({ hop }) => hop) }).toEqual({
      verdict: 'mixed',
      hops: ['source', 'egress', 'ingress', 'destination'],
    });
  });

  it('does not depend on the order of facts', () => {
    const facts = factsOf(...base, ...policies);
    const forward = answer('namespace:pay', 'pay/api-1', null, compileSnapshot(facts, { cni: calico }));
    const backward = answer('namespace:pay', 'pay/api-1', null, compileSnapshot(facts.toReversed(), { cni: calico }));
    expect(backward).toEqual(forward);
  });

  it('names nothing that is hidden behind the flows that are told', () => {
    const last = { app: 'client-219' };
    const clients = Array.from({ length: 120 }, (_, i) => ({ app: `client-${100 + i}` }));
    const namespaces = { matchLabels: { team: 'shop' } };
    const secret = {
      apiVersion: 'policy.networking.k8s.io/v1alpha1',
      kind: 'AdminNetworkPolicy',
      metadata: { name: 'secret' },
      spec: {
        priority: 1,
        subject: { namespaces: { matchLabels: { team: 'pay' } } },
        ingress: [
          { action: 'Deny', from: [{ pods: { namespaceSelector: namespaces, podSelector: { matchLabels: last } } }] },
        ],
      },
    };
    const pods = clients.map((labels, i) => rawPod(`shop/${labels.app}`, { labels, ip: `10.1.0.${i + 1}` }));
    const of = compileSnapshot(factsOf(...base, ...pods, secret), {});
    const question = {
      source: { type: 'namespace', name: 'shop' },
      destination: { type: 'pod', namespace: 'pay', name: 'api-1' },
      protocol: 6,
      port: 8080,
    } as const;
    const result = ask(of, question, (namespace) => namespace !== '');
    if (result.type === 'notFound') throw new Error(result.error.message);
    expect(result.answer.flows).toHaveLength(100);
    expect(result.answer.reason).toBe('NOT_PERMITTED_TO_SEE');
    expect(JSON.stringify(result.answer)).not.toContain('secret');
  });
});

describe('a port by name (NP-53)', () => {
  const container = (port: number): object => ({
    name: 'c',
    image: 'i',
    ports: [{ name: 'admin', containerPort: port }],
  });
  const pod = (containers: readonly object[], initContainers: readonly object[]): unknown => ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'web', namespace: 'shop' },
    spec: { containers, initContainers },
    status: { phase: 'Running', podIP: '10.0.0.9' },
  });
  const asked = (...made: Parameters<typeof pod>): unknown => {
    const snapshot = compileSnapshot(factsOf(rawPod('shop/api', { ip: '10.0.0.1' }), pod(...made)), { cni: calico });
    const question = { source: namedPeer('shop/api'), destination: namedPeer('shop/web'), protocol: 6, port: 'admin' };
    const result = ask(snapshot, question);
    return result.type === 'answer' ? result.answer.flows.map(({ port }) => port) : result.error.code;
  };

  it('is that of a container that goes on', () => {
    expect(asked([container(8080)], [container(9000)])).toEqual([8080]);
    expect(asked([], [{ ...container(9000), restartPolicy: 'Always' }])).toEqual([9000]);
    expect(asked([], [container(9000)])).toBe('NAMED_PORT_UNRESOLVED');
  });
});

describe('a name outside (NP-26)', () => {
  const to = (cidr: string, port: number): object => ({ to: [{ ipBlock: { cidr } }], ports: [{ port }] });
  const egress = [to('0.0.0.0/0', 80), to('::/0', 443)];
  const snapshot = compileSnapshot(
    factsOf(
      rawPod('shop/four', { labels: web, ip: '10.0.0.1' }),
      rawPod('shop/six', { labels: web, ip: '2001:db8::1' }),
      rawPod('shop/both', { labels: web, ips: ['10.0.0.2', '2001:db8::2'] }),
      rawNetworkPolicy('shop/old', { podSelector: {}, policyTypes: ['Egress'], egress }),
    ),
    { cni: calico },
  );

  it.each([
    ['shop/four', 'allowed', 'denied'],
    ['shop/six', 'denied', 'allowed'],
    ['shop/both', 'mixed', 'mixed'],
  ])('is reached by %s in the families that it speaks', (source, at80, at443) => {
    const verdicts = [80, 443].map((port) => {
      const result = ask(snapshot, {
        source: namedPeer(source),
        destination: { type: 'hostName', name: 'example.org' },
        protocol: 6,
        port,
      });
      return result.type === 'answer' ? result.answer.intended.verdict : result.type;
    });
    expect(verdicts).toEqual([at80, at443]);
  });
});

describe('parsePeer', () => {
  it.each([
    ['shop/web', { type: 'name', namespace: 'shop', name: 'web' }],
    ['deploy:shop/web', { type: 'workload', namespace: 'shop', kind: 'Deployment', name: 'web' }],
    ['shop/sts/db', { type: 'workload', namespace: 'shop', kind: 'StatefulSet', name: 'db' }],
    ['svc:shop/web', { type: 'service', namespace: 'shop', name: 'web' }],
    ['web.shop.svc.cluster.local', { type: 'service', namespace: 'shop', name: 'web' }],
    ['web.shop.svc.clusterset.local', { type: 'hostName', name: 'web.shop.svc.clusterset.local' }],
    ['ns:shop', { type: 'namespace', name: 'shop' }],
    ['10.0.0.1', { type: 'address', address: '10.0.0.1' }],
    ['ip:fd00:0::1', { type: 'address', address: 'fd00::1' }],
    ['10.1.2.3/8', { type: 'block', cidr: '10.0.0.0/8' }],
    ['API.example.com.', { type: 'hostName', name: 'api.example.com' }],
    ['labels:shop/a=b,c=d', { type: 'hypothetical', namespace: 'shop', labels: { a: 'b', c: 'd' } }],
  ])('reads %s', (text, peer) => {
    expect(parsePeer(text)).toMatchObject({ peer });
  });

  it.each([
    '',
    'shop',
    'shop/',
    '/web',
    'a/b/c/d',
    'pod:web',
    'foo:shop/web',
    'labels:shop',
    'labels:shop/x',
    '1.2.3',
    'ip:web',
  ])('refuses %j and says what it expected', (text) => {
    expect(parsePeer(text)).toHaveProperty('error');
  });
});
