import { objectKey, objectLabel, ruleLabel } from '#engine';
import type { Endpoint, PolicyEntry, RuleRef } from '#engine';

import { nameObjects, type AuditContext } from '../context/audit-context.js';
import type { RuleView } from '../context/policy-view.js';
import { peersOf } from '../context/receivers.js';
import { rulePort, type AskedPort } from '../context/rule-ports.js';
import { PODS_AND_POLICIES, REFERENCES } from '../context/sources.js';
import { defineCheck } from '../define-check.js';
import { operatorTask } from '../fix/make-fix.js';
import { takenOut } from '../context/open-rules.js';
import { conclude, type FindingDraft } from '../model/finding.js';

/** HYG-03. */
export const check = defineCheck({
  id: 'overridden-rule',
  number: 'HYG-03',
  area: 'hygiene',
  core: false,
  title: 'a rule decides nothing, as a tier before it always does',
  description:
    'Finds rules of NetworkPolicies that name pods and of whose connections, one for each pair of workloads, every one is denied in the same direction by a policy of another kind; and rules of a tier behind NetworkPolicy, such as the baseline, of whose pods, those still to come included, NetworkPolicies close every one.',
  remediation: 'Take the rule out, or have the policy before it changed by whoever owns that.',
  severity: 'medium',
  confidence: 'likely',
  scope: 'rule',
  reads: 'compiled',
  needs: PODS_AND_POLICIES,
  compliance: ['PCI-1.2.7', 'CM-6'],
  references: ['https://network-policy-api.sigs.k8s.io/', REFERENCES.concepts],
  run(context) {
    const findings: FindingDraft[] = [];
    let examined = 0;
    if (!hasOtherKinds(context)) {
      return { outcome: 'not-applicable', reason: 'there are no policies but NetworkPolicies' };
    }
    const overridden: OverriddenRule[] = [];
    for (const rule of context.networkPolicies.flatMap((policy) => policy.rules)) {
      const first = pairsOf(context, rule).next().value;
      if (rule.entry === null || first === undefined) continue;
      examined++;
      const above = deniedAbove(context, rule);
      if (above !== null) overridden.push({ rule, first, above });
    }
    const fixes = takenOut(overridden.map(({ rule }) => rule));
    for (const { rule, first, above } of overridden) {
      findings.push({
        title: `${objectLabel(rule.policy.ref)} allows at ${rule.pointer} what ${above.by.policy.kind} ${above.by.policy.name} denies`,
        scope: 'rule',
        object: rule.policy.ref,
        pointer: rule.pointer,
        related: [above.by.policy],
        evidence: [{ what: 'pairs of workloads, all denied', value: String(above.pairs) }],
        counterexample: context.flow(first.source, first.destination, first.asked.protocol, first.asked.port),
        fix: fixes.get(rule) ?? null,
      });
    }
    for (const entry of rulesBehind(context)) {
      const subjects = context.podsChosenBy(entry.subject);
      if (subjects.length === 0) continue;
      examined++;
      if (isNeverAsked(context, entry, subjects)) findings.push(neverAsked(context, entry, subjects));
    }
    return conclude({ examined, findings, nothing: 'no rule names pods' });
  },
});

/** Rules of the cluster's policies in tiers that come after the one of NetworkPolicy. */
function rulesBehind({ policySet, snapshot }: AuditContext): readonly PolicyEntry[] {
  if (policySet.semantics.isolatesLast) return [];
  const tiers = policySet.gates.find(({ id }) => id === 'cni')?.tiers.map(({ tier }) => tier.id) ?? [];
  const behind = new Set(tiers.slice(tiers.indexOf('default') + 1));
  const written = new Set(snapshot.index.policies.map(({ meta }) => objectKey(meta)));
  return policySet.policies
    .filter(({ policy }) => written.has(objectKey(policy)))
    .flatMap(({ entries }) => entries)
    .filter(({ tier, isolates }) => behind.has(tier) && !isolates);
}

/** Whether NetworkPolicies decide for every pod that a rule selects, and for the next one of each namespace. */
function isNeverAsked(context: AuditContext, { subject, direction }: PolicyEntry, pods: readonly Endpoint[]): boolean {
  const inside = [...new Set(pods.map((pod) => pod.namespace))].map((namespace) => context.newPod(namespace));
  const next = [context.stranger, ...inside].filter((pod) => context.chooses(subject, pod));
  return [...pods, ...next].every((pod) =>
    context.networkPolicies.some(
      (policy) =>
        policy.ref.namespace === pod.namespace &&
        policy.directions.has(direction) &&
        context.chooses(policy.subject, pod),
    ),
  );
}

function neverAsked(context: AuditContext, entry: PolicyEntry, pods: readonly Endpoint[]): FindingDraft {
  const { policy, pointer } = entry.source;
  return {
    title: `${policy.kind} ${ruleLabel(entry.source)} is never asked: NetworkPolicies decide before it`,
    scope: 'rule',
    object: policy,
    pointer,
    evidence: [{ what: 'pods, all closed by NetworkPolicies', value: nameObjects(pods) }],
    counterexample: null,
    fix: operatorTask(
      `take ${pointer} out of ${policy.kind} ${objectLabel(policy)}`,
      'or keep it for namespaces to come',
    ),
  };
}

interface Pair {
  readonly source: Endpoint;
  readonly destination: Endpoint;
  readonly asked: AskedPort;
}

interface DeniedAbove {
  /** The rule of another kind that denies the first pair. */
  readonly by: RuleRef;
  /** How many pairs there are. */
  readonly pairs: number;
}

interface OverriddenRule {
  readonly rule: RuleView;
  readonly first: Pair;
  readonly above: DeniedAbove;
}

function hasOtherKinds({ snapshot }: AuditContext): boolean {
  return snapshot.index.policies.some(
    ({ meta }) => meta.kind !== 'NetworkPolicy' || meta.group !== 'networking.k8s.io',
  );
}

/** One pod of each workload stands for it. */
function* pairsOf(context: AuditContext, rule: RuleView): Generator<Pair, undefined> {
  const peers = context.choices.perWorkload(peersOf(context, rule));
  for (const subject of context.choices.perWorkload(rule.policy.selected)) {
    for (const peer of peers) {
      if (peer === subject) continue;
      const [source, destination] = rule.direction === 'ingress' ? [peer, subject] : [subject, peer];
      yield { source, destination, asked: rulePort(rule, destination) };
    }
  }
}

/** What denies the pairs of a rule, when every one is denied by a rule of another kind. */
function deniedAbove(context: AuditContext, rule: RuleView): DeniedAbove | null {
  let by: RuleRef | null = null;
  let pairs = 0;
  for (const { source, destination, asked } of pairsOf(context, rule)) {
    const half = context.decide(source, destination, asked.protocol, asked.port)?.[rule.direction];
    const other = half?.determining.find(({ policy }) => policy.kind !== 'NetworkPolicy');
    if (half?.verdict !== 'deny' || other === undefined) return null;
    by ??= other;
    pairs++;
  }
  return by === null ? null : { by, pairs };
}
