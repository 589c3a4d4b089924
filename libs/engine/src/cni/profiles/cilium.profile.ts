import type { Deviation, KindSupport, Semantics } from '../../model/index.js';
import { isFalse, isTrue } from '../detector.js';
import { capabilities, cell, namesOfContainers, NO_SUPPORT, NOT_JUDGED, since } from '../profile.js';
import type { CniProfile, GroupSupport, ProfileContext, SemanticsDeviation } from '../profile.js';
import { blog, CILIUM_FIELDS, pull, release } from './cilium-fields.js';
import { cilium as source } from '../source.js';
import { atLeast } from '../version.js';

const KNP_DOC = source('Documentation/network/kubernetes/policy.rst');
const LAYER3 = source('Documentation/security/policy/layer3.rst');
const LAYER4 = source('Documentation/security/policy/layer4.rst');
const LAYER7 = source('Documentation/security/policy/layer7.rst');
const HOST = source('Documentation/security/policy/host.rst');

/** Port ranges came with 1.16 (cilium/cilium pull request 32389 and its documentation, 33389). */
const PORT_RANGES = '1.16';
/** From here on a NetworkPolicy with a range is refused as a whole, where it was read without its end before. */
const REFUSES_PORT_RANGES = '1.14.4';
/** ClusterNetworkPolicy is read from 1.20 on, behind `enable-k8s-cluster-network-policy`. */
const CLUSTER_NETWORK_POLICY = '1.20';
/** cilium/cilium pull request 44590. */
const OWN_NODE_BESIDE_RULES = '1.20';

/** The switches of Cilium's engine, shared with the platforms that ship it. */
export function ciliumSemantics(context: ProfileContext): Partial<Omit<Semantics, 'kinds' | 'options'>> {
  const { options } = context;
  return {
    combination: 'cilium',
    networkPolicyOf: 'cilium',
    cidrMatches: cidrMatches(options['policy-cidr-match-mode']),
    ownNodeToPod: options['allow-localhost'] !== 'policy',
    ownNodeNeedsRule: ownNodeNeedsRule(context),
    podToOwnNode: false,
    toItself: NOT_JUDGED,
    untypedRules: ['ingress', 'egress'],
    endPort: endPort(context),
    // The switch is off in the chart; an agent whose ConfigMap cannot be read is taken to have its default.
    sctp: isTrue(options['enable-sctp']),
    podDefault: options['enable-policy'] === 'always' ? 'deny' : 'allow',
    // Without ClusterNetworkPolicy nothing stands behind NetworkPolicy.
    isolatesLast: clusterNetworkPolicy(context) !== 'no',
  };
}

/** From 1.20 on the leave of the own node is made beside the rules that select a pod, so not where there are none. (CNP-85) */
function ownNodeNeedsRule({ version, options }: ProfileContext): Semantics['ownNodeNeedsRule'] {
  if (options['enable-policy'] !== 'always') return 'no';
  const isSince = atLeast(version, OWN_NODE_BESIDE_RULES);
  return isSince === null ? 'unknown' : isSince ? 'yes' : 'no';
}

/** `nodes` came with 1.15, `pods` with 1.20; an agent does not start with a mode that it does not know. */
function cidrMatches(mode = ''): Semantics['cidrMatches'] {
  const modes = mode.split(/[\s,]+/);
  return { pods: modes.includes('pods'), nodes: modes.includes('nodes') };
}

function endPort({ version }: ProfileContext): Deviation {
  if (atLeast(version, PORT_RANGES) !== false) return 'exact';
  return atLeast(version, REFUSES_PORT_RANGES) === true ? 'rejected' : 'ignored';
}

/** What Cilium enforces, by version and switches. */
export function ciliumSupport(context: ProfileContext): GroupSupport {
  const { options } = context;
  return {
    ...NO_SUPPORT,
    networkPolicy: isFalse(options['enable-k8s-networkpolicy']) ? 'no' : 'yes',
    clusterV1alpha2: clusterNetworkPolicy(context),
    cilium: 'yes',
    ciliumClusterwide: isTrue(options['enable-host-firewall']) ? 'yes' : 'partial',
  };
}

