import { describe, expect, it } from '@jest/globals';
import { parseAllDocuments } from 'yaml';

import { askAboutFlow, BLANK_PEER, compileSnapshot, explainFlow, parseIp, parseProtocol, placeFlows } from '#engine';
import type { Ip, SeenFlow, SeenPeer } from '#engine';
import { factsOf, passedFlow } from '#engine/testing';

import {
  API_SERVER,
  cilium,
  ciliumConfig,
  daemonSet,
  denyAll,
  dns,
  namespace,
  node,
  pod,
  policy,
  service,
} from '../testing/objects.js';
import { addressBlocks } from './address-blocks.js';
import { suggestPolicies, type SuggestOptions } from './suggest-policies.js';

const CLUSTER = [
  node(),
  namespace('shop'),
  namespace('pay'),
  pod('shop/web', { port: 8080, labels: { app: 'web', 'pod-template-hash': 'x1' } }),
  pod('shop/api', { port: 80 }),
  pod('pay/gateway', { port: 8443 }),
  service('pay/gateway', {
    selector: { app: 'gateway' },
    clusterIP: '10.96.7.7',
    ports: [{ port: 443, targetPort: 8443 }],
  }),
  ...dns(5353),
];

const at = (asked: string): SeenPeer => ({ ...BLANK_PEER, asked });
const of = (name: string): SeenPeer => {
  const [ns = '', own = ''] = name.split('/');
  return { ...BLANK_PEER, namespace: ns, pod: own };
};
function seen(source: SeenPeer, destination: SeenPeer, port: number | null, extra: Partial<SeenFlow> = {}): SeenFlow {
  const protocol = parseProtocol(port === null ? 'ICMP' : 'TCP') as number;
  return passedFlow(source, destination, { protocol, port, ...extra });
}

const FLOWS = [
  seen(of('shop/web'), of('shop/api'), 80),
  seen(of('shop/api'), { ...BLANK_PEER, address: '10.96.7.7' }, 443),
  seen(at('198.51.100.7'), of('shop/web'), 8080, { count: 5 }),
];

function suggest(flows: readonly SeenFlow[], objects: readonly unknown[] = [], options: SuggestOptions = {}) {
  const snapshot = compileSnapshot(factsOf(...CLUSTER, ...objects));
  return suggestPolicies(snapshot, placeFlows(snapshot, flows), options);
}
const spec = (manifest: string): unknown => (parseAllDocuments(manifest)[0]?.toJS() as { spec: unknown }).spec;

