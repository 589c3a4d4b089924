import { combineVerdicts, objectKey } from '../model/index.js';
import type {
  Direction,
  DirectionDecision,
  DirectionReason,
  FlowDecision,
  RuleRef,
  Tier,
  Verdict,
} from '../model/index.js';
import { isHost } from '../compile/endpoint.js';
import type { Endpoint } from '../compile/endpoint.js';
import { ENFORCED_EVERYWHERE } from '../compile/enforcement.js';
import type { Enforcement } from '../compile/enforcement.js';
import { NO, YES } from '../compile/match-selector.js';
import type { PolicySet, ReadyTier } from '../compile/policy-set.js';
import { directionVerdict, evaluateDirection } from './evaluate-direction.js';
import type { Detail } from './evaluate-direction.js';
import type { Heeds } from './walk-tiers.js';
import type { Flow } from './flow.js';
import { isSelected } from './is-selected.js';
import { bothLimits } from './left-open.js';

/** Decides a flow: egress at the source and ingress at the destination apart, then combined. */
export function evaluateFlow(
  set: PolicySet,
  source: Endpoint,
  destination: Endpoint,
  flow: Flow,
  enforcement: Enforcement = ENFORCED_EVERYWHERE,
  detail: Detail = 'evidence',
): FlowDecision {
  const egress = decideDirection(set, 'egress', source, destination, flow, enforcement, detail);
  const ingress = decideDirection(set, 'ingress', destination, source, flow, enforcement, detail);
  return { verdict: combineVerdicts([egress.verdict, ingress.verdict]), egress, ingress };
}

/** The verdict alone. */
export function flowVerdict(
  set: PolicySet,
  source: Endpoint,
  destination: Endpoint,
  flow: Flow,
  enforcement: Enforcement = ENFORCED_EVERYWHERE,
): Verdict {
  const egress = sideVerdict(set, 'egress', source, destination, flow, enforcement);
  if (egress === 'deny') return 'deny';
  return combineVerdicts([egress, sideVerdict(set, 'ingress', destination, source, flow, enforcement)]);
}

/** The verdict of one direction alone, by some of the gates. */
export function sideVerdict(
  set: PolicySet,
  direction: Direction,
  subject: Endpoint,
  peer: Endpoint,
  flow: Flow,
  enforcement: Enforcement,
  asks?: (gate: Tier['gate']) => boolean,
): Verdict {
  const exempt = exemption(set, direction, subject, peer, flow, enforcement);
  let unknown = exempt?.isOpen === true;
  for (const gate of set.gates) {
    const heeds = heededBy(gate, exempt, direction, subject, peer);
    if (heeds === null || asks?.(gate.id) === false) continue;
    const verdict = directionVerdict(gate.tiers, direction, subject, peer, flow, heeds);
    if (verdict === 'deny') return 'deny';
    if (verdict === 'unknown') unknown = true;
  }
  return unknown ? 'unknown' : 'allow';
}

function decideDirection(
  set: PolicySet,
  direction: Direction,
  subject: Endpoint,
  peer: Endpoint,
  flow: Flow,
  enforcement: Enforcement,
  detail: Detail,
): DirectionDecision {
  const exempt = exemption(set, direction, subject, peer, flow, enforcement);
  const decisions = exempt === null ? [] : [exemptDecision(direction, exempt)];
  for (const gate of set.gates) {
    const heeds = heededBy(gate, exempt, direction, subject, peer);
    if (heeds === null) continue;
    const decided = evaluateDirection(gate.tiers, direction, subject, peer, flow, heeds, detail);
    // What is let in behind all rules needs none that allows it.
    if (heeds === 'isolation' || decided.verdict !== 'allow' || decided.onlyFor.length > 0) decisions.push(decided);
  }
  const combined = combineStages(direction, decisions);
  if (exempt === null && combined.reason === 'default-allow' && subject.kind !== 'pod')
    return { ...combined, reason: 'not-subject' };
  return combined;
}

/** Stages (gates, engines) must all admit the flow; the one that settles it speaks for it, with the steps of all. */
export function combineStages(direction: Direction, decisions: readonly DirectionDecision[]): DirectionDecision {
  if (decisions.length === 1) return decisions[0] as DirectionDecision;
  const verdict = combineVerdicts(decisions.map((decision) => decision.verdict));
  const speaker =
    decisions.find((decision) => decision.verdict === verdict && decision.reason !== 'default-allow') ?? decisions[0];
  if (speaker === undefined) return exemptDecision(direction, { reason: 'default-allow', why: 'no policy applies' });
  return {
    ...speaker,
    ...(verdict === 'allow' ? { determining: rulesOf(decisions) } : {}),
    steps: decisions.flatMap((decision) => decision.steps),
    nearMisses: decisions.flatMap((decision) => decision.nearMisses),
    onlyFor: decisions.map((decision) => decision.onlyFor).reduce(bothLimits, []),
  };
}

