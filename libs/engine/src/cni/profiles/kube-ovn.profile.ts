import { ICMPV6, SCTP, TCP, UDP } from '../../model/index.js';
import type { PortSpec, Semantics, StandingAllow } from '../../model/index.js';
import { capabilities, cell, NO_SUPPORT } from '../profile.js';
import type { CniProfile, ProfileContext, SemanticsDeviation } from '../profile.js';
import { file, kubeOvn as source, pull, release } from '../source.js';

const POLICY = source('pkg/controller/network_policy.go');
const ACL = source('pkg/ovs/ovn-nb-acl.go');
const LIMITS = source('pkg/util/const.go');

const OTHER_PROTOCOLS: PortSpec = {
  include: 'any',
  except: [TCP, UDP, SCTP].map((protocol) => ({ type: 'protocol', protocol })),
};
const DHCP_PORTS: PortSpec = {
  include: [
    { type: 'range', protocol: UDP, from: 67, to: 68 },
    { type: 'range', protocol: UDP, from: 546, to: 547 },
  ],
  except: [],
};
const ICMPV6_ONLY: PortSpec = { include: [{ type: 'protocol', protocol: ICMPV6 }], except: [] };

function semantics({ options }: ProfileContext): Partial<Omit<Semantics, 'kinds' | 'options'>> {
  const directions = ['ingress', 'egress'] as const;
  const icmpv6: StandingAllow = { directions, ports: ICMPV6_ONLY, title: 'ICMPv6' };
  const dhcp: StandingAllow = { directions, ports: DHCP_PORTS, title: 'DHCP' };
  const lax: StandingAllow = { directions, ports: OTHER_PROTOCOLS, title: 'lax enforcement' };
  return {
    combination: 'spec',
    networkPolicyOf: 'kube-ovn',
    untypedRules: ['egress'],
    standingAllows: [options['np-enforcement'] === 'lax' ? lax : icmpv6, dhcp],
  };
}

function deviations(context: ProfileContext): readonly SemanticsDeviation[] {
  const out: SemanticsDeviation[] = [
    {
      subject: 'policyTypes',
      deviation: 'widened',
      note: 'egress rules isolate egress even when policyTypes leaves Egress out',
      source: POLICY,
    },
    {
      subject: 'priority',
      deviation: 'rejected',
      note: 'AdminNetworkPolicy priorities over 99, ClusterNetworkPolicy priorities over 399, and a second policy of equal priority are refused',
      source: LIMITS,
    },
    {
      subject: 'annotation ovn.kubernetes.io/network_policy_enforcement',
      deviation: 'unknown',
      note: 'a NetworkPolicy with the value lax blocks only TCP, UDP and SCTP; it is not read',
      source: POLICY,
    },
    {
      subject: 'exceptions of address blocks',
      construct: 'ipBlockExcept',
      deviation: 'unknown',
      note: 'until March 2026 an exception also held against the other peers of its rule; which releases have the change is not known',
      source: pull('kubeovn/kube-ovn', 6419),
    },
    { subject: 'DHCP', deviation: 'widened', note: 'is admitted to and from isolated pods', source: ACL },
    { subject: 'ICMPv6', deviation: 'widened', note: 'is admitted to and from isolated pods', source: ACL },
  ];
  if (context.options['np-enforcement'] === 'lax') {
    const note = 'lax enforcement: only TCP, UDP and SCTP are blocked';
    out.push({ subject: 'other protocols', deviation: 'widened', note, source: ACL });
  }
  return out;
}

export const kubeOvnProfile: CniProfile = {
  id: 'kube-ovn',
  title: 'Kube-OVN',
  vendor: null,
  support: () => ({ ...NO_SUPPORT, networkPolicy: 'yes', adminV1alpha1: 'yes', clusterV1alpha2: 'partial' }),
  semantics,
  deviations,
  capabilities: capabilities('YYY?YYYYPPNNP', {
    clusterV1alpha2: 'in part',
    fqdn: 'experimental, in the cluster-wide kinds',
    deny: 'in the cluster-wide kinds',
  }),
  columns: {
    standardPolicy: cell('yes; a lax mode exists', release('kubeovn/kube-ovn', 'v0.5.0'), 'from 0.5'),
    l7: cell('no', POLICY),
    dnsNames: cell('experimental, in the cluster-wide kinds', source('pkg/controller/cluster_network_policy.go')),
    clusterWide: cell('AdminNetworkPolicy, BaselineAdminNetworkPolicy, ClusterNetworkPolicy', LIMITS),
    deny: cell('in the cluster-wide kinds', LIMITS),
    flowLogs: cell('ACL logging', ACL),
    dataplane: cell('OVN and Open vSwitch', ACL),
    ownNode: cell('always', ACL),
    encryption: cell('IPsec', file('kubeovn/docs', 'docs/advance/ovn-ipsec.en.md')),
  },
  notes: [{ text: 'traffic between a node address and a pod is always allowed', source: ACL }],
};