function clusterNetworkPolicy(context: ProfileContext): KindSupport {
  if (!isTrue(context.options['enable-k8s-cluster-network-policy'])) return 'no';
  return since(context, CLUSTER_NETWORK_POLICY);
}

/** Where Cilium leaves the specification, by version and switches. */
export function ciliumDeviations(context: ProfileContext): readonly SemanticsDeviation[] {
  const { options } = context;
  const out: SemanticsDeviation[] = [
    ...ipBlock(options['policy-cidr-match-mode']),
    {
      subject: 'pod to its own node',
      deviation: 'narrowed',
      note: 'a pod with isolated egress needs a rule for the entity `host` to reach its own node',
      source: LAYER3,
    },
    namesOfContainers(source('pkg/k8s/client.go')),
  ];
  out.push({
    subject: 'policyTypes',
    deviation: 'widened',
    note: 'rules of a NetworkPolicy count, and isolate, although policyTypes leaves their direction out',
    source: source('pkg/k8s/network_policy.go'),
  });
  out.push({
    subject: 'ipBlock with a zero before a number',
    deviation: 'rejected',
    note: 'a NetworkPolicy with such a block, as `010.0.0.0/8`, is refused and has no effect',
    source: source('pkg/policy/api/rule_validation.go'),
  });
  const needed = ownNodeNeedsRule(context);
  if (needed !== 'no') {
    const since = needed === 'yes' ? '' : `from ${OWN_NODE_BESIDE_RULES} on `;
    out.push({
      subject: 'node to its own pods',
      deviation: 'narrowed',
      note: `with enable-policy: always ${since}the own node does not reach a pod that no rule for ingress selects`,
      source: 'https://github.com/cilium/cilium/issues/48444',
    });
  }
  const range = endPort(context);
  if (range !== 'exact') {
    const inCilium = '`endPort` of Cilium’s own kinds is dropped';
    const note =
      range === 'ignored'
        ? `only \`port\` is matched and \`endPort\` is ignored; ${inCilium}`
        : `a NetworkPolicy with \`endPort\` is refused and has no effect; ${inCilium}`;
    const source = range === 'ignored' ? 'https://github.com/cilium/cilium/issues/28684' : pull(28704);
    const needs = `Cilium ${PORT_RANGES}`;
    out.push({ subject: 'endPort', construct: 'portRange', deviation: range, note, source, needs });
  }
  return [...out, ...switchedOff(options), ...missingFields(context)];
}

function ipBlock(mode: string | undefined): readonly SemanticsDeviation[] {
  const { pods, nodes } = cidrMatches(mode);
  if (pods && nodes) return [];
  const out = pods ? 'never matches nodes' : nodes ? 'never matches pods' : 'matches neither pods nor nodes';
  const note = `an address block ${out}, whatever their addresses`;
  return [{ subject: 'ipBlock', deviation: 'narrowed', note, source: KNP_DOC }];
}

/** What settings keep from working. */
function switchedOff(options: ProfileContext['options']): readonly SemanticsDeviation[] {
  const out: SemanticsDeviation[] = [];
  const off = (setting: string, part: Omit<SemanticsDeviation, 'needs'>): void => {
    out.push({ ...part, note: `${setting} is off, so ${part.note}`, needs: `${setting}: "true"` });
  };
  if (!isTrue(options['enable-sctp'])) {
    const note = 'a rule for SCTP matches nothing';
    off('enable-sctp', { subject: 'SCTP', construct: 'sctp', deviation: 'ignored', note, source: LAYER4 });
  }
  if (!isTrue(options['enable-host-firewall'])) {
    const subject = 'CiliumClusterwideNetworkPolicy.cilium.io';
    const note = 'rules with a nodeSelector have no effect';
    off('enable-host-firewall', { subject, construct: 'hostPolicy', deviation: 'ignored', note, source: HOST });
  }
  if (!isTrue(options['enable-node-selector-labels'])) {
    const note = 'a rule with fromNodes or toNodes is refused';
    const source = release('1.16.0');
    const subject = 'fromNodes and toNodes';
    off('enable-node-selector-labels', { subject, construct: 'nodePeers', deviation: 'rejected', note, source });
  }
  if (isFalse(options['enable-l7-proxy'])) {
    const note = 'a policy with rules about requests or DNS names is refused';
    for (const construct of ['requests', 'dnsNames'] as const) {
      const subject = construct === 'requests' ? 'L7 rules' : 'DNS names';
      off('enable-l7-proxy', { subject, construct, deviation: 'rejected', note, source: LAYER7 });
    }
  }
  if (isFalse(options['enable-non-default-deny-policies'])) {
    const note = 'enableDefaultDeny: false is not heeded';
    const source = pull(34940);
    const subject = 'enableDefaultDeny';
    off('enable-non-default-deny-policies', { subject, construct: 'defaultDeny', deviation: 'narrowed', note, source });
  }
  return out;
}

