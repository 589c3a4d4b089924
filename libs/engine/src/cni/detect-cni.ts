import type { CniDetection, CniEngine, CniEvidence, Fact, NodeFact } from '../model/index.js';
import type { CniId } from './cni-id.js';
import { viewCluster } from './cluster-view.js';
import type { ClusterView, Completeness } from './cluster-view.js';
import type { CniFinding } from './detector.js';
import { CNI_DETECTORS } from './detectors/index.js';
import { CNI_PROFILES } from './profiles/index.js';

/** Joins the ids of several engines in `CniDetection.policyEngine`. */
export const ENGINE_SEPARATOR = '+';

/**
 * Finds out which plugin gives pods their addresses, which engine enforces policy, and how sure that is. Never throws;
 * what the facts do not tell stays `unknown`. With several engines all their ids are given, joined by `+`: a flow must
 * pass each of them.
 *
 * `completeness` says which kinds the inventory could list, by `kindId`. Where it says nothing of DaemonSets, they
 * count as listed when one of `kube-system` is there: an inventory that could not read them is not a cluster without
 * a plugin.
 *
 * `looked` takes the kinds of auxiliary and policy objects that mattered: others can change without a new detection.
 */
export function detectCni(
  facts: Iterable<Fact>,
  completeness: Completeness = {},
  looked = new Set<string>(),
): CniDetection {
  const view = viewCluster(facts, completeness, looked);
  const found = resolve(view);
  const engines = found.filter((one) => one.profile !== null && one.enforces === 'yes');
  const open = found.filter((one) => one.profile !== null && one.enforces === 'unknown');
  const plain = found.filter((one) => one.profile !== null && one.enforces === 'no');
  const deciding = engines.length > 0 ? engines : open.length > 0 ? open : plain;
  const enforced = engines.length > 0 ? 'yes' : open.length > 0 || plain.length === 0 ? 'unknown' : 'no';
  const networking = networkingOf(found);
  const evidence = [...found.flatMap((one) => one.evidence), ...remarks(view, engines, found)];
  return {
    networking,
    policyEngine: enforced === 'no' ? '' : deciding.map((one) => one.profile ?? '').join(ENGINE_SEPARATOR) || 'unknown',
    title: titleOf(deciding, networking),
    version: deciding.length === 1 ? (deciding[0]?.version ?? '') : '',
    enforced,
    confidence: confidenceOf(deciding, enforced),
    evidence: sortEvidence(evidence),
    options: mergeOptions(found, deciding),
    unenforcedNodes: enforced === 'yes' ? unenforcedNodes(view.nodes, engines) : [],
    ...(engines.length > 1 ? { engines: engines.map((one) => engineOf(one, view.nodes)) } : {}),
  };
}

function engineOf(one: CniFinding, nodes: readonly NodeFact[]): CniEngine {
  const { profile, version, options } = one;
  return { id: profile ?? 'unknown', version, options, unenforcedNodes: unenforcedNodes(nodes, [one]) };
}

/** Runs the detectors, joins findings of one profile, and drops those that another one explains. */
function resolve(view: ClusterView): readonly CniFinding[] {
  const found: CniFinding[] = [];
  for (const detector of CNI_DETECTORS) {
    const one = detector.detect(view, found);
    if (one === null) continue;
    const same = found.findIndex((other) => other.profile !== null && other.profile === one.profile);
    if (same >= 0) found[same] = join(found[same] as CniFinding, one);
    else found.push(one);
  }
  const absorbed = new Set<CniId>(found.flatMap((one) => one.absorbs));
  return found.filter((one) => one.profile === null || !absorbed.has(one.profile));
}

/** Two findings of one profile: the later one saw the agent itself. */
function join(first: CniFinding, second: CniFinding): CniFinding {
  return {
    ...second,
    version: second.version || first.version,
    evidence: [...first.evidence, ...second.evidence],
    options: { ...first.options, ...second.options },
    networkingStated: first.networkingStated || second.networkingStated,
    certainty: Math.max(first.certainty, second.certainty),
  };
}

/** A stated plugin first, then one that does nothing but networking, then the engine's own network. */
function networkingOf(found: readonly CniFinding[]): string {
  const named = found.filter((one) => one.networking !== '');
  const stated = named.find((one) => one.networkingStated && one.enforces === 'yes');
  const plain = named.find((one) => one.enforces === 'no' || one.profile === 'aws-vpc-cni');
  const other = named.find((one) => one.networkingStated) ?? named[0];
  return (stated ?? plain ?? other)?.networking ?? 'unknown';
}

function titleOf(deciding: readonly CniFinding[], networking: string): string {
  const [first] = deciding;
  if (first === undefined) return 'unknown';
  const names = deciding.map((one) => {
    const title = one.title || CNI_PROFILES[one.profile ?? 'unknown'].title;
    return one.version === '' ? title : `${title} ${one.version}`;
  });
  const told = deciding.some((one) => one.profile === networking || WITH_NETWORK.has(one.profile ?? 'unknown'));
  const under = networking === 'unknown' || told ? '' : ` over ${networkingTitle(networking)}`;
  return `${names.join(' and ')}${under}`;
}

