import type { KindSupport, Semantics } from '../../model/index.js';
import {
  capabilities,
  cell,
  ENCAPSULATED_BY_PODS,
  JUDGED_BOTH_WAYS,
  NO_SUPPORT,
  NOT_JUDGED,
  since,
} from '../profile.js';
import type { CniProfile, GroupSupport, ProfileContext, SemanticsDeviation } from '../profile.js';
import { isEbpf } from '../calico-dataplane.js';
import { calico as source, calicoDocs, pull } from '../source.js';
import { atLeast } from '../version.js';

const POLICY = calicoDocs('calico/reference/resources/globalnetworkpolicy.mdx');
const CONVERSION = source('libcalico-go/lib/backend/k8s/conversion/clusternetworkpolicy.go');
const RULES = source('felix/rules/static.go');

/** The v1alpha1 kinds are read by these releases only; 3.32 reads ClusterNetworkPolicy in their place. */
const ADMIN_FROM = '3.29';
const CLUSTER_FROM = '3.32';
/** Before, tiers other than the default one were in the commercial edition only. */
const TIERS_FROM = '3.29';
/** Before, a rule with ports had to have a protocol, whatever the ports were. */
const BARE_NAMES_FROM = '3.32';
const TIERS = calicoDocs('calico/network-policy/policy-tiers/tiered-policy.mdx');

export const CALICO_KIND_NEEDS: NonNullable<CniProfile['kindNeeds']> = {
  adminV1alpha1: 'Calico 3.29 to 3.31',
  clusterV1alpha2: `Calico ${CLUSTER_FROM}`,
};

export function calicoSemantics({ options }: ProfileContext): Partial<Omit<Semantics, 'kinds' | 'options'>> {
  return {
    combination: 'calico',
    networkPolicyOf: 'calico',
    // Egress to the own node passes the pod's egress policy first and then Felix's default action.
    podToOwnNode: false,
    // What becomes of it in eBPF is not known, and read as passing.
    toItself: isEbpf(options) ? NOT_JUDGED : JUDGED_BOTH_WAYS,
  };
}

export function calicoSupport(context: ProfileContext): GroupSupport {
  return {
    ...NO_SUPPORT,
    networkPolicy: 'yes',
    adminV1alpha1: admin(context),
    clusterV1alpha2: since(context, CLUSTER_FROM) === 'yes' ? 'partial' : since(context, CLUSTER_FROM),
    calico: 'yes',
    // Staged kinds are previews: the engine itself never enforces them.
    calicoStaged: 'no',
  };
}

function admin(context: ProfileContext): KindSupport {
  const from = atLeast(context.version, ADMIN_FROM);
  const until = atLeast(context.version, CLUSTER_FROM);
  if (from === null || until === null) return 'unknown';
  return from && !until ? 'partial' : 'no';
}

