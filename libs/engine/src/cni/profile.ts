import type { CniDetection, Deviation, KindSupport, PolicyKind, Semantics } from '../model/index.js';
import type { CniId } from './cni-id.js';
import type { Construct } from './construct.js';
import { AS_READ } from './source.js';
import { atLeast } from './version.js';

/**
 * Policy kinds that a CNI treats alike. A new `PolicyKind` must be given a group below, and a new group makes every
 * profile say what it does with it: both by a compile error.
 */
export type KindGroup =
  | 'networkPolicy'
  | 'adminV1alpha1'
  | 'clusterV1alpha2'
  | 'cilium'
  | 'ciliumClusterwide'
  | 'calico'
  | 'calicoStaged'
  | 'antrea'
  | 'awsCluster'
  | 'awsApplication'
  | 'ovn'
  | 'gkeFqdn'
  | 'mesh';

/** The group of each policy kind. */
export const KIND_GROUPS: Readonly<Record<PolicyKind, KindGroup>> = {
  'NetworkPolicy.networking.k8s.io': 'networkPolicy',
  'AdminNetworkPolicy.policy.networking.k8s.io': 'adminV1alpha1',
  'BaselineAdminNetworkPolicy.policy.networking.k8s.io': 'adminV1alpha1',
  'ClusterNetworkPolicy.policy.networking.k8s.io': 'clusterV1alpha2',
  'CiliumNetworkPolicy.cilium.io': 'cilium',
  'CiliumClusterwideNetworkPolicy.cilium.io': 'ciliumClusterwide',
  'NetworkPolicy.projectcalico.org': 'calico',
  'GlobalNetworkPolicy.projectcalico.org': 'calico',
  'StagedNetworkPolicy.projectcalico.org': 'calicoStaged',
  'StagedGlobalNetworkPolicy.projectcalico.org': 'calicoStaged',
  'StagedKubernetesNetworkPolicy.projectcalico.org': 'calicoStaged',
  'ClusterNetworkPolicy.crd.antrea.io': 'antrea',
  'NetworkPolicy.crd.antrea.io': 'antrea',
  'ClusterNetworkPolicy.networking.k8s.aws': 'awsCluster',
  'ApplicationNetworkPolicy.networking.k8s.aws': 'awsApplication',
  'EgressFirewall.k8s.ovn.org': 'ovn',
  'UserDefinedNetwork.k8s.ovn.org': 'ovn',
  'ClusterUserDefinedNetwork.k8s.ovn.org': 'ovn',
  'FQDNNetworkPolicy.networking.gke.io': 'gkeFqdn',
  'AuthorizationPolicy.security.istio.io': 'mesh',
  'PeerAuthentication.security.istio.io': 'mesh',
};

/** The groups that a CNI decides about. Mesh policy is a gate of its own, whatever CNI runs. */
export type CniKindGroup = Exclude<KindGroup, 'mesh'>;
export type GroupSupport = Readonly<Record<CniKindGroup, KindSupport>>;

/** NP-39, AT-43: a pod's way out to a Service that leads back to it is judged, its way back in is not. */
export const JUDGED_ON_THE_WAY_OUT: Semantics['toItself'] = { egress: 'policy', ingress: 'nothing' };
/** Both ways are, as those between any two pods. */
export const JUDGED_BOTH_WAYS: Semantics['toItself'] = { egress: 'policy', ingress: 'policy' };
/** Neither is. */
export const NOT_JUDGED: Semantics['toItself'] = { egress: 'nothing', ingress: 'nothing' };

/** No group at all: what a plugin that enforces nothing does, and what most profiles start from. */
export const NO_SUPPORT: GroupSupport = {
  networkPolicy: 'no',
  adminV1alpha1: 'no',
  clusterV1alpha2: 'no',
  cilium: 'no',
  ciliumClusterwide: 'no',
  calico: 'no',
  calicoStaged: 'no',
  antrea: 'no',
  awsCluster: 'no',
  awsApplication: 'no',
  ovn: 'no',
  gkeFqdn: 'no',
};

/** Support per policy kind from support per group. */
export function kindSupport(groups: GroupSupport): Readonly<Record<PolicyKind, KindSupport>> {
  const entries = Object.entries(KIND_GROUPS).map(([kind, group]) => [kind, group === 'mesh' ? 'yes' : groups[group]]);
  return Object.fromEntries(entries) as Record<PolicyKind, KindSupport>;
}

/** The version and the switches that a profile answers for. */
export interface ProfileContext {
  /** '' when unknown. */
  readonly version: string;
  readonly options: Readonly<Record<string, string>>;
}

