import { field, objectLabel, textMap } from '#engine';
import type { Endpoint, Labels } from '#engine';

import { nameObjects, type AuditContext } from '../context/audit-context.js';
import { peerPointer, type RuleView } from '../context/policy-view.js';
import { rulePort } from '../context/rule-ports.js';
import { NETWORK_POLICY, PODS_AND_NETWORK_POLICIES, REFERENCES } from '../context/sources.js';
import { workloadRef } from '../context/workload-view.js';
import { defineCheck } from '../define-check.js';
import { withoutRule } from '../context/open-rules.js';
import { conclude, type FindingDraft } from '../model/finding.js';

/** COV-06. */
export const check = defineCheck({
  id: 'future-pod-exposure',
  number: 'COV-06',
  area: 'coverage',
  core: false,
  title: 'pods may be reached by nobody but pods that do not exist yet',
  description:
    'Takes ingress rules none of whose peers matches a pod today and makes up the pod that one would match, in a namespace that is there. Finds rules by which such a pod would get in: whoever may set its labels may reach what the rule selects.',
  remediation: 'Take the rule out until its peer exists, or name peers by what only their owner may set.',
  severity: 'medium',
  confidence: 'certain',
  scope: 'rule',
  reads: { raw: NETWORK_POLICY },
  needs: PODS_AND_NETWORK_POLICIES,
  compliance: ['AC-4'],
  references: [REFERENCES.concepts],
  run(context) {
    const findings: FindingDraft[] = [];
    let examined = 0;
    for (const rule of context.networkPolicies.flatMap((policy) => policy.rules)) {
      if (rule.direction !== 'ingress' || rule.selectors.length === 0) continue;
      examined++;
      const isAlive = rule.peers.some((peer) => field(peer, 'ipBlock') !== undefined);
      if (isAlive || rule.selectors.some((selector) => context.podsChosenBy(selector).length > 0)) continue;
      const found = findingFor(context, rule);
      if (found !== null) findings.push(found);
    }
    return conclude({ examined, findings, nothing: 'no ingress rule names pods' });
  },
});

function findingFor(context: AuditContext, rule: RuleView): FindingDraft | null {
  const [subject] = rule.policy.selected;
  if (subject === undefined) return null;
  const { protocol, port } = rulePort(rule, subject);
  for (const [at, selector] of rule.selectors.entries()) {
    const future = futurePods(context, rule, at).find(
      (pod) => context.chooses(selector, pod) && context.verdict(pod, subject, protocol, port) === 'allow',
    );
    if (future === undefined) continue;
    const { ref } = rule.policy;
    return {
      title: `${objectLabel(ref)} lets in pods of ${future.namespace} that do not exist yet`,
      scope: 'rule',
      object: ref,
      pointer: peerPointer(rule, at),
      evidence: [
        { what: 'would get in', value: JSON.stringify(rule.peers[at]) },
        { what: 'would reach', value: nameObjects(rule.policy.selected.map(workloadRef)) },
      ],
      counterexample: context.flow(future, subject, protocol, port),
      fix: withoutRule(context, ref, rule.pointer),
    };
  }
  return null;
}

/** Pods with just the labels that a peer asks for, one in each namespace that it may be in. */
function futurePods(context: AuditContext, rule: RuleView, at: number): readonly Endpoint[] {
  const peer = rule.peers[at];
  const wanted: Labels = textMap(field(field(peer, 'podSelector'), 'matchLabels'));
  const isElsewhere = field(peer, 'namespaceSelector') !== undefined;
  const { namespaces } = context.snapshot.index;
  const names = isElsewhere ? [...namespaces.keys()] : [rule.policy.ref.namespace];
  return names.map((namespace) => context.newPod(namespace, wanted));
}
