import { field, textMap } from '#engine';
import type { Endpoint, Json, Labels } from '#engine';

import type { AuditContext } from './audit-context.js';
import { keysOfExpressions, keysOfNobody, NAME_LABEL } from './namespace-keys.js';
import { peerReadings } from './peer-readings.js';
import type { RuleView } from './policy-view.js';
import { rulePort } from './rule-ports.js';

/** The peers of a rule that name pods, and those among them that match none. */
export interface PeersOfNobody {
  readonly looked: number;
  /** Positions in the rule. */
  readonly dead: readonly number[];
}

/**
 * Peers whose selectors match no pod and no workload's template. Two peers that were meant as one, and a key that no
 * namespace has, are findings of their own.
 */
export function peersOfNobody(context: AuditContext, rule: RuleView): PeersOfNobody {
  const meantAsOne = peerReadings(context, rule);
  const looked = [...rule.selectors.entries()].filter(([at]) => {
    const peer = rule.peers[at];
    const named = peer !== undefined && field(peer, 'ipBlock') === undefined && at !== meantAsOne?.pods;
    return named && keysOfNobody(context, peer).length === 0;
  });
  const dead = looked.filter(
    ([, selector]) =>
      context.podsChosenBy(selector).length === 0 &&
      // Some engines let peers match pods on the host network.
      !context.hostPods.some((pod) => context.chooses(selector, pod)),
  );
  return { looked: looked.length, dead: dead.map(([at]) => at) };
}

/** A pod that nobody has made, with just what a peer asks for, in a namespace that is there or one that is made up. */
export function futurePods(context: AuditContext, rule: RuleView, at: number): readonly Endpoint[] {
  const selector = rule.selectors[at];
  if (selector === undefined) return [];
  const peer = rule.peers[at];
  const labels = wantedLabels(field(peer, 'podSelector'));
  const ofNamespace = field(peer, 'namespaceSelector');
  const pods =
    ofNamespace === undefined
      ? [context.newPod(rule.policy.ref.namespace, labels)]
      : [
          ...[...context.snapshot.index.namespaces.keys()].map((name) => context.newPod(name, labels)),
          podOfNewNamespace(context, wantedLabels(ofNamespace), labels),
        ];
  return pods.filter((pod) => context.chooses(selector, pod));
}

function podOfNewNamespace(context: AuditContext, namespaceLabels: Labels, labels: Labels): Endpoint {
  const told = Object.entries(namespaceLabels).map(([key, value]) => `${key}=${value}`);
  const name = namespaceLabels[NAME_LABEL] ?? `a namespace with ${told.join()}`;
  return { ...context.newPod(name, labels), namespaceLabels: { [NAME_LABEL]: name, ...namespaceLabels } };
}

/** Labels that a selector asks for by value, or with any value. */
function wantedLabels(selector: Json | undefined): Labels {
  const asked = keysOfExpressions(selector).map(({ key, value }) => [key, value || 'any'] as const);
  return { ...Object.fromEntries<string>(asked), ...textMap(field(selector, 'matchLabels')) };
}

/** The pod that does not exist and that an ingress rule would let in by a peer; null when it would let none in. */
export function admittedLater(context: AuditContext, rule: RuleView, at: number): Endpoint | null {
  const [subject] = rule.policy.selected;
  if (subject === undefined || rule.direction !== 'ingress') return null;
  const { protocol, port } = rulePort(rule, subject);
  const gets = (pod: Endpoint): boolean => context.verdict(pod, subject, protocol, port) === 'allow';
  return futurePods(context, rule, at).find(gets) ?? null;
}
