import { ICMP, ICMPV6, TCP, UDP } from '../../model/index.js';
import type { PortMatch, PortSpec, Protocol, Semantics, StandingAllow } from '../../model/index.js';
import { isTrue } from '../detector.js';
import { capabilities, cell, namesOfContainers, NO_SUPPORT } from '../profile.js';
import type { CniProfile, ProfileContext, SemanticsDeviation } from '../profile.js';
import { kubeRouter as source, pull } from '../source.js';

const POLICY = source('pkg/controllers/netpol/policy.go');
const CONTROLLER = source('pkg/controllers/netpol/network_policy_controller.go');
const NFTABLES = source('pkg/controllers/netpol/npc_nftables.go');
const GUIDE = source('docs/user-guide.md');

/** Echo requests, unreachable destinations and exceeded times; for IPv6 echo replies and the search for neighbours too. */
const COMMON_ICMP: PortSpec = {
  include: [...types(ICMP, 8, 3, 11), ...types(ICMPV6, 128, 129, 1, 3, 135, 136)],
  except: [],
};

/** Its rules for packets to the node itself let Services of the node pass before they look at the pod. */
function nodePorts({ options }: ProfileContext): StandingAllow {
  const told = options['service-node-port-range'] ?? '';
  const [, from, to] = /^(\d{1,5})[-:](\d{1,5})$/.exec(told) ?? ['', '30000', '32767'];
  const range = { from: Number(from), to: Number(to) };
  return {
    directions: ['egress'],
    ports: { include: [TCP, UDP].map((protocol) => ({ type: 'range', protocol, ...range })), except: [] },
    title: 'NodePorts of the own node',
    peers: ['node', 'hostpod'],
    ownNode: true,
  };
}

function types(protocol: Protocol, ...wanted: readonly number[]): PortMatch[] {
  return wanted.map((icmpType) => ({ type: 'icmp', protocol, icmpType, code: null }));
}

/** From 2.11 on, as an experiment. */
const usesNftables = ({ options }: ProfileContext): boolean => isTrue(options['use-nftables-for-netpol']);

export function kubeRouterSemantics(context: ProfileContext): Partial<Omit<Semantics, 'kinds' | 'options'>> {
  const icmp = { directions: ['ingress', 'egress'], ports: COMMON_ICMP, title: 'common types of ICMP' } as const;
  return {
    combination: 'knp-only',
    podToOwnNode: false,
    networkPolicyOf: usesNftables(context) ? 'kube-router-nftables' : 'kube-router',
    standingAllows: [icmp, nodePorts(context)],
  };
}

const OF_POLICY: readonly SemanticsDeviation[] = [
  {
    subject: 'policies with both types',
    deviation: 'widened',
    note: 'between two pods that a policy selects its rules count in both directions',
    source: source('pkg/controllers/netpol/npc_iptables.go'),
  },
  {
    subject: 'exceptions of address blocks',
    deviation: 'narrowed',
    note: 'an exception also holds against wider blocks of the same rule, with nftables against all of its blocks and later rules',
    source: POLICY,
  },
  {
    subject: 'named ports of egress',
    deviation: 'widened',
    note: 'in a rule for everyone a name is the numbers of the own namespace, anywhere; towards blocks it is nothing',
    source: POLICY,
  },
  {
    subject: 'names of ports that nobody has',
    deviation: 'widened',
    note: 'a rule for pods that has no other ports is for all of them',
    source: POLICY,
  },
  namesOfContainers(POLICY),
  { subject: 'block `::/0`', deviation: 'narrowed', note: 'it is 2000::/3 and fd00::/8', source: POLICY },
];

export function kubeRouterDeviations(context: ProfileContext): readonly SemanticsDeviation[] {
  const out: SemanticsDeviation[] = [
    {
      subject: 'ICMP',
      deviation: 'widened',
      note: 'the common types of ICMP are admitted to isolated pods',
      source: source('pkg/utils/iptables.go'),
    },
    {
      subject: 'pod to its own node',
      deviation: 'narrowed',
      note: 'egress policy applies, but to the range of NodePorts, which is let through on the way to the node',
      source: CONTROLLER,
    },
  ];
  out.push(...OF_POLICY);
  if (usesNftables(context)) {
    const note =
      'nft refuses the rule of a port without a number, and the policies that come after it are not programmed';
    out.push({ subject: 'ports without a number', deviation: 'unknown', note, source: NFTABLES });
  }
  // Every pod of a node has a chain once it is programmed, with policies or without.
  if (isTrue(context.options['netpol-default-deny'])) {
    const note = 'pods whose rules are not programmed yet are cut off until they are';
    out.push({ subject: 'new pods', deviation: 'narrowed', note, source: CONTROLLER });
  }
  return out;
}

export const KUBE_ROUTER_CAPABILITIES = capabilities('YYYYYYYNNNNNN');

export const kubeRouterProfile: CniProfile = {
  id: 'kube-router',
  title: 'kube-router',
  vendor: null,
  support: () => ({ ...NO_SUPPORT, networkPolicy: 'yes' }),
  semantics: kubeRouterSemantics,
  deviations: kubeRouterDeviations,
  capabilities: KUBE_ROUTER_CAPABILITIES,
  columns: {
    standardPolicy: cell(
      'yes, with --run-firewall; blocks with exceptions from 0.2.1',
      pull('cloudnativelabs/kube-router', 543),
      'since before 0.2.1',
    ),
    l7: cell('no', GUIDE),
    dnsNames: cell('no', GUIDE),
    clusterWide: cell('no', GUIDE),
    deny: cell('no', GUIDE),
    flowLogs: cell('denied packets, by NFLOG', GUIDE),
    dataplane: cell('iptables and ipset', CONTROLLER),
    ownNode: cell('by egress policy, but for NodePorts', CONTROLLER),
    encryption: cell('no', GUIDE),
  },
  notes: [{ text: 'denied connections are refused, not dropped', source: CONTROLLER }],
};
