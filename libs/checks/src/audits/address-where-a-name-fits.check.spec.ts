import { CALICO, cilium, daemonSet, dns, namespace, NO_PODS, node, pod, policy } from '../testing/objects.js';
import { seenFlow } from '../testing/seen-flow.js';
import { testCheck } from '../testing/test-check.js';
import { check } from './address-where-a-name-fits.check.js';

const agent = (fullName: string, container: string, image: string): unknown =>
  daemonSet(fullName, { hostNetwork: true, containers: [{ name: container, image }] });
const CILIUM = cilium();
const ANTREA = agent('kube-system/antrea-agent', 'antrea-agent', 'antrea/antrea-agent-ubuntu:v2.3.0');
const GKE = agent('kube-system/anetd', 'cilium-agent', 'gke.gcr.io/cilium/cilium:v1.14.0');
const OVN = agent(
  'ovn-kubernetes/ovnkube-node',
  'ovnkube-controller',
  'ghcr.io/ovn-org/ovn-kubernetes/ovn-kube-ubuntu:v1.1.0',
);

const shop = [node(), namespace('shop'), pod('shop/web')];
const PORTS = [{ port: 443 }];
const sends = (cidrs: readonly string[], ports: readonly unknown[] = PORTS): unknown =>
  policy('shop/web', {
    podSelector: { matchLabels: { app: 'web' } },
    egress: [{ to: cidrs.map((cidr) => ({ ipBlock: { cidr } })), ports }],
  });
const one = sends(['8.34.208.9/32']);
const seen = seenFlow('shop/web', '8.34.208.9', 443);
const named = (...hostNames: readonly string[]): typeof seen => ({
  ...seen,
  destination: { ...seen.destination, hostNames },
});
const settings = { flows: [named('api.example.com')] };
const ENTRY = {
  apiVersion: 'networking.istio.io/v1',
  kind: 'ServiceEntry',
  metadata: { name: 'api', namespace: 'shop' },
  spec: {
    hosts: ['api.example.com', '*.example.org'],
    ports: [{ number: 443, name: 'tls', protocol: 'TLS' }],
    endpoints: [{ address: '8.34.208.9' }],
  },
};
const closes = ['shop/web[Pod] -> 8.34.208.9 -TCP 443'];

testCheck(check, {
  clean: [
    { name: 'a known name that is elsewhere', settings, objects: [...shop, CILIUM, sends(['1.1.1.0/24'])] },
    { name: 'a network, not a service', settings, objects: [...shop, CILIUM, sends(['8.34.208.0/23', '1.1.1.1/32'])] },
    {
      name: 'names that no rule could take',
      settings: { flows: [named('web', 'kube-dns.kube-system.svc.cluster.local', '9.208.34.8.in-addr.arpa')] },
      objects: [...shop, CILIUM, one],
    },
  ],
  flagged: [
    {
      name: 'an address that a flow told the name of, with Cilium',
      settings,
      objects: [...shop, ...dns(), CILIUM, one],
      finds: [
        {
          at: 'shop/web',
          pointer: '/spec/egress/0/to/0/ipBlock',
          title: /^shop\/web allows the address of api\.example\.com by the block 8\.34\.208\.9\/32$/,
          evidence: /^api\.example\.com: 8\.34\.208\.9, by flows that were seen$/,
          flow: 'shop/web -> 8.34.208.9 TCP 443 allow',
          change: [...closes, 'shop/web[Pod] -> kube-system/coredns[Pod] +TCP 53; UDP 53'],
        },
      ],
    },
    {
      name: 'two blocks of one policy, of which a part stays, with Antrea',
      settings: {
        flows: [
          ...settings.flows,
          {
            ...named('b.example.com'),
            destination: { ...seen.destination, asked: '8.34.209.1', hostNames: ['b.example.com.'] },
          },
        ],
      },
      objects: [...shop, ANTREA, sends(['8.34.208.0/24', '1.1.1.1/32', '8.34.209.1/32'])],
      finds: [
        { at: 'shop/web', pointer: '/spec/egress/0/to/0/ipBlock' },
        { at: 'shop/web', pointer: '/spec/egress/0/to/2/ipBlock', change: ['shop/web[Pod] -> 8.34.209.1 -TCP 443'] },
      ],
    },
    {
      name: 'an address that a ServiceEntry names, on GKE',
      objects: [...shop, GKE, one, ENTRY],
      finds: [
        { at: 'shop/web', evidence: /^api\.example\.com: 8\.34\.208\.9, by ServiceEntry shop\/api$/, change: closes },
      ],
    },
    {
      name: 'the firewall of OVN-Kubernetes, which allows nothing itself',
      settings,
      objects: [...shop, OVN, one],
      finds: [{ at: 'shop/web', change: null }],
    },
    {
      name: 'ports that not every kind can say',
      settings,
      objects: [...shop, ANTREA, sends(['8.34.208.9/32'], [{ port: 443, endPort: 444 }])],
      finds: [{ at: 'shop/web', change: null }],
    },
    {
      name: 'Cilium without resolvers to ask',
      settings,
      objects: [...shop, CILIUM, one],
      finds: [{ at: 'shop/web', change: null }],
    },
  ],
  undetermined: [
    {
      name: 'nothing tells names',
      objects: [...shop, CILIUM, one],
      outcome: 'skip',
      reason: /told by flows .* ServiceEntries/,
    },
    {
      name: 'nothing tells which plugin runs',
      settings,
      objects: [...shop, one],
      outcome: 'unknown',
      reason: /not known/,
    },
    {
      name: 'a plugin without rules by name',
      settings,
      objects: [...shop, CALICO, one],
      outcome: 'not-applicable',
      reason: /^Calico 3\.30\.0 is not known to have rules by name$/,
    },
    { name: 'no blocks', settings, objects: [...shop, CILIUM], outcome: 'not-applicable', reason: /narrow block/ },
    {
      name: 'pods could not be listed',
      settings,
      objects: [...shop, CILIUM, one],
      completeness: NO_PODS,
      outcome: 'skip',
      reason: /Pod could not/,
    },
  ],
});
