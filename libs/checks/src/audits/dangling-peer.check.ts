import type { Endpoint } from '#engine';

import type { AuditContext } from '../context/audit-context.js';
import { admittedLater, futurePods, peersOfNobody } from '../context/peers-of-nobody.js';
import { peerPointer, type RuleView } from '../context/policy-view.js';
import { rulePort } from '../context/rule-ports.js';
import { NETWORK_POLICY, PODS_AND_NETWORK_POLICIES, REFERENCES } from '../context/sources.js';
import { defineCheck } from '../define-check.js';
import { conclude, type FindingDraft } from '../model/finding.js';

/** COR-08. */
export const check = defineCheck({
  id: 'dangling-peer',
  number: 'COR-08',
  area: 'correctness',
  core: false,
  title: 'a peer of a rule matches no pod',
  description:
    'Finds peers whose selectors match no pod and no workload’s template: the labels are wrong and a connection is missing, or the peer is gone. Peers by which a pod that does not exist yet would get in are told by future-pod-exposure.',
  remediation: 'Correct the labels, or take the peer out of the rule.',
  severity: 'medium',
  confidence: 'certain',
  scope: 'rule',
  reads: { raw: NETWORK_POLICY },
  needs: [...PODS_AND_NETWORK_POLICIES, 'Deployment.apps', 'StatefulSet.apps', 'DaemonSet.apps', 'CronJob.batch'],
  compliance: ['PCI-1.2.1', 'CM-6', 'AC-4'],
  references: [REFERENCES.concepts],
  run(context) {
    if (context.pods.length === 0) return { outcome: 'not-applicable', reason: 'the inventory has no pods to match' };
    const findings: FindingDraft[] = [];
    let examined = 0;
    for (const rule of context.networkPolicies.flatMap((policy) => policy.rules)) {
      const { looked, dead } = peersOfNobody(context, rule);
      examined += looked;
      findings.push(
        ...dead.filter((at) => admittedLater(context, rule, at) === null).map((at) => findingFor(context, rule, at)),
      );
    }
    return conclude({ examined, findings, nothing: 'no rule has a peer with selectors' });
  },
});

function findingFor(context: AuditContext, rule: RuleView, at: number): FindingDraft {
  const { namespace, name } = rule.policy.ref;
  const [future] = futurePods(context, rule, at);
  const [subject] = rule.policy.selected;
  return {
    title: `a peer of ${namespace}/${name} matches no pod`,
    confidence: context.absence.confidence,
    scope: 'rule',
    object: rule.policy.ref,
    pointer: peerPointer(rule, at),
    evidence: [{ what: 'peer', value: JSON.stringify(rule.peers[at]) }, ...context.absence.evidence],
    counterexample: subject === undefined || future === undefined ? null : keyFlow(context, rule, subject, future),
    fix: null,
  };
}

function keyFlow(
  context: AuditContext,
  rule: RuleView,
  subject: Endpoint,
  peer: Endpoint,
): FindingDraft['counterexample'] {
  const [source, destination] = rule.direction === 'ingress' ? [peer, subject] : [subject, peer];
  const { protocol, port } = rulePort(rule, destination);
  return context.flow(source, destination, protocol, port);
}
