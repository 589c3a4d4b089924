import { calicoSelectorHolds } from './calico-selector.js';
import {
  accountHolds,
  inNamespaces,
  isStored,
  ofKind,
  profileNamed,
  requestMatches,
  ruleMatches,
  workloadLabels,
} from './calico-rules.js';
import { nameOf, namespaceOf, type OracleCluster, type OraclePod } from './cluster.js';
import { get, has, items, str, type Raw } from './fields.js';
import { coversDirection, selectsPod, subjectOf, type Scene } from './network-policy.js';
import { hasNoForm, leftOnWindows, runsOnWindows } from './calico-windows.js';
import { networkPolicyAllows } from './network-policy-verdict.js';

type Outcome = 'allow' | 'deny' | 'pass';

const DEFAULT_TIER = 'default';
const DEFAULT_TIER_ORDER = 1_000_000;
const NETWORK_POLICY_ORDER = 1000;
const OUTCOMES: Readonly<Record<string, Outcome>> = { Allow: 'allow', Deny: 'deny', Pass: 'pass' };

/** `types`, or the directions that have rules; ingress when none has. CAL-13: of what is stored both. */
export function hasDirection(policy: Raw, direction: 'ingress' | 'egress'): boolean {
  const types = items(get(policy, 'spec', 'types')).map(str);
  if (types.length > 0) return types.includes(direction === 'ingress' ? 'Ingress' : 'Egress');
  if (isStored(policy)) return true;
  const egress = items(get(policy, 'spec', 'egress')).length > 0;
  return direction === 'egress' ? egress : !egress || items(get(policy, 'spec', 'ingress')).length > 0;
}

/** Which workloads a policy is about; those about packets that are not tracked or translated yet are about hosts alone. */
function selectsWorkload(policy: Raw, pod: OraclePod, cluster: OracleCluster): boolean {
  const labels = workloadLabels(pod, cluster);
  const spec = get(policy, 'spec');
  if (get(policy, 'kind') === 'NetworkPolicy' && namespaceOf(policy) !== pod.namespace) return false;
  if (get(spec, 'doNotTrack') === true || get(spec, 'preDNAT') === true) return false;
  if (has(spec, 'namespaceSelector') && !inNamespaces(str(get(spec, 'namespaceSelector')), labels, cluster))
    return false;
  return (
    calicoSelectorHolds(str(get(spec, 'selector')), labels) &&
    accountHolds(str(get(spec, 'serviceAccountSelector')), labels)
  );
}

/** The scene, and whether a request that is not told is taken to be one that a rule allows. */
export interface Reading extends Scene {
  readonly favour: boolean;
  /** CAL-73: that of a workload on Windows. */
  readonly windows?: boolean;
}

/** The first rule that matches decides for its policy; Log only writes a line. */
export function policyOutcome(policy: Raw, scene: Reading): Outcome | null {
  for (const rule of items(get(policy, 'spec', scene.direction))) {
    const outcome = OUTCOMES[str(get(rule, 'action'))];
    if (scene.windows === true && hasNoForm(policy, rule)) continue;
    if (outcome === undefined || !ruleMatches(policy, rule, scene)) continue;
    const request = requestMatches(rule, scene.packet);
    if (request === 'open' ? scene.favour : request) return outcome;
  }
  return null;
}

/** One policy in its place, for one subject and direction. */
export interface Placed {
  readonly tier: string;
  readonly order: number;
  readonly key: string;
  readonly outcome: () => Outcome | null;
}

export function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** A Calico policy in its place. */
export function placed(policy: Raw, scene: Reading): Placed {
  const namespace = get(policy, 'kind') === 'NetworkPolicy' ? namespaceOf(policy) : '';
  const name = isStored(policy) ? nameOf(policy).replace(/^default\./, '') : nameOf(policy);
  return {
    tier: str(get(policy, 'spec', 'tier')) || DEFAULT_TIER,
    order: Number(get(policy, 'spec', 'order') ?? Infinity),
    key: `${name}/${namespace}/${str(get(policy, 'kind'))}`,
    outcome: () => policyOutcome(policy, scene),
  };
}

/** The Calico policies that select the subject in this direction. */
function calicoPolicies(subject: OraclePod, scene: Reading): Placed[] {
  return [...ofKind(scene.cluster, 'NetworkPolicy'), ...ofKind(scene.cluster, 'GlobalNetworkPolicy')]
    .filter((policy) => selectsWorkload(policy, subject, scene.cluster) && hasDirection(policy, scene.direction))
    .map((policy) => placed(policy, scene));
}