describe('policies suggested by flows', () => {
  it('say whom else the labels of a workload select', () => {
    const same = pod('shop/twin', { labels: { app: 'api', colour: 'blue' } });
    const other = pod('pay/api');
    const { notes } = suggest([seen(of('shop/web'), of('shop/api'), 80)], [same, other]);
    expect(notes).toEqual(['the policy of shop/api (Pod) selects Pod shop/twin too']);
  });

  it('let through what was seen and nothing else, by labels that last and by the ports of pods', () => {
    const found = suggest(FLOWS);
    expect(found).toMatchObject({ form: 'kubernetes', kept: 3, cut: [], notes: [] });
    expect(found.policies.map(({ workload, name }) => [workload, name])).toEqual([
      ['pay/gateway (Pod)', 'gateway-as-seen'],
      ['shop/api (Pod)', 'api-as-seen'],
      ['shop/web (Pod)', 'web-as-seen'],
    ]);
    expect(spec(found.policies[2]?.manifest ?? '')).toEqual({
      podSelector: { matchLabels: { app: 'web' } },
      policyTypes: ['Ingress', 'Egress'],
      ingress: [{ from: [{ ipBlock: { cidr: '198.51.100.7/32' } }], ports: [{ protocol: 'TCP', port: 8080 }] }],
      egress: [
        { to: [{ podSelector: { matchLabels: { app: 'api' } } }], ports: [{ protocol: 'TCP', port: 80 }] },
        {
          to: [
            {
              namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'kube-system' } },
              podSelector: { matchLabels: { 'k8s-app': 'kube-dns' } },
            },
          ],
          ports: [
            { protocol: 'UDP', port: 5353 },
            { protocol: 'TCP', port: 5353 },
          ],
        },
      ],
    });
    expect(spec(found.policies[0]?.manifest ?? '')).toMatchObject({
      ingress: [{ from: [{ podSelector: { matchLabels: { app: 'api' } } }], ports: [{ protocol: 'TCP', port: 8443 }] }],
    });
    expect(found.policies[2]?.allows).toEqual([
      { direction: 'egress', peer: 'shop/app=api', ports: 'TCP 80', count: 1 },
      { direction: 'ingress', peer: '198.51.100.7/32', ports: 'TCP 8080', count: 5 },
      { direction: 'egress', peer: 'kube-system/k8s-app=kube-dns', ports: 'UDP 5353, TCP 5353', count: 0 },
    ]);
    const closed = found.prediction.changes.map(
      ({ source, destination, closes }) => `${source} ${destination} ${closes}`,
    );
    expect(closed).toContain('shop/api[Pod] shop/web[Pod] all');
    expect(closed).toContain('shop/web[Pod] shop/api[Pod] TCP 1-79, 81-65535; UDP any; SCTP any');
    expect(found.prediction.opened).toBe(0);
  });

  it('let through each address of a node that was seen', () => {
    const addresses = ['10.0.9.1', '192.168.7.1'];
    const typed = addresses.map((address, index) => ({ type: index === 0 ? 'InternalIP' : 'ExternalIP', address }));
    const twofold = { ...(node('n2') as object), status: { addresses: typed } };
    const flows = addresses.map((address) => seen(of('shop/web'), at(`ip:${address}`), 443));
    const found = suggest(flows, [twofold, denyAll('shop', 'Egress')]);
    expect(found).toMatchObject({ kept: 2, cut: [] });
    const peers = found.policies.flatMap(({ allows }) =>
      allows.filter(({ count }) => count > 0).map(({ peer }) => peer),
    );
    expect(peers).toEqual(['nodes at 10.0.9.1/32', 'nodes at 192.168.7.1/32']);
  });

  it('are only for the namespaces that are asked for', () => {
    expect(suggest(FLOWS, [], { namespaces: ['pay'] }).policies.map(({ namespace: ns }) => ns)).toEqual(['pay']);
  });

  it('say what would still be cut, and why', () => {
    const admin = {
      apiVersion: 'policy.networking.k8s.io/v1alpha2',
      kind: 'ClusterNetworkPolicy',
      metadata: { name: 'no-payments' },
      spec: {
        tier: 'Admin',
        priority: 1,
        subject: { namespaces: { matchLabels: { 'kubernetes.io/metadata.name': 'pay' } } },
        ingress: [{ action: 'Deny', from: [{ namespaces: {} }] }],
      },
    };
    const found = suggest(FLOWS, [admin]);
    expect(found).toMatchObject({
      kept: 2,
      cut: [{ source: 'shop/api', destination: 'service pay/gateway', port: 443 }],
    });
    expect(found.cut[0]?.why).toContain('no-payments');
  });

  it('leave out what arrived nowhere, what is gone, and what was dropped', () => {
    const left = seen(of('shop/web'), of('pay/gateway'), 8443, { direction: 'egress' });
    const { policies, notes } = suggest([
      left,
      { ...left, verdict: 'dropped', direction: 'ingress' },
      seen(of('shop/gone'), of('shop/api'), 80),
    ]);
    expect(policies).toEqual([]);
    expect(notes).toEqual([
      'left out: shop/web → pay/gateway, as it was dropped where it arrived',
      'left out: shop/gone → shop/api, as shop/gone is not in the inventory',
    ]);
  });

  it('say names, nodes and the API server in Cilium where it enforces', () => {
    const toName = { ...BLANK_PEER, address: '203.0.113.9', hostNames: ['pay.example.com'] };
    const found = suggest(
      [
        seen(of('shop/web'), toName, 443),
        seen(of('shop/web'), { ...BLANK_PEER, address: '172.18.0.10' }, 6443),
        seen({ ...BLANK_PEER, node: 'n1' }, of('shop/web'), 8080),
      ],
      [cilium(), ...API_SERVER],
    );
    expect(found).toMatchObject({ form: 'cilium', kept: 3, cut: [] });
    expect(spec(found.manifest)).toMatchObject({
      endpointSelector: { matchLabels: { app: 'web' } },
      ingress: [{ fromEntities: ['host', 'remote-node'], toPorts: [{ ports: [{ port: '8080', protocol: 'TCP' }] }] }],
      egress: [
        { toFQDNs: [{ matchName: 'pay.example.com' }], toPorts: [{ ports: [{ port: '443', protocol: 'TCP' }] }] },
        { toEntities: ['kube-apiserver'], toPorts: [{ ports: [{ port: '6443', protocol: 'TCP' }] }] },
        {
          toEndpoints: [{ matchLabels: { 'k8s-app': 'kube-dns', 'k8s:io.kubernetes.pod.namespace': 'kube-system' } }],
          toPorts: [{ rules: { dns: [{ matchPattern: '*' }] } }],
        },
      ],
    });
  });

  describe('where Cilium enforces always', () => {
    const always = (release: string, extra: Readonly<Record<string, string>> = {}): readonly unknown[] => [
      cilium(release),
      ciliumConfig({ 'enable-policy': 'always', ...extra }),
    ];
    /** The directions that the policies of `api` and of `web` are about, and what the cluster then makes of the own node. */
    const written = (objects: readonly unknown[], form: 'cilium' | 'kubernetes' = 'cilium') => {
      const { policies, manifest, notes } = suggest([seen(of('shop/web'), of('shop/api'), 80)], objects, { form });
      const documents = parseAllDocuments(manifest).map((each) => each.toJS() as unknown);
      const after = compileSnapshot(factsOf(...CLUSTER, ...objects, ...documents));
      const probes = ['shop/api', 'shop/web'].map((name) => seen({ ...BLANK_PEER, node: 'n1' }, of(name), 9));
      return {
        closes: policies.map((each) => {
          const { policyTypes, ...said } = spec(each.manifest) as Record<string, unknown>;
          return policyTypes ?? Object.keys(said).filter((key) => key !== 'endpointSelector');
        }),
        ownNode: placeFlows(after, probes).map((flow) => askAboutFlow(after, flow)?.enforced.verdict),
        notes: notes.filter((note) => note.includes('own node')),
      };
    };
    const both = ['ingress', 'egress'];
    const waits = (name: string, since = ''): string =>
      `the own node reaches every port of ${name} (Pod)${since} once there is any rule for its ingress, so with this policy`;

    it('CNP-85: lets the own node in only where something else comes in, and says so', () => {
      expect(written(always('v1.20.2'))).toEqual({
        closes: [both, ['egress']],
        ownNode: ['allowed', 'denied'],
        notes: [waits('shop/api')],
      });
      expect(written(always('latest'))).toEqual({
        closes: [both, ['egress']],
        ownNode: ['allowed', 'undetermined'],
        notes: [waits('shop/api', ' from Cilium 1.20 on')],
      });
    });

    it('CNP-85: has NetworkPolicies close what they close as written, and says what that opens', () => {
      expect(written(always('v1.20.2'), 'kubernetes')).toEqual({
        closes: [
          ['Ingress', 'Egress'],
          ['Ingress', 'Egress'],
        ],
        ownNode: ['allowed', 'allowed'],
        notes: [waits('shop/api'), waits('shop/web')],
      });
    });

    it('CNP-85: closes both directions where the own node needs no rule, or is not let in by any', () => {
      const closed = { closes: [both, both], notes: [] };
      expect(written(always('v1.19.3'))).toEqual({ ...closed, ownNode: ['allowed', 'allowed'] });
      const judged = written(always('v1.20.2', { 'allow-localhost': 'policy' }));
      expect(judged).toEqual({ ...closed, ownNode: ['denied', 'denied'] });
    });

    it('CNP-85: tells nothing new of the own node where a rule for ingress is there already', () => {
      const closing = policy('shop/closing', { podSelector: {}, policyTypes: ['Ingress'] });
      const { ownNode, notes } = written([...always('v1.20.2'), closing]);
      expect({ ownNode, notes }).toEqual({ ownNode: ['allowed', 'allowed'], notes: [] });
    });
  });

  it('say ICMP in Calico, and admit that others cannot', () => {
    const ping = seen(of('shop/web'), of('shop/api'), null);
    const calico = suggest([ping], [], { form: 'calico' });
    expect(calico).toMatchObject({ kept: 1, cut: [] });
    expect(spec(calico.policies[1]?.manifest ?? '')).toMatchObject({
      selector: "app == 'web'",
      types: ['Ingress', 'Egress'],
      egress: [
        {
          action: 'Allow',
          protocol: 'ICMP',
          destination: { selector: "app == 'api' && projectcalico.org/orchestrator == 'k8s'" },
        },
        { action: 'Allow', protocol: 'UDP', destination: { ports: [5353] } },
        { action: 'Allow', protocol: 'TCP', destination: { ports: [5353] } },
      ],
    });
    const plain = suggest([ping]);
    expect(plain).toMatchObject({ kept: 0, cut: [{ protocol: 'ICMP' }] });
    expect(plain.notes).toContain('ICMP of shop/web (Pod) is left out: this kind of policy cannot say it');
  });

  it('take many addresses together, and say so', () => {
    const many = Array.from({ length: 20 }, (_, i) =>
      seen(of('shop/web'), { ...BLANK_PEER, address: `203.0.113.${String(i * 3)}` }, 443),
    );
    const { policies, notes, kept } = suggest(many);
    expect(policies[0]?.manifest).toContain('203.0.113.0/24');
    expect(kept).toBe(20);
    expect(notes).toEqual([
      'shop/web (Pod) talks to many addresses outside: they are allowed as 203.0.113.0/24, which hold others too',
    ]);
  });

  it('are not written for pods without a label of their own', () => {
    const bare = pod('shop/bare', { labels: { 'pod-template-hash': 'x' } });
    expect(suggest([seen(of('shop/bare'), of('shop/api'), 80)], [bare]).notes).toEqual([
      'shop/api (Pod) was seen with pods of shop that share no label that lasts: every pod there is allowed',
      'nothing is written for shop/bare (Pod): its pods share no label that lasts, so no policy can select just them',
    ]);
  });
});