/** `yes` from a version on, `no` before it, `unknown` when the version is. */
export function since(context: ProfileContext, floor: string): KindSupport {
  const known = atLeast(context.version, floor);
  return known === null ? 'unknown' : known ? 'yes' : 'no';
}

/** Where a CNI leaves the specification. */
export interface SemanticsDeviation {
  /** A policy kind, or a construct in words, as `named ports`. */
  readonly subject: string;
  readonly deviation: Deviation;
  readonly note: string;
  /** Address or `repository:path` of the source. */
  readonly source: string;
  /** The fields of policies that it is about, where it is about some. */
  readonly construct?: Construct;
  /** The version or setting that has what is missing, as `Cilium 1.16`; '' when none is known. */
  readonly needs?: string;
}

/** Subject of the deviation that answers about tunnels of pods name. */
export const ENCAPSULATED_BY_PODS = 'traffic that is encapsulated by a pod';

/** Of engines that take names of ports from `containers` alone. (NP-53) */
export const namesOfContainers = (source: string): SemanticsDeviation => ({
  subject: 'named ports of init containers',
  deviation: 'ignored',
  note: 'a name that only an init container gives, also one that goes on, matches nothing',
  source,
});

/** One thing that CNIs differ in, for the capability matrix. */
export const CAPABILITIES = [
  'ingressEgress',
  'endPort',
  'namedPorts',
  'sctp',
  'ipBlockExcept',
  'ipBlockMatchesPods',
  'ipv6',
  'adminV1alpha1',
  'clusterV1alpha2',
  'fqdn',
  'l7',
  'hostPolicy',
  'deny',
] as const;
export type Capability = (typeof CAPABILITIES)[number];

/** `note` says what is partial, or from which version on. */
export interface CapabilityCell {
  readonly value: KindSupport;
  readonly note: string;
}

export const COMPARISON_COLUMNS = [
  'standardPolicy',
  'l7',
  'dnsNames',
  'clusterWide',
  'deny',
  'flowLogs',
  'dataplane',
  'ownNode',
  'encryption',
] as const;
export type ComparisonColumn = (typeof COMPARISON_COLUMNS)[number];

/** One cell of the comparison of CNIs. */
export interface ComparisonCell {
  readonly value: string;
  /** `from 1.9`; `since before 1.9` where the first version is not known; `as of …` for what no version has. */
  readonly version: string;
  readonly source: string;
}

/** Everything that is known of one CNI. Adding one is a file here and a line in the table of profiles. */
export interface CniProfile {
  readonly id: CniId;
  readonly title: string;
  /** Whose native policy kinds it is the engine of. */
  readonly vendor: Vendor | null;
  /** Its versions are not the vendor's releases: what depends on one of these stays open. */
  readonly numbersItself?: true;
  /** What it enforces when it runs. */
  support(context: ProfileContext): GroupSupport;
  /** Switches that differ from `SPEC_SEMANTICS`; `kinds` comes from `support`, `options` from the cluster. */
  semantics(context: ProfileContext): Partial<Omit<Semantics, 'kinds' | 'options'>>;
  deviations(context: ProfileContext): readonly SemanticsDeviation[];
  /** The version or setting with which it enforces kinds that it does not always enforce. */
  readonly kindNeeds?: Partial<Readonly<Record<CniKindGroup, string>>>;
  readonly capabilities: Readonly<Record<Capability, CapabilityCell>>;
  readonly columns: Readonly<Record<ComparisonColumn, ComparisonCell>>;
  readonly notes: readonly { readonly text: string; readonly source: string }[];
}

/** Projects with policy kinds and an order of evaluation of their own. */
export type Vendor = 'cilium' | 'calico' | 'antrea' | 'ovn' | 'aws';

/** The part of a detection that a profile reads. */
export function contextOf(detection: CniDetection, profile: CniProfile): ProfileContext {
  return { version: profile.numbersItself === true ? '' : detection.version, options: detection.options };
}

/** Capability cells from one letter each, in the order of `CAPABILITIES`: Y yes, N no, P partial, ? unknown. */
export function capabilities(
  letters: string,
  notes: Partial<Record<Capability, string>> = {},
): Readonly<Record<Capability, CapabilityCell>> {
  const values: Readonly<Record<string, KindSupport>> = { Y: 'yes', N: 'no', P: 'partial', '?': 'unknown' };
  const entries = CAPABILITIES.map((capability, index): [Capability, CapabilityCell] => [
    capability,
    { value: values[letters[index] ?? '?'] ?? 'unknown', note: notes[capability] ?? '' },
  ]);
  return Object.fromEntries(entries) as Record<Capability, CapabilityCell>;
}

/** A comparison cell; the shape of a table row stays readable with it. */
export function cell(value: string, source: string, version = AS_READ): ComparisonCell {
  return { value, version, source };
}
