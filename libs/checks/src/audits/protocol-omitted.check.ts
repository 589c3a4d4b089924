import { field, pointer, protocolName, SCTP, TCP, UDP } from '#engine';
import type { Protocol } from '#engine';

import type { AuditContext } from '../context/audit-context.js';
import type { RuleView } from '../context/policy-view.js';
import { receiversOf, sendersOf } from '../context/receivers.js';
import { NETWORK_POLICY, PODS_AND_NETWORK_POLICIES, REFERENCES } from '../context/sources.js';
import { DEFAULTS_FILLED_IN, isAsWritten } from '../context/written-by-hand.js';
import { defineCheck } from '../define-check.js';
import { replaceSpec, specWith } from '../fix/make-fix.js';
import { conclude, type FindingDraft } from '../model/finding.js';

/** COR-12. */
export const check = defineCheck({
  id: 'protocol-omitted',
  number: 'COR-12',
  area: 'correctness',
  core: false,
  title: 'a port without a protocol means TCP where the pods speak another one',
  description:
    'A port without a protocol is TCP only. Finds such ports where the receiving pods declare the number for UDP or SCTP, port 53 above all, and policy denies it there.',
  remediation: 'Write the protocol beside every port; DNS needs both UDP and TCP.',
  severity: 'low',
  confidence: 'likely',
  scope: 'rule',
  reads: { raw: NETWORK_POLICY },
  needs: PODS_AND_NETWORK_POLICIES,
  compliance: ['PCI-1.2.1', 'CM-6'],
  references: [REFERENCES.concepts, REFERENCES.api],
  run(context) {
    const findings: FindingDraft[] = [];
    const written = context.networkPolicies.filter((policy) => isAsWritten(policy.fact));
    if (written.length === 0 && context.networkPolicies.length > 0) {
      return { outcome: 'skip', reason: DEFAULTS_FILLED_IN };
    }
    let examined = 0;
    for (const rule of written.flatMap((policy) => policy.rules)) {
      for (const [at, port] of rule.ports.entries()) {
        examined++;
        const number = field(port, 'port');
        if (field(port, 'protocol') !== undefined || typeof number !== 'number') continue;
        const found = findingFor(context, rule, at, number);
        if (found !== null) findings.push(found);
      }
    }
    return conclude({ examined, findings, nothing: 'no rule has a port' });
  },
});

function findingFor(context: AuditContext, rule: RuleView, at: number, number: number): FindingDraft | null {
  for (const receiver of receiversOf(context, rule)) {
    const spoken = receiver.ports.find(({ port, protocol }) => port === number && protocol !== TCP)?.protocol;
    const protocol: Protocol | undefined = spoken ?? (number === 53 ? UDP : undefined);
    if (protocol !== UDP && protocol !== SCTP) continue;
    const sender = sendersOf(context, rule).find((pod) => pod !== receiver) ?? context.stranger;
    const flow = context.flow(sender, receiver, protocol, number);
    if (flow.intended === 'allow') continue;
    const { namespace, name } = rule.policy.ref;
    const ports = [...rule.ports, { protocol: protocolName(protocol), port: number }];
    return {
      title: `port ${number} of ${namespace}/${name} is TCP only`,
      ...(number === 53 ? { severity: 'high' } : {}),
      scope: 'rule',
      object: rule.policy.ref,
      pointer: pointer(rule.pointer, 'ports', at),
      evidence: [{ what: `what ${receiver.namespace}/${receiver.name} speaks there`, value: protocolName(protocol) }],
      counterexample: flow,
      fix: replaceSpec(
        rule.policy,
        `allow ${protocolName(protocol)} ${number} as well`,
        specWith(rule.policy, pointer(rule.pointer, 'ports'), ports),
      ),
    };
  }
  return null;
}
