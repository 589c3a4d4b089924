import type { KindSupport } from '../../model/index.js';
import { isFalse, isTrue } from '../detector.js';
import { capabilities, cell, JUDGED_ON_THE_WAY_OUT, namesOfContainers, NO_SUPPORT, since } from '../profile.js';
import type { CniProfile, ProfileContext, SemanticsDeviation } from '../profile.js';
import { antrea as source, release as releaseOf } from '../source.js';

const release = (version: string): string => releaseOf('antrea-io/antrea', `v${version}`);
const POLICY = source('docs/antrea-network-policy.md');
const L7 = source('docs/antrea-l7-network-policy.md');
const CLUSTER = source('docs/cluster-network-policy.md');
const ADMIN = source('docs/admin-network-policy.md');
const GATES = source('docs/feature-gates.md');

/** A gate that is off by default; `floor` is the release that brought it. */
function gated(context: ProfileContext, gate: string, floor: string): KindSupport {
  const value = context.options[`gate.${gate}`];
  if (!isTrue(value)) return 'no';
  return since(context, floor) === 'no' ? 'no' : 'yes';
}

/** Parts of Antrea's own kinds that are behind a gate. */
const GATED = [
  {
    subject: 'L7 rules',
    construct: 'requests',
    deviation: 'unknown',
    gate: 'L7NetworkPolicy',
    floor: '1.10',
    source: L7,
  },
  {
    subject: 'nodeSelector in appliedTo',
    construct: 'hostPolicy',
    deviation: 'ignored',
    gate: 'NodeNetworkPolicy',
    floor: '1.15',
    source: source('docs/antrea-node-network-policy.md'),
  },
] as const;

function deviations(context: ProfileContext): readonly SemanticsDeviation[] {
  const out: SemanticsDeviation[] = [
    {
      subject: 'pod to its own node',
      deviation: 'narrowed',
      note: 'the exemption of the own node holds towards the pod only, as far as is documented',
      source: source('docs/design/ovs-pipeline.md'),
    },
    {
      subject: 'named ports of egress',
      deviation: 'narrowed',
      note: 'a name is resolved at the pods that selectors choose; towards address blocks it matches nothing',
      source: source('pkg/agent/controller/networkpolicy/pod_reconciler.go'),
    },
    namesOfContainers(source('pkg/controller/networkpolicy/networkpolicy_controller.go')),
  ];
  if (gated(context, 'ClusterNetworkPolicy', '2.7') === 'yes') {
    const note =
      'the Admin tier lies at priority 220: after emergency to platform, before application; Pass skips application';
    const subject = 'ClusterNetworkPolicy.policy.networking.k8s.io';
    out.push({ subject, deviation: 'unknown', note, source: CLUSTER });
  }
  if (gated(context, 'AdminNetworkPolicy', '1.13') === 'yes') {
    const note = 'evaluated after all regular Antrea tiers';
    out.push({ subject: 'AdminNetworkPolicy.policy.networking.k8s.io', deviation: 'unknown', note, source: ADMIN });
  }
  for (const { gate, floor, ...gatedPart } of GATED) {
    if (gated(context, gate, floor) === 'yes') continue;
    const needs = `Antrea ${floor} with the feature gate ${gate}`;
    out.push({ ...gatedPart, note: `the feature gate ${gate} is off, or not there`, needs });
  }
  return out;
}

export const antreaProfile: CniProfile = {
  id: 'antrea',
  title: 'Antrea',
  vendor: 'antrea',
  support: (context) => ({
    ...NO_SUPPORT,
    networkPolicy: 'yes',
    adminV1alpha1: gated(context, 'AdminNetworkPolicy', '1.13'),
    clusterV1alpha2: gated(context, 'ClusterNetworkPolicy', '2.7'),
    antrea: isFalse(context.options['gate.AntreaPolicy']) ? 'no' : 'yes',
  }),
  semantics: () => ({
    combination: 'antrea',
    podToOwnNode: false,
    toItself: JUDGED_ON_THE_WAY_OUT,
    networkPolicyOf: 'antrea',
  }),
  deviations,
  kindNeeds: {
    adminV1alpha1: 'Antrea 1.13 with the feature gate AdminNetworkPolicy',
    clusterV1alpha2: 'Antrea 2.7 with the feature gate ClusterNetworkPolicy',
    antrea: 'the feature gate AntreaPolicy',
  },
  capabilities: capabilities('YYYYYYYPPYPPY', {
    adminV1alpha1: 'behind a feature gate, from 1.13 on',
    clusterV1alpha2: 'behind a feature gate, from 2.7 on',
    l7: 'behind a feature gate (alpha)',
    hostPolicy: 'behind a feature gate (alpha)',
  }),
  columns: {
    standardPolicy: cell('yes', release('0.1.0'), 'from 0.1'),
    l7: cell('HTTP, TLS server name from 1.13; behind a feature gate', L7, 'from 1.10'),
    dnsNames: cell('yes (fqdn)', source('CHANGELOG/CHANGELOG-1.3.md'), 'from 1.3'),
    clusterWide: cell(
      'ClusterNetworkPolicy of crd.antrea.io; tiers from 0.10, on by default from 1.0',
      GATES,
      'from 0.8',
    ),
    deny: cell('yes (Drop, Pass; Reject from 1.0)', release('1.0.0'), 'since before 1.0'),
    flowLogs: cell('yes (flow exporter with IPFIX; policy logging from 0.11)', GATES, 'from 0.9'),
    dataplane: cell('Open vSwitch', release('0.1.0'), 'from 0.1'),
    ownNode: cell('by egress policy', source('docs/design/ovs-pipeline.md')),
    encryption: cell('WireGuard, or IPsec since before 0.4', source('CHANGELOG/CHANGELOG-1.3.md'), 'from 1.3'),
  },
  notes: [{ text: 'the order of two policies with equal priority in one tier is not defined', source: POLICY }],
};