describe('addresses', () => {
  it('are made into the fewest blocks that hold just them', () => {
    const ips = ['10.0.0.0', '10.0.0.1', '10.0.0.2', '10.0.0.3', '10.0.0.5', '::1'].map((ip) => parseIp(ip) as Ip);
    expect(addressBlocks(ips)).toEqual({ cidrs: ['10.0.0.0/30', '10.0.0.5/32', '::1/128'], widened: false });
  });
});

describe('flows explained', () => {
  const explain = (flows: readonly SeenFlow[], ...objects: readonly unknown[]) => {
    const snapshot = compileSnapshot(factsOf(...CLUSTER, ...objects));
    return placeFlows(snapshot, flows).map((flow) => explainFlow(snapshot, flow).standing);
  };
  const flow = seen(of('shop/web'), of('shop/api'), 80);
  const calico = daemonSet('kube-system/calico-node', {
    hostNetwork: true,
    containers: [{ name: 'calico-node', image: 'docker.io/calico/node:v3.30.0' }],
  });
  const allow = policy('shop/allow', { podSelector: {}, ingress: [{}] });

  it('stand to policy as they were seen', () => {
    const dropped = { ...flow, verdict: 'dropped' } as const;
    expect(explain([flow], calico)).toEqual(['open']);
    expect(explain([flow], calico, allow)).toEqual(['allowed']);
    expect(explain([dropped], calico, denyAll('shop', 'Ingress'))).toEqual(['denied']);
    expect(explain([dropped], calico)).toEqual(['dropped-though-allowed']);
    expect(explain([{ ...dropped, reason: 'STALE_OR_UNROUTABLE_IP' }], calico)).toEqual(['elsewhere']);
    expect(explain([flow], calico, denyAll('shop', 'Ingress'))).toEqual(['forwarded-though-denied']);
    expect(explain([{ ...flow, direction: 'egress' }], calico, denyAll('shop', 'Ingress'))).toEqual(['undetermined']);
    expect(explain([{ ...flow, verdict: 'audited' }], calico, denyAll('shop', 'Ingress'))).toEqual(['audited']);
    expect(explain([seen(of('shop/gone'), of('shop/api'), 80)])).toEqual(['not-found']);
  });

  it('are added up by workload, and pods that are gone are found by their owner', () => {
    const owner = { apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'cart-6b7c9', uid: '1', controller: true };
    const deployed = (name: string): unknown => {
      const made = pod(name, { labels: { app: 'cart', 'pod-template-hash': '6b7c9' } }) as {
        readonly metadata: object;
      };
      return { ...made, metadata: { ...made.metadata, ownerReferences: [owner] } };
    };
    const pods = [deployed('shop/cart-6b7c9-x2b4c'), deployed('shop/cart-6b7c9-z5d6f')];
    const snapshot = compileSnapshot(factsOf(...CLUSTER, ...pods));
    const flows = ['cart-6b7c9-x2b4c', 'cart-6b7c9-z5d6f', 'cart-6b7c9-qqqqq', 'cart-6b7c9-*', 'cart-55555-x2b4c'].map(
      (name) => seen(of(`shop/${name}`), of('shop/api'), 80),
    );
    const placed = placeFlows(snapshot, flows);
    expect(placed.map(({ sourceName, count }) => [sourceName, count])).toEqual([['shop/cart', 5]]);
  });

  it('have no name where their peer lies out of sight', () => {
    const snapshot = compileSnapshot(factsOf(...CLUSTER));
    const sees = (ns: string): boolean => ns !== 'pay';
    const toService = seen(of('shop/api'), { ...BLANK_PEER, address: '10.96.7.7' }, 443);
    const placed = placeFlows(snapshot, [seen(of('shop/web'), of('pay/gateway'), 8443), toService], sees);
    expect(placed.map((flow) => explainFlow(snapshot, flow, sees))).toMatchObject([
      { destination: 'pay/gateway', standing: 'not-found', rules: [], intended: null },
      { destination: '10.96.7.7' },
    ]);
  });
});
