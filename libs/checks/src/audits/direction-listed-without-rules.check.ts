import { counted, TCP } from '#engine';
import type { Direction, Endpoint } from '#engine';

import { somePort, type AuditContext } from '../context/audit-context.js';
import { clusterDns } from '../context/cluster-dns.js';
import { internetFor } from '../context/example-address.js';
import { DIRECTIONS, typeName, type PolicyView } from '../context/policy-view.js';
import { servedBy } from '../context/service-backends.js';
import { NETWORK_POLICY, PODS_AND_NETWORK_POLICIES, REFERENCES } from '../context/sources.js';
import { defineCheck } from '../define-check.js';
import { replaceSpec, specWith } from '../fix/make-fix.js';
import { conclude, type FindingDraft } from '../model/finding.js';

/** COR-05. */
export const check = defineCheck({
  id: 'direction-listed-without-rules',
  number: 'COR-05',
  area: 'correctness',
  core: false,
  title: 'a policy cuts a direction for which nothing allows anything',
  description:
    'Finds policies with rules for one direction that list the other one without a rule, for pods that no other policy allows anything in it: everything is cut there, DNS too, usually by accident. Ingress counts only for pods behind a Service.',
  remediation: 'Take the direction out of the policy types, or add the rules that are missing, DNS first.',
  severity: 'high',
  confidence: 'likely',
  scope: 'policy',
  reads: { raw: NETWORK_POLICY },
  needs: [...PODS_AND_NETWORK_POLICIES, 'Service'],
  compliance: [],
  references: [REFERENCES.concepts, REFERENCES.dns],
  run(context) {
    const findings: FindingDraft[] = [];
    for (const policy of context.networkPolicies) {
      for (const direction of DIRECTIONS) {
        if (!isListedBare(policy, direction)) continue;
        const cut = policy.selected.filter((pod) => !context.isAllowedAnything(pod, direction));
        const missed = direction === 'egress' ? cut : cut.filter((pod) => servedBy(context.snapshot, pod).length > 0);
        if (missed.length > 0) findings.push(findingFor(context, policy, direction, missed));
      }
    }
    return conclude({ examined: context.networkPolicies.length, findings, nothing: 'there is no NetworkPolicy' });
  },
});

function isListedBare(policy: PolicyView, direction: Direction): boolean {
  const own = policy.rules.some((rule) => rule.direction === direction);
  return policy.directions.has(direction) && policy.directions.size === 2 && !own && policy.rules.length > 0;
}

function findingFor(
  context: AuditContext,
  policy: PolicyView,
  direction: Direction,
  missed: readonly Endpoint[],
): FindingDraft {
  const { namespace, name } = policy.ref;
  const subject = missed[0] as Endpoint;
  const resolver = clusterDns(context)?.resolvers[0];
  const out =
    resolver === undefined ? { to: internetFor(subject), port: 443 } : { to: resolver.endpoint, port: resolver.port };
  return {
    title: `${namespace}/${name} cuts all ${direction} of ${counted(missed.length, 'pod')}`,
    scope: 'policy',
    object: policy.ref,
    pointer: '/spec/policyTypes',
    evidence: [{ what: `pods that nothing allows any ${direction}`, value: missed.map((pod) => pod.name).join(', ') }],
    counterexample:
      direction === 'egress'
        ? context.flow(subject, out.to, TCP, out.port)
        : context.flow(context.stranger, subject, TCP, somePort(subject)),
    fix: replaceSpec(
      policy,
      `take ${typeName(direction)} out of the policy types`,
      specWith(policy, '/spec/policyTypes', [...policy.directions].filter((each) => each !== direction).map(typeName)),
      `this opens ${direction}; where it is meant to be closed, add rules for what is needed instead`,
    ),
  };
}