export function calicoDeviations(context: ProfileContext): readonly SemanticsDeviation[] {
  const out: SemanticsDeviation[] = [
    {
      subject: ENCAPSULATED_BY_PODS,
      deviation: 'narrowed',
      note: 'VXLAN (UDP 4789) and IPIP packets that pods send are dropped, unless FelixConfiguration allows them; verdicts leave that out',
      source: RULES,
    },
    {
      subject: 'pod to its own node',
      deviation: 'narrowed',
      note: 'egress policy of the pod applies to its own node, then defaultEndpointToHostAction',
      source: RULES,
    },
  ];
  out.push({
    subject: 'ipBlock with a zero before a number',
    deviation: 'widened',
    note: 'such a block, as `010.0.0.0/8`, is everybody; such an exception is lost, with those after it',
    source: source('libcalico-go/lib/backend/k8s/conversion/conversion.go'),
  });
  if (atLeast(context.version, TIERS_FROM) === false) {
    const note = 'the open-source edition has the default tier only';
    const needs = `Calico ${TIERS_FROM}`;
    out.push({ subject: 'tier', construct: 'tier', deviation: 'unknown', note, source: TIERS, needs });
  }
  if (atLeast(context.version, BARE_NAMES_FROM) === false) {
    const note = 'a rule with port names and no protocol is invalid, and its policy has no effect';
    const needs = `Calico ${BARE_NAMES_FROM}`;
    const source = pull('projectcalico/calico', 11916);
    const subject = 'port names without a protocol';
    out.push({ subject, construct: 'bareNamedPort', deviation: 'rejected', note, source, needs });
  }
  out.push({
    subject: 'domains',
    construct: 'dnsNames',
    deviation: 'rejected',
    note: 'rules by domain names are not in the open-source API',
    source: source('api/pkg/apis/projectcalico/v3/policy_common.go'),
    needs: 'the commercial edition of Calico',
  });
  if (context.options['default-endpoint-to-host-action'] === 'drop') {
    const note = 'defaultEndpointToHostAction is Drop: pods cannot reach their own node, whatever policy says';
    out.push({ subject: 'pod to its own node', deviation: 'narrowed', note, source: RULES });
  }
  if (calicoSupport(context).clusterV1alpha2 === 'partial') {
    const note =
      'rules for nodes and domain names are unsupported: a Deny or Pass then denies all, an Accept is dropped';
    const subject = 'ClusterNetworkPolicy.policy.networking.k8s.io';
    for (const construct of ['nodePeers', 'dnsNames'] as const) {
      out.push({ subject, construct, deviation: 'widened', note, source: CONVERSION });
    }
  }
  if (calicoSupport(context).adminV1alpha1 === 'partial') {
    const note = 'rules for nodes are unsupported, those for address blocks experimental';
    const subject = 'AdminNetworkPolicy.policy.networking.k8s.io';
    out.push({ subject, construct: 'nodePeers', deviation: 'unknown', note, source: CONVERSION });
  }
  return out;
}

export const CALICO_CAPABILITIES = capabilities('YYYYYYYPPNPYY', {
  adminV1alpha1: '3.29 to 3.31',
  clusterV1alpha2: `from ${CLUSTER_FROM} on`,
  fqdn: 'in the commercial edition only',
  l7: 'HTTP methods and paths with application layer policy',
  hostPolicy: 'by HostEndpoint',
});

export const calicoProfile: CniProfile = {
  id: 'calico',
  title: 'Calico',
  vendor: 'calico',
  support: calicoSupport,
  semantics: calicoSemantics,
  deviations: calicoDeviations,
  kindNeeds: CALICO_KIND_NEEDS,
  capabilities: CALICO_CAPABILITIES,
  columns: {
    standardPolicy: cell(
      'yes',
      calicoDocs('calico/network-policy/get-started/kubernetes-policy/kubernetes-network-policy.mdx'),
      'since before 3.26',
    ),
    l7: cell(
      'HTTP methods and paths, with application layer policy',
      'https://pkg.go.dev/github.com/projectcalico/calico@v3.4.0-app-policy+incompatible',
      'since before 3.4',
    ),
    dnsNames: cell('no (commercial edition only)', source('api/pkg/apis/projectcalico/v3/policy_common.go')),
    clusterWide: cell(
      `GlobalNetworkPolicy; tiers from ${TIERS_FROM}, ClusterNetworkPolicy from ${CLUSTER_FROM}`,
      POLICY,
      'since before 3.26',
    ),
    deny: cell('yes (Deny, Pass, Log)', POLICY, 'since before 3.26'),
    flowLogs: cell('yes (Goldmane, Whisker)', calicoDocs('calico/observability/view-flow-logs.mdx'), 'from 3.30'),
    dataplane: cell('iptables, nftables, eBPF or VPP; HNS on Windows', source('felix/rules/static.go')),
    ownNode: cell(
      'by egress policy, then defaultEndpointToHostAction',
      calicoDocs('calico/reference/felix/configuration.mdx'),
    ),
    encryption: cell('WireGuard', pull('projectcalico/calico', 3983), 'since before 3.17'),
  },
  notes: [
    {
      text: 'NetworkPolicy lies in the default tier at order 1000, among Calico policies',
      source: source('libcalico-go/lib/backend/k8s/conversion/conversion.go'),
    },
    {
      text: 'before 3.29 the open-source edition has the default tier only',
      source: TIERS,
    },
  ],
};