/** Fields that this version does not have. */
function missingFields({ version }: ProfileContext): readonly SemanticsDeviation[] {
  return CILIUM_FIELDS.flatMap((known): SemanticsDeviation[] => {
    const { floor, until, effect, ...shared } = known;
    if (floor !== undefined && atLeast(version, floor) === false) {
      return [{ ...shared, deviation: effect, needs: `Cilium ${floor}` }];
    }
    if (until !== undefined && atLeast(version, until) === true) {
      return [{ ...shared, deviation: effect, needs: `Cilium before ${until}` }];
    }
    return [];
  });
}

export const CILIUM_KIND_NEEDS: NonNullable<CniProfile['kindNeeds']> = {
  networkPolicy: 'enable-k8s-networkpolicy: "true"',
  clusterV1alpha2: `Cilium ${CLUSTER_NETWORK_POLICY} with enable-k8s-cluster-network-policy: "true"`,
};

/** The capability row of Cilium's engine. */
export const CILIUM_CAPABILITIES = capabilities('YPPPYNYNPYYPY', {
  endPort: `from ${PORT_RANGES} on`,
  namedPorts: 'on egress before 1.20, the one number that all pods give a name',
  sctp: 'needs enable-sctp, off by default',
  clusterV1alpha2: `from ${CLUSTER_NETWORK_POLICY} on, behind enable-k8s-cluster-network-policy`,
  hostPolicy: 'needs enable-host-firewall',
});

export const ciliumProfile: CniProfile = {
  id: 'cilium',
  title: 'Cilium',
  vendor: 'cilium',
  support: ciliumSupport,
  semantics: ciliumSemantics,
  deviations: ciliumDeviations,
  kindNeeds: CILIUM_KIND_NEEDS,
  capabilities: CILIUM_CAPABILITIES,
  columns: {
    standardPolicy: cell('yes; address blocks match pods only from 1.20, by a switch', KNP_DOC, 'since before 1.2'),
    l7: cell('HTTP, gRPC as HTTP, DNS, Kafka (deprecated); TLS server name from 1.13', LAYER7, 'since before 1.2'),
    dnsNames: cell('yes (toFQDNs)', blog('2018/08/21/cilium-12'), 'from 1.2'),
    clusterWide: cell(
      `CiliumClusterwideNetworkPolicy; ClusterNetworkPolicy from ${CLUSTER_NETWORK_POLICY}, behind a switch`,
      blog('2020/02/18/cilium-17'),
      'from 1.7',
    ),
    deny: cell('yes (ingressDeny, egressDeny)', blog('2020/11/10/cilium-19'), 'from 1.9'),
    flowLogs: cell('yes (Hubble)', blog('2020/02/18/cilium-17'), 'from 1.7'),
    dataplane: cell('eBPF, Envoy for L7', blog('2018/08/21/cilium-12'), 'since before 1.2'),
    ownNode: cell('by egress policy; the entity `host` admits it', LAYER3),
    encryption: cell('WireGuard, or IPsec since before that', release('1.10.0'), 'from 1.10'),
  },
  notes: [
    {
      text: 'NetworkPolicy, CiliumNetworkPolicy and the cluster-wide kind form one pool in which any deny wins',
      source: source('Documentation/security/policy/intro.rst'),
    },
  ],
};
