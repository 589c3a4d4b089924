import { objectKey, objectLabel } from '#engine';
import type { Endpoint, RuleRef } from '#engine';

import type { AuditContext } from '../context/audit-context.js';
import type { RuleView } from '../context/policy-view.js';
import { peersOf } from '../context/receivers.js';
import { rulePort, type AskedPort } from '../context/rule-ports.js';
import { PODS_AND_POLICIES, REFERENCES } from '../context/sources.js';
import { workloadRef } from '../context/workload-view.js';
import { defineCheck } from '../define-check.js';
import { withoutRule } from '../context/open-rules.js';
import { conclude, type FindingDraft } from '../model/finding.js';

/** HYG-03. */
export const check = defineCheck({
  id: 'overridden-rule',
  number: 'HYG-03',
  area: 'hygiene',
  core: false,
  title: 'a rule allows what a policy of a higher tier always denies',
  description:
    'Finds rules of NetworkPolicies that name pods and of whose connections, one for each pair of workloads, every one is denied in the same direction by a policy of another kind.',
  remediation: 'Take the rule out, or have the policy above it changed by whoever owns that.',
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
    for (const rule of context.networkPolicies.flatMap((policy) => policy.rules)) {
      const pairs = pairsOf(context, rule);
      if (rule.entry === null || pairs.length === 0) continue;
      examined++;
      const above = deniedAbove(context, rule, pairs);
      const [first] = pairs;
      if (above === null || first === undefined) continue;
      findings.push({
        title: `${objectLabel(rule.policy.ref)} allows at ${rule.pointer} what ${above.policy.kind} ${above.policy.name} denies`,
        scope: 'rule',
        object: rule.policy.ref,
        pointer: rule.pointer,
        related: [above.policy],
        evidence: [{ what: 'pairs of workloads, all denied', value: String(pairs.length) }],
        counterexample: context.flow(first.source, first.destination, first.asked.protocol, first.asked.port),
        fix: withoutRule(context, rule.policy.ref, rule.pointer),
      });
    }
    return conclude({ examined, findings, nothing: 'no rule names pods' });
  },
});

interface Pair {
  readonly source: Endpoint;
  readonly destination: Endpoint;
  readonly asked: AskedPort;
}

function hasOtherKinds({ snapshot }: AuditContext): boolean {
  return snapshot.index.policies.some(
    ({ meta }) => meta.kind !== 'NetworkPolicy' || meta.group !== 'networking.k8s.io',
  );
}

/** One pod of each workload stands for it. */
function pairsOf(context: AuditContext, rule: RuleView): Pair[] {
  const peers = perWorkload(peersOf(context, rule));
  return perWorkload(rule.policy.selected).flatMap((subject) =>
    peers
      .filter((peer) => peer !== subject)
      .map((peer) => {
        const [source, destination] = rule.direction === 'ingress' ? [peer, subject] : [subject, peer];
        return { source, destination, asked: rulePort(rule, destination) };
      }),
  );
}

function perWorkload(pods: readonly Endpoint[]): Endpoint[] {
  return [...new Map(pods.map((pod) => [objectKey(workloadRef(pod)), pod])).values()];
}

/** The rule of another kind that denies the first pair, when every pair is denied by such a one. */
function deniedAbove(context: AuditContext, rule: RuleView, pairs: readonly Pair[]): RuleRef | null {
  let found: RuleRef | null = null;
  for (const { source, destination, asked } of pairs) {
    const half = context.decide(source, destination, asked.protocol, asked.port)?.[rule.direction];
    const other = half?.determining.find(({ policy }) => policy.kind !== 'NetworkPolicy');
    if (half?.verdict !== 'deny' || other === undefined) return null;
    found ??= other;
  }
  return found;
}
