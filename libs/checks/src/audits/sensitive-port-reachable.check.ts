import { TCP } from '#engine';
import type { Endpoint } from '#engine';

import { nameObjects, type AuditContext } from '../context/audit-context.js';
import { PODS_AND_POLICIES, REFERENCES } from '../context/sources.js';
import { workloadRef, type WorkloadView } from '../context/workload-view.js';
import { defineCheck } from '../define-check.js';
import { defaultDeny } from '../fix/default-deny.js';
import { conclude, type FindingDraft } from '../model/finding.js';

/** EXP-10. */
export const check = defineCheck({
  id: 'sensitive-port-reachable',
  number: 'EXP-10',
  area: 'exposure',
  core: false,
  title: 'a data store or an administration port is reached from other namespaces',
  description:
    'Finds pods that declare a port of a data store or of administration (the list is a setting) which workloads of other namespaces, or a pod that nobody has made yet, may reach. Who may is told; that it is wanted is for the owner to say.',
  remediation: 'Admit the clients by namespace and label, and nobody else.',
  severity: 'high',
  confidence: 'likely',
  scope: 'workload',
  reads: 'compiled',
  needs: PODS_AND_POLICIES,
  compliance: ['PCI-1.2.5', 'PCI-1.2.6', 'PCI-1.4.4', 'CM-7'],
  references: [REFERENCES.concepts],
  run(context) {
    const findings: FindingDraft[] = [];
    let examined = 0;
    for (const workload of context.workloads) {
      for (const [port, what] of context.settings.sensitivePorts) {
        const pod = workload.endpoints.find((each) =>
          each.ports.some((own) => own.port === port && own.protocol === TCP),
        );
        if (pod === undefined) continue;
        examined++;
        const found = findingFor(context, workload, pod, port, what);
        if (found !== null) findings.push(found);
      }
    }
    return conclude({ examined, findings, nothing: 'no pod declares a port of the list' });
  },
});

function findingFor(
  context: AuditContext,
  workload: WorkloadView,
  pod: Endpoint,
  port: number,
  what: string,
): FindingDraft | null {
  const reaches = (source: Endpoint): boolean => context.verdict(source, pod, TCP, port) === 'allow';
  const others = context.workloads.flatMap(({ namespace, endpoints }) =>
    namespace === workload.namespace ? [] : endpoints.slice(0, 1),
  );
  const clients = others.filter(reaches);
  const anyone = reaches(context.stranger);
  const source = clients[0] ?? (anyone ? context.stranger : undefined);
  if (source === undefined) return null;
  const closed = context.isolation(pod, 'ingress').isolated !== 'no';
  return {
    title: `${what} of ${workload.namespace}/${workload.name} is reached from other namespaces`,
    severity: anyone ? 'high' : 'medium',
    scope: 'workload',
    object: workload.ref,
    pointer: `port ${port}`,
    evidence: [
      {
        what: 'workloads of other namespaces',
        value: clients.length === 0 ? 'none today' : nameObjects(clients.map(workloadRef)),
      },
      { what: 'a new pod of any namespace', value: anyone ? 'is admitted' : 'is denied' },
    ],
    counterexample: context.flow(source, pod, TCP, port),
    fix: closed || context.isSystem(workload.namespace) ? null : defaultDeny(context, workload.namespace, ['ingress']),
  };
}