/** An allow needs the leave of every stage: the rules of all of them, each once. */
function rulesOf(decisions: readonly DirectionDecision[]): readonly RuleRef[] {
  const all = decisions.flatMap(({ determining }) => determining);
  return [...new Map(all.map((rule) => [`${objectKey(rule.policy)}${rule.pointer}`, rule])).values()];
}

interface Exemption {
  readonly reason: DirectionReason;
  readonly why: string;
  /** What is heeded before the leave: a rule that denies defeats it. Nothing when left out. */
  readonly heeds?: Heeds;
  /** Whether the leave is given is not known. */
  readonly isOpen?: true;
}

/**
 * What a gate heeds; null where it does not judge the flow. The mesh is no part of the CNI: what the CNI lets pass for its
 * own reasons, the mesh still judges, but for what a pod sends to itself, or gets from its own node where that is open.
 */
function heededBy(
  { id, tiers }: PolicySet['gates'][number],
  exempt: Exemption | null,
  direction: Direction,
  subject: Endpoint,
  peer: Endpoint,
): Heeds | null {
  if (id === 'mesh') {
    if (subject === peer) return null;
    const isOpen = direction === 'ingress' && isOfOwnNode(subject, peer) && tiers.some((one) => isOpenTo(one, subject));
    return isOpen ? null : 'isolation';
  }
  if (exempt === null) return 'isolation';
  return exempt.heeds ?? null;
}

const isOfOwnNode = (subject: Endpoint, peer: Endpoint): boolean =>
  isHost(peer) && peer.node !== '' && peer.node === subject.node;

const isOpenTo = ({ tier: { openToOwnNode = [] } }: ReadyTier, { special }: Endpoint): boolean =>
  openToOwnNode.some((group) => special.includes(group));

const BY_ITS_SERVICE = 'by a Service a pod reaches itself as cluster-wide policy lets it';

function exemption(
  set: PolicySet,
  direction: Direction,
  subject: Endpoint,
  peer: Endpoint,
  flow: Flow,
  enforcement: Enforcement,
): Exemption | null {
  const { semantics } = set;
  const toItself = subject !== peer ? null : flow.service === undefined ? 'nothing' : semantics.toItself[direction];
  if (toItself === 'nothing') return { reason: 'same-pod', why: 'traffic inside one endpoint is never policed' };
  if (enforcement.unenforcedNodes.size > 0 && enforcement.unenforcedNodes.has(subject.node)) {
    return { reason: 'not-subject', why: `node \`${subject.node}\` runs no policy agent` };
  }
  // UP-45.
  if (toItself === 'cluster-wide') return { reason: 'same-pod', why: BY_ITS_SERVICE, heeds: 'cluster-wide' };
  if (peer.node === '' || peer.node !== subject.node) return null;
  if (isHost(subject) && isHost(peer) && !semantics.hostPodsAsSubjects) {
    return { reason: 'same-node', why: 'traffic inside a node never leaves its network stack and is not policed' };
  }
  if (subject.kind !== 'pod') return null;
  if (!isHost(peer)) return null;
  if (direction === 'ingress' && semantics.ownNodeToPod) {
    const leave = { reason: 'same-node', why: 'a node always reaches the pods that run on it' } as const;
    return semantics.combination === 'cilium' ? ciliumLeave(leave, set, subject) : leave;
  }
  if (direction === 'egress' && semantics.podToOwnNode) {
    return { reason: 'same-node', why: 'a pod always reaches the node it runs on' };
  }
  return null;
}

/** CNP-77, CNP-85. */
function ciliumLeave(leave: Exemption, set: PolicySet, subject: Endpoint): Exemption | null {
  const needed = set.semantics.ownNodeNeedsRule;
  const given = { ...leave, heeds: 'rules-alone' } as const;
  if (needed === 'no') return given;
  const selected = isSelected(set, 'ingress', subject);
  if (selected === YES) return given;
  if (selected === NO && needed === 'yes') return null;
  return { reason: 'unevaluable', why: MAY_NEED_RULE, heeds: 'rules-alone', isOpen: true };
}

const MAY_NEED_RULE = 'with `enable-policy: always` Cilium 1.20 keeps the own node out of pods that no rule selects';

function exemptDecision(direction: Direction, { reason, why, isOpen }: Exemption): DirectionDecision {
  const verdict = isOpen === true ? 'unknown' : 'allow';
  return {
    direction,
    verdict,
    reason,
    determining: [],
    steps: [{ direction, tier: '', outcome: verdict, rules: [], why }],
    nearMisses: [],
    onlyFor: [],
    diagnostics: [],
  };
}
