import { field, isNamedBy, nearNames, pointer } from '#engine';
import type { Endpoint } from '#engine';

import { nameObjects, type AuditContext } from '../context/audit-context.js';
import { receiversOf, sendersOf } from '../context/receivers.js';
import type { RuleView } from '../context/policy-view.js';
import { writtenProtocol } from '../context/rule-ports.js';
import { NETWORK_POLICY, PODS_AND_NETWORK_POLICIES, REFERENCES } from '../context/sources.js';
import { defineCheck } from '../define-check.js';
import { replaceSpec, specWith } from '../fix/make-fix.js';
import { conclude, type FindingDraft } from '../model/finding.js';

/** COR-10. */
export const check = defineCheck({
  id: 'named-port-unresolved',
  number: 'COR-10',
  area: 'correctness',
  core: false,
  title: 'a rule names a port that no receiving pod declares',
  description:
    'A port name is looked up among the ports of the pods that receive the connection. Finds names that none of them declares, so that the rule admits nothing, and names that mean different numbers on different pods.',
  remediation: 'Declare the port under that name in the container, or write the number.',
  severity: 'medium',
  confidence: 'certain',
  scope: 'rule',
  reads: { raw: NETWORK_POLICY },
  needs: PODS_AND_NETWORK_POLICIES,
  compliance: ['PCI-1.2.1', 'CM-6'],
  references: [REFERENCES.concepts, REFERENCES.api],
  run(context) {
    const findings: FindingDraft[] = [];
    let examined = 0;
    for (const rule of context.networkPolicies.flatMap((policy) => policy.rules)) {
      for (const [at, port] of rule.ports.entries()) {
        const name = field(port, 'port');
        if (typeof name !== 'string') continue;
        examined++;
        const found = findingFor(context, rule, at, name);
        if (found !== null) findings.push(found);
      }
    }
    return conclude({ examined, findings, nothing: 'no rule names a port' });
  },
});

function findingFor(context: AuditContext, rule: RuleView, at: number, name: string): FindingDraft | null {
  const receivers = receiversOf(context, rule);
  const [first] = receivers;
  if (first === undefined) return null;
  const protocol = writtenProtocol(rule.ports[at] ?? {});
  const numbers = new Set(
    receivers.flatMap((pod) =>
      pod.ports.filter((port) => isNamedBy(port, { type: 'named', protocol, name })).map((port) => port.port),
    ),
  );
  if (numbers.size === 1) return null;
  const { namespace, name: policy } = rule.policy.ref;
  const declared = new Set(
    receivers.flatMap((pod) => pod.ports.filter(({ init }) => !init).map((port) => port.name)).filter(Boolean),
  );
  const shared = { scope: 'rule' as const, object: rule.policy.ref, pointer: pointer(rule.pointer, 'ports', at) };
  const pods = { what: 'receiving pods', value: nameObjects(receivers) };
  if (numbers.size > 1) {
    return {
      ...shared,
      title: `port \`${name}\` of ${namespace}/${policy} means ${[...numbers].sort((a, b) => a - b).join(' and ')}`,
      severity: 'low',
      evidence: [pods, { what: 'numbers', value: [...numbers].join(', ') }],
      counterexample: null,
      fix: null,
    };
  }
  return {
    ...shared,
    title: `no pod has the port \`${name}\` that ${namespace}/${policy} names`,
    evidence: [pods, { what: 'names that they declare', value: [...declared].sort().join(', ') || 'none' }],
    counterexample: deniedFlow(context, rule, first),
    fix: rename(rule, at, nearNames(name, declared), [...declared]),
  };
}

/** Someone whom the rule is for, at the port that the pod serves. */
function deniedFlow(context: AuditContext, rule: RuleView, receiver: Endpoint): FindingDraft['counterexample'] {
  const port = receiver.ports.find((each) => !each.init);
  const [source] = sendersOf(context, rule);
  if (port === undefined || source === undefined) return null;
  return context.flow(source, receiver, port.protocol, port.port);
}

/** Where one name is meant without a doubt: the only one that is close, or the only one there is. */
function rename(rule: RuleView, at: number, near: readonly string[], declared: readonly string[]): FindingDraft['fix'] {
  const candidates = near.length > 0 ? near : declared;
  const [name] = candidates;
  if (name === undefined || candidates.length !== 1) return null;
  const spec = specWith(rule.policy, pointer(rule.pointer, 'ports', at, 'port'), name);
  return replaceSpec(rule.policy, `name the port \`${name}\``, spec, 'only if that is the port that was meant');
}
