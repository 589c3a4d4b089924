import { objectLabel } from '#engine';
import type { Endpoint } from '#engine';

import { nameObjects, type AuditContext } from '../context/audit-context.js';
import { withoutRule } from '../context/open-rules.js';
import { admittedLater, peersOfNobody } from '../context/peers-of-nobody.js';
import { peerPointer, type RuleView } from '../context/policy-view.js';
import { rulePort } from '../context/rule-ports.js';
import { NETWORK_POLICY, PODS_AND_NETWORK_POLICIES, REFERENCES } from '../context/sources.js';
import { workloadRef } from '../context/workload-view.js';
import { defineCheck } from '../define-check.js';
import type { Fix } from '../fix/fix.js';
import { replaceSpec, specWith } from '../fix/make-fix.js';
import { conclude, type FindingDraft } from '../model/finding.js';

/** COV-06. */
export const check = defineCheck({
  id: 'future-pod-exposure',
  number: 'COV-06',
  area: 'coverage',
  core: false,
  title: 'a rule lets in pods that do not exist yet',
  description:
    'Takes peers of ingress rules that match no pod today and makes up the pod that each would match, in a namespace that is there or in a new one. Finds peers by which such a pod would get in: whoever may set its labels may reach what the rule selects. Tells whether anybody else gets in by the rule.',
  remediation:
    'Correct the labels if a pod of today was meant; else take the peer out until it exists, or name it by what only its owner may set.',
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
      if (rule.direction !== 'ingress') continue;
      const { looked, dead } = peersOfNobody(context, rule);
      examined += looked;
      for (const at of dead) {
        const future = admittedLater(context, rule, at);
        if (future !== null) findings.push(findingFor(context, rule, at, future, dead));
      }
    }
    return conclude({ examined, findings, nothing: 'no ingress rule names pods' });
  },
});

function findingFor(
  context: AuditContext,
  rule: RuleView,
  at: number,
  future: Endpoint,
  dead: readonly number[],
): FindingDraft {
  const { ref, selected } = rule.policy;
  const subject = selected[0] as Endpoint;
  const { protocol, port } = rulePort(rule, subject);
  const others = dead.length === rule.peers.length ? 'nobody else' : 'peers that are there';
  return {
    title: `${objectLabel(ref)} lets in pods of ${future.namespace} that do not exist yet`,
    confidence: context.absence.confidence,
    scope: 'rule',
    object: ref,
    pointer: peerPointer(rule, at),
    evidence: [
      { what: 'would get in', value: JSON.stringify(rule.peers[at]) },
      { what: 'would reach', value: nameObjects(selected.map(workloadRef)) },
      { what: 'who gets in by this rule today', value: others },
      ...context.absence.evidence,
    ],
    counterexample: context.flow(future, subject, protocol, port),
    fix: withoutPeer(context, rule, at),
  };
}

/** A rule that loses its only peer would admit everyone: then the rule goes. */
function withoutPeer(context: AuditContext, rule: RuleView, at: number): Fix | null {
  const { policy, peers } = rule;
  if (peers.length === 1) return withoutRule(context, policy.ref, rule.pointer);
  const spec = specWith(policy, peerPointer(rule, at), undefined);
  return replaceSpec(policy, 'take the peer out', spec, 'or correct its labels');
}
