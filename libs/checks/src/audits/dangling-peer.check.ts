import { field, textMap } from '#engine';
import type { Endpoint, Json } from '#engine';

import type { AuditContext } from '../context/audit-context.js';
import { keysOfNobody } from '../context/namespace-keys.js';
import { peerReadings } from '../context/peer-readings.js';
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
    'Finds peers whose selectors match no pod and no workload’s template. Either the labels are wrong and a connection is missing, or the peer is gone and its labels are a key that the next pod may carry.',
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
      // Two peers that were meant as one, and a key that no namespace has, are findings of their own.
      const meantAsOne = peerReadings(context, rule);
      for (const [at, selector] of rule.selectors.entries()) {
        const peer = rule.peers[at];
        if (at === meantAsOne?.pods) continue;
        if (peer === undefined || field(peer, 'ipBlock') !== undefined || keysOfNobody(context, peer).length > 0)
          continue;
        examined++;
        if (context.podsChosenBy(selector).length > 0) continue;
        // Some engines let peers match pods on the host network.
        if (context.hostPods.some((pod) => context.chooses(selector, pod))) continue;
        findings.push(findingFor(context, rule, at, peer));
      }
    }
    return conclude({ examined, findings, nothing: 'no rule has a peer with selectors' });
  },
});

function findingFor(context: AuditContext, rule: RuleView, at: number, peer: Json): FindingDraft {
  const { namespace, name } = rule.policy.ref;
  const future = whoMayCome(context, rule, at, peer);
  const [subject] = rule.policy.selected;
  return {
    title: `a peer of ${namespace}/${name} matches no pod`,
    confidence: context.absence.confidence,
    scope: 'rule',
    object: rule.policy.ref,
    pointer: peerPointer(rule, at),
    evidence: [{ what: 'peer', value: JSON.stringify(peer) }, ...context.absence.evidence],
    counterexample: subject === undefined || future === null ? null : keyFlow(context, rule, subject, future),
    fix: null,
  };
}

/** A pod that does not exist, with exactly the labels that the peer asks for; null when its form is beyond that. */
function whoMayCome(context: AuditContext, rule: RuleView, at: number, peer: Json): Endpoint | null {
  const named = textMap(field(field(peer, 'namespaceSelector'), 'matchLabels'))['kubernetes.io/metadata.name'];
  const namespace = named ?? rule.policy.ref.namespace;
  const pod = context.newPod(namespace, textMap(field(field(peer, 'podSelector'), 'matchLabels')));
  const selector = rule.selectors[at];
  return selector !== undefined && context.chooses(selector, pod) ? pod : null;
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