/** Kubernetes' NetworkPolicy: in the default tier at order 1000, with Allow rules only. */
function kubernetesPolicies(subject: OraclePod, scene: Reading): Placed[] {
  const isLess = scene.windows === true && scene.conventions.networkPolicyOf === 'calico';
  return (scene.cluster.objects.get('NetworkPolicy.networking.k8s.io') ?? [])
    .filter((policy) => selectsPod(policy, subject) && coversDirection(policy, scene.direction))
    .map((policy) => ({
      tier: DEFAULT_TIER,
      order: NETWORK_POLICY_ORDER,
      key: nameOf(policy),
      outcome: () => (networkPolicyAllows(isLess ? leftOnWindows(policy) : policy, scene) === true ? 'allow' : null),
    }));
}

interface Tier {
  readonly name: string;
  readonly exists: boolean;
  readonly order: number;
  readonly end: Outcome;
}

function tierNamed(name: string, cluster: OracleCluster): Tier {
  const object = ofKind(cluster, 'Tier').find((tier) => nameOf(tier) === name);
  if (name === DEFAULT_TIER) return { name, exists: true, order: DEFAULT_TIER_ORDER, end: 'deny' };
  return {
    name,
    exists: object !== undefined,
    order: Number(get(object, 'spec', 'order') ?? Infinity),
    end: get(object, 'spec', 'defaultAction') === 'Pass' ? 'pass' : 'deny',
  };
}

/** Tiers that exist come first; by order, then by name. */
function compareTiers(a: Tier, b: Tier): number {
  if (a.exists !== b.exists) return a.exists ? -1 : 1;
  return a.order === b.order ? compareText(a.name, b.name) : a.order - b.order;
}

function comparePlaced(a: Placed, b: Placed): number {
  return a.order === b.order ? compareText(a.key, b.key) : a.order - b.order;
}

/** Tier after tier, of those with a policy for the subject: the first policy of each that decides, or how the tier ends. */
export function tiersOutcome(
  policies: readonly Placed[],
  ends: boolean,
  cluster: OracleCluster,
): 'allow' | 'deny' | null {
  const tiers = [...new Set(policies.map((policy) => policy.tier))].map((name) => tierNamed(name, cluster));
  for (const tier of tiers.sort(compareTiers)) {
    const own = policies.filter((policy) => policy.tier === tier.name).sort(comparePlaced);
    const decided = own.map((policy) => policy.outcome()).find((outcome) => outcome !== null);
    const outcome = decided ?? (ends ? tier.end : 'pass');
    if (outcome !== 'pass') return outcome;
  }
  return null;
}

/**
 * CAL-45, CAL-46: a namespace without a Profile object allows everything; else the account's profile, then denial. Pass
 * denies with eBPF.
 */
function profileOutcome({ namespace, serviceAccount }: OraclePod, scene: Reading): 'allow' | 'deny' {
  const own = profileNamed(`kns.${namespace}`, scene.cluster);
  if (own === undefined) return 'allow';
  for (const profile of [own, profileNamed(`ksa.${namespace}.${serviceAccount}`, scene.cluster)]) {
    const outcome = profile === undefined ? null : policyOutcome(profile, scene);
    if (outcome === 'allow' || outcome === 'deny') return outcome;
    if (outcome === 'pass' && scene.conventions.ebpf && scene.windows !== true) return 'deny';
  }
  return 'deny';
}

/** The tiers; in the end its profiles. */
function read(subject: OraclePod, scene: Reading): 'allow' | 'deny' {
  const policies = [...calicoPolicies(subject, scene), ...kubernetesPolicies(subject, scene)];
  return tiersOutcome(policies, true, scene.cluster) ?? profileOutcome(subject, scene);
}

/** What a reading says against the flow and in favour of it, in one word. */
export function inBothReadings(
  scene: Scene,
  verdict: (reading: Reading) => 'allow' | 'deny',
): 'allow' | 'deny' | 'conditional' {
  if (verdict({ ...scene, favour: false }) === 'allow') return 'allow';
  return verdict({ ...scene, favour: true }) === 'allow' ? 'conditional' : 'deny';
}

export function calicoVerdict(scene: Scene): 'allow' | 'deny' | 'conditional' {
  const subject = subjectOf(scene);
  if (subject.type !== 'pod') return 'allow';
  const windows = runsOnWindows(subject, scene);
  return inBothReadings(scene, (reading) => read(subject, { ...reading, windows }));
}