/** Profiles whose title tells the network as well. */
const WITH_NETWORK: ReadonlySet<CniId> = new Set([
  'aks-cilium',
  'canal',
  'eks-auto',
  'gke-dataplane-v2',
  'k3s',
  'unknown',
]);

function networkingTitle(networking: string): string {
  return Object.hasOwn(CNI_PROFILES, networking) ? CNI_PROFILES[networking as CniId].title : networking;
}

/** Independent signs add up, yet never to certainty. Several engines, and one that is not ready, lower it. */
function confidenceOf(deciding: readonly CniFinding[], enforced: CniDetection['enforced']): number {
  if (deciding.length === 0) return 0;
  const each = deciding.map((one) => {
    const doubt = one.evidence.reduce((left, evidence) => left * (1 - Math.min(evidence.weight, 0.95)), 1);
    return (1 - doubt) * one.certainty;
  });
  const least = Math.min(...each);
  const shared = deciding.length > 1 ? least * 0.8 : least;
  return Math.round(Math.min(enforced === 'unknown' ? shared * 0.5 : shared, 0.99) * 100) / 100;
}

function mergeOptions(found: readonly CniFinding[], deciding: readonly CniFinding[]): Readonly<Record<string, string>> {
  const options: Record<string, string> = {};
  for (const one of [...found.filter((other) => !deciding.includes(other)), ...deciding.toReversed()]) {
    Object.assign(options, one.options);
  }
  return Object.fromEntries(Object.entries(options).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** Things that a reader should know and that weigh nothing. */
function remarks(
  view: ClusterView,
  engines: readonly CniFinding[],
  found: readonly CniFinding[],
): readonly CniEvidence[] {
  const out: CniEvidence[] = [];
  if (engines.length > 1) {
    const names = engines.map((one) => one.profile ?? '').join(' and ');
    const detail = `${names} enforce at once: a flow must pass each of them; a migration or a mistake`;
    out.push({ source: 'several policy engines', detail, weight: 0 });
  }
  if (found.every((one) => one.profile === null)) {
    const detail = view.daemonSetsKnown
      ? 'no known network plugin is among the DaemonSets'
      : 'DaemonSets of the system cannot be seen, so nothing tells which plugin runs';
    out.push({ source: 'inventory', detail, weight: 0 });
  }
  for (const [kind, title] of LEFTOVERS) {
    if (
      view.objects(kind).length === 0 ||
      found.some((one) => LEFTOVER_OWNERS[title]?.includes(one.profile ?? 'unknown'))
    ) {
      continue;
    }
    const detail = `objects exist, but ${title} was not found running; objects outlive an uninstall`;
    out.push({ source: kind, detail, weight: 0.2 });
  }
  return out;
}

const LEFTOVERS: readonly (readonly [string, string])[] = [
  ['CiliumNetworkPolicy.cilium.io', 'Cilium'],
  ['CiliumClusterwideNetworkPolicy.cilium.io', 'Cilium'],
  ['GlobalNetworkPolicy.projectcalico.org', 'Calico'],
  ['GlobalNetworkPolicy.crd.projectcalico.org', 'Calico'],
  ['ClusterInformation.crd.projectcalico.org', 'Calico'],
  ['ClusterNetworkPolicy.crd.antrea.io', 'Antrea'],
  ['AntreaControllerInfo.crd.antrea.io', 'Antrea'],
];
const LEFTOVER_OWNERS: Readonly<Record<string, readonly CniId[]>> = {
  Cilium: ['cilium', 'aks-cilium', 'gke-dataplane-v2'],
  Calico: ['calico', 'canal'],
  Antrea: ['antrea'],
};

/**
 * Nodes without a ready agent of any engine. Empty when an engine is part of every node. When no agent's pods are in
 * the inventory, only the nodes that can never run one.
 */
function unenforcedNodes(nodes: readonly NodeFact[], engines: readonly CniFinding[]): readonly string[] {
  if (engines.some((one) => one.coverage === 'all')) return [];
  const covered = new Set<string>();
  let unseen = false;
  for (const { coverage } of engines) {
    if (coverage === 'all') continue;
    if (coverage === 'unseen') unseen = true;
    else for (const node of coverage.nodes) covered.add(node);
  }
  return nodes
    .filter((node) => !covered.has(node.meta.name) && (!unseen || runsNoAgents(node)))
    .map((node) => node.meta.name);
}

/** Fargate and virtual nodes run no DaemonSet. */
function runsNoAgents(node: NodeFact): boolean {
  const labels = node.meta.labels;
  return labels['eks.amazonaws.com/compute-type'] === 'fargate' || labels['type'] === 'virtual-kubelet';
}

/** Heaviest first; equal weights keep the order of the detectors. */
function sortEvidence(evidence: readonly CniEvidence[]): readonly CniEvidence[] {
  return evidence.toSorted((a, b) => b.weight - a.weight);
}
