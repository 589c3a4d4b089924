import { field, pointer, TCP } from '#engine';
import type { Endpoint } from '#engine';

import { nameObjects, type AuditContext } from '../context/audit-context.js';
import { hasSidecar } from '../context/mesh.js';
import type { RuleView } from '../context/policy-view.js';
import { receiversOf, sendersOf } from '../context/receivers.js';
import { NETWORK_POLICY, PODS_AND_NETWORK_POLICIES } from '../context/sources.js';
import { defineCheck } from '../define-check.js';
import { replaceSpec, specWith } from '../fix/make-fix.js';
import { conclude, type FindingDraft } from '../model/finding.js';

/** Where the sidecar catches outbound and inbound connections, inside the pod. */
const CAUGHT: readonly number[] = [15001, 15006];

/** MSH-01. */
export const check = defineCheck({
  id: 'istio-sidecar-ports',
  number: 'MSH-01',
  area: 'mesh',
  core: true,
  title: 'a rule names the port of the sidecar instead of the port of the application',
  description:
    'Policy sees the connection outside the pod, on the port that the client asked for; it is turned to the sidecar’s port inside. Finds rules for 15001 or 15006 to pods with a sidecar, where the application’s own port is denied.',
  remediation: 'Write the application’s port; 15001 and 15006 are never needed in a NetworkPolicy.',
  severity: 'high',
  confidence: 'certain',
  scope: 'rule',
  reads: { raw: NETWORK_POLICY },
  needs: PODS_AND_NETWORK_POLICIES,
  compliance: ['AC-4'],
  references: ['https://istio.io/latest/docs/ops/deployment/application-requirements/'],
  run(context) {
    const sidecars = context.pods.filter((pod) => hasSidecar(context, pod));
    if (sidecars.length === 0) return { outcome: 'not-applicable', reason: 'no pod has an Istio sidecar' };
    const findings: FindingDraft[] = [];
    for (const rule of context.networkPolicies.flatMap((policy) => policy.rules)) {
      for (const [at, port] of rule.ports.entries()) {
        const written = field(port, 'port');
        if (typeof written !== 'number' || !CAUGHT.includes(written)) continue;
        const receivers = receiversOf(context, rule).filter((pod) => sidecars.includes(pod));
        const found = findingFor(context, rule, at, written, receivers);
        if (found !== null) findings.push(found);
      }
    }
    return conclude({ examined: sidecars.length, findings, nothing: '' });
  },
});

function findingFor(
  context: AuditContext,
  rule: RuleView,
  at: number,
  written: number,
  receivers: readonly Endpoint[],
): FindingDraft | null {
  for (const receiver of receivers) {
    const own = receiver.ports.filter(({ port, protocol }) => protocol === TCP && (port < 15000 || port > 15100));
    const sender = sendersOf(context, rule).find((pod) => pod !== receiver) ?? context.stranger;
    const denied = own.find(({ port }) => context.decide(sender, receiver, TCP, port)?.verdict === 'deny');
    if (denied === undefined) continue;
    const { namespace, name } = rule.policy.ref;
    const at_ = pointer(rule.pointer, 'ports', at, 'port');
    return {
      title: `${namespace}/${name} opens the sidecar’s port ${written} and not ${denied.port}`,
      scope: 'rule',
      object: rule.policy.ref,
      pointer: at_,
      evidence: [
        { what: 'pods with a sidecar', value: nameObjects(receivers) },
        { what: 'ports of the application', value: own.map(({ port }) => port).join(', ') },
      ],
      counterexample: context.flow(sender, receiver, TCP, denied.port),
      fix: replaceSpec(rule.policy, `write port ${denied.port}`, specWith(rule.policy, at_, denied.port)),
    };
  }
  return null;
}
