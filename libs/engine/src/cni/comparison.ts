import type { CniDetection, KindSupport, PolicyKind } from '../model/index.js';
import { CNI_IDS } from './cni-id.js';
import type { CniId } from './cni-id.js';
import { CNI_PROFILES } from './profiles/index.js';
import { COMPARISON_COLUMNS, KIND_GROUPS } from './profile.js';
import type { Capability, CapabilityCell, CniProfile, ComparisonCell, ComparisonColumn } from './profile.js';
import { deviationsOf, engineDetections, profilesOf, semanticsOf } from './semantics-of.js';

/** Headings of the comparison's columns. */
export const COLUMN_TITLES: Readonly<Record<ComparisonColumn, string>> = {
  standardPolicy: 'NetworkPolicy',
  l7: 'L7',
  dnsNames: 'DNS names',
  clusterWide: 'Cluster-wide policy',
  deny: 'Explicit deny',
  flowLogs: 'Flow logs',
  dataplane: 'Dataplane',
  ownNode: 'Pod to its own node',
  encryption: 'Encryption',
};

/** Headings of the capability matrix. */
export const CAPABILITY_TITLES: Readonly<Record<Capability, string>> = {
  ingressEgress: 'ingress and egress',
  endPort: 'port ranges (endPort)',
  namedPorts: 'named ports',
  sctp: 'SCTP',
  ipBlockExcept: 'ipBlock except',
  ipBlockMatchesPods: 'ipBlock matches pods',
  ipv6: 'IPv6 and dual stack',
  adminV1alpha1: 'AdminNetworkPolicy v1alpha1',
  clusterV1alpha2: 'ClusterNetworkPolicy v1alpha2',
  fqdn: 'DNS names',
  l7: 'L7',
  hostPolicy: 'host policy',
  deny: 'explicit deny',
};

/** One CNI in the comparison. */
export interface CniComparisonRow {
  readonly id: CniId;
  readonly title: string;
  readonly columns: Readonly<Record<ComparisonColumn, ComparisonCell>>;
  readonly capabilities: Readonly<Record<Capability, CapabilityCell>>;
  readonly notes: CniProfile['notes'];
}

/** The comparison of CNIs: one row for each that has a profile, generated from the profiles. `unknown` has none. */
export function cniComparison(): readonly CniComparisonRow[] {
  return CNI_IDS.filter((id) => id !== 'unknown').map((id) => {
    const { title, columns, capabilities, notes } = CNI_PROFILES[id];
    return { id, title, columns, capabilities, notes };
  });
}

/** A cell of the comparison under its heading. */
export interface ComparedFeature extends ComparisonCell {
  readonly feature: string;
}

/** The cells of one CNI in the order of the columns. */
export function comparedFeatures(columns: CniProfile['columns']): readonly ComparedFeature[] {
  return COMPARISON_COLUMNS.map((column) => ({ feature: COLUMN_TITLES[column], ...columns[column] }));
}

/** Of several engines, the one that makes most of a kind tells: each of them can refuse a flow. */
const BEST_FIRST: readonly KindSupport[] = ['yes', 'partial', 'unknown', 'no'];

/** A policy kind that a cluster's CNI does not enforce, or not for certain, or not in full. */
export interface IgnoredKind {
  readonly kind: PolicyKind;
  readonly support: Exclude<KindSupport, 'yes'>;
  readonly why: string;
  /** The version or setting that enforces it, as `Calico 3.32`; '' when none is known. */
  readonly needs: string;
  readonly source: string;
}

/**
 * Which of `kinds` the detected CNI ignores (`no`), enforces in part (`partial`), or may ignore (`unknown`), in the
 * order given. Kinds that it enforces in full, and kinds of the mesh, are left out.
 */
export function ignoredKinds(detection: CniDetection, kinds: Iterable<PolicyKind>): readonly IgnoredKind[] {
  const engines = engineDetections(detection).map((engine) => semanticsOf(engine).semantics);
  const deviations = deviationsOf(detection);
  const profiles = profilesOf(detection);
  const { source } = profiles[0].columns.clusterWide;
  const out: IgnoredKind[] = [];
  for (const kind of kinds) {
    const support = BEST_FIRST.find((candidate) => engines.some(({ kinds: own }) => own[kind] === candidate)) ?? 'no';
    if (support === 'yes') continue;
    const known = deviations.filter((deviation) => deviation.subject === kind);
    const why = [...new Set(known.map(({ note }) => note))].join('; ') || reason(detection, kind, support);
    out.push({ kind, support, why, needs: neededFor(kind, profiles), source: known[0]?.source ?? source });
  }
  return out;
}

/** What would have one of the engines enforce a kind. */
function neededFor(kind: PolicyKind, profiles: readonly CniProfile[]): string {
  const group = KIND_GROUPS[kind];
  if (group === 'mesh') return '';
  return profiles.flatMap(({ kindNeeds }) => kindNeeds?.[group] ?? []).join(' or ');
}

function reason(detection: CniDetection, kind: PolicyKind, support: IgnoredKind['support']): string {
  if (KIND_GROUPS[kind] === 'calicoStaged') return 'staged policy is a preview and is never enforced';
  if (detection.enforced === 'unknown') return 'which network plugin enforces policy here is not known';
  if (detection.enforced === 'no') return `${detection.title} enforces no policy in this cluster`;
  if (support === 'no') return `${detection.title} does not implement this kind, or it is switched off`;
  if (support === 'partial') return `${detection.title} implements this kind in part`;
  return `whether ${detection.title} implements this kind depends on its version or on settings that cannot be seen`;
}
