import { field, objectLabel, protocolName } from '#engine';
import type { Endpoint } from '#engine';

import type { AuditContext } from '../context/audit-context.js';
import type { RuleView } from '../context/policy-view.js';
import { NETWORK_POLICY, PODS_AND_NETWORK_POLICIES, REFERENCES } from '../context/sources.js';
import { workloadRef } from '../context/workload-view.js';
import { defineCheck } from '../define-check.js';
import { allowHalf } from '../fix/allow-half.js';
import { applyObjects } from '../fix/make-fix.js';
import { conclude, type FindingDraft } from '../model/finding.js';

/** COR-18. */
export const check = defineCheck({
  id: 'asymmetric-allow',
  number: 'COR-18',
  area: 'correctness',
  core: false,
  title: 'one half of a connection is allowed and the other half is not',
  description:
    'A connection needs the leave of both ends. Finds rules that name pods by label where the other end denies every port that the receiving pod declares and the rule admits, as the engine decides it.',
  remediation: 'Add the missing half, or take the rule away when the connection is not wanted.',
  severity: 'medium',
  confidence: 'likely',
  scope: 'rule',
  reads: { raw: NETWORK_POLICY },
  needs: PODS_AND_NETWORK_POLICIES,
  compliance: ['PCI-1.2.1', 'CM-6'],
  references: [REFERENCES.concepts],
  run(context) {
    const findings: FindingDraft[] = [];
    let examined = 0;
    for (const rule of context.networkPolicies.flatMap((policy) => policy.rules)) {
      // Peers without pod labels are wide on purpose: that some of their pods refuse is no half of anything.
      const named = rule.selectors.filter((_, at) => field(rule.peers[at], 'podSelector') !== undefined);
      const chosen = named.flatMap((selector) => context.podsChosenBy(selector));
      const peers = [...new Map(chosen.map((pod) => [objectLabel(workloadRef(pod)), pod])).values()];
      for (const peer of peers) {
        examined++;
        const found = findingFor(context, rule, peer);
        if (found === null) continue;
        findings.push(found);
        break;
      }
    }
    return conclude({ examined, findings, nothing: 'no rule names pods' });
  },
});

function findingFor(context: AuditContext, rule: RuleView, peer: Endpoint): FindingDraft | null {
  const [subject] = rule.policy.selected.filter((pod) => pod !== peer);
  if (subject === undefined) return null;
  const [source, destination] = rule.direction === 'ingress' ? [peer, subject] : [subject, peer];
  const served = destination.ports.filter((port) => !port.init);
  // One port that both ends admit is a connection that works.
  if (served.some(({ protocol, port }) => context.verdict(source, destination, protocol, port) !== 'deny')) return null;
  const halves = served.map((port) => ({
    port,
    decision: context.decide(source, destination, port.protocol, port.port),
  }));
  const other = rule.direction === 'ingress' ? 'egress' : 'ingress';
  const granted = halves.filter(({ decision }) => decision?.[rule.direction].verdict === 'allow');
  const refused = granted.filter(({ decision }) => decision?.[other].verdict === 'deny');
  const [first] = refused;
  if (first === undefined || refused.length < granted.length) return null;
  const { namespace, name } = rule.policy.ref;
  const [from, to] = [objectLabel(workloadRef(source)), objectLabel(workloadRef(destination))];
  return {
    title: `${namespace}/${name} allows ${rule.direction} of ${from} to ${to}, whose ${other} half is denied`,
    scope: 'rule',
    object: rule.policy.ref,
    pointer: rule.pointer,
    related: first.decision?.[other].determining.map((each) => each.policy) ?? [],
    evidence: [
      { what: 'ports that the rule admits', value: granted.map(({ port }) => port.port).join() },
      {
        what: `policies that deny the ${other}`,
        value: first.decision?.[other].determining.map((r) => r.policy.name).join() ?? '',
      },
    ],
    counterexample: context.flow(source, destination, first.port.protocol, first.port.port),
    fix: applyObjects(
      `allow the ${other} half on ${protocolName(first.port.protocol)} ${first.port.port}`,
      [allowHalf(context, source, destination, first.port, other)],
      'only if the connection is wanted',
    ),
  };
}
