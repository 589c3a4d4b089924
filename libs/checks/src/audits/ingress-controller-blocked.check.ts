import { entryObjects, objectLabel, proxiesOf } from '#engine';
import type { Endpoint, EntryObject, Protocol } from '#engine';

import { nameObjects, type AuditContext } from '../context/audit-context.js';
import { PODS_AND_POLICIES, REFERENCES } from '../context/sources.js';
import { workloadRef } from '../context/workload-view.js';
import { defineCheck } from '../define-check.js';
import { allowFlow } from '../fix/allow-flow.js';
import { conclude, type FindingDraft } from '../model/finding.js';

/** DEP-07. */
export const check = defineCheck({
  id: 'ingress-controller-blocked',
  number: 'DEP-07',
  area: 'dependencies',
  core: false,
  title: 'an ingress controller may not reach a backend of its objects',
  description:
    'Takes what each Ingress, Route and Gateway leads to, after translation to pods and their ports, and asks whether the pods of the controller may reach it. Finds workloads that no pod of the controller may reach.',
  remediation: 'Admit the pods of the controller on the port that the pods of the backend listen on.',
  severity: 'high',
  confidence: 'likely',
  scope: 'workload',
  reads: 'compiled',
  needs: [...PODS_AND_POLICIES, 'Service', 'Ingress.networking.k8s.io'],
  compliance: [],
  references: ['https://kubernetes.io/docs/concepts/services-networking/ingress/', REFERENCES.concepts],
  run(context) {
    const entries = entryObjects(context.snapshot).filter(({ seenAs }) => seenAs === 'proxy');
    const open = new Set<string>();
    const found = new Map<string, FindingDraft>();
    let examined = 0;
    for (const entry of entries) {
      const controllers = proxiesOf(context.snapshot, entry);
      if (controllers.length === 0) open.add('the pods of the ingress controller are not known by their labels');
      for (const { endpoint, port } of controllers.length === 0 ? [] : entry.backends) {
        if (endpoint.kind !== 'pod' || port === null) continue;
        examined++;
        const key = `${objectLabel(workloadRef(endpoint))} ${port}`;
        if (found.has(key)) continue;
        const finding = findingFor(context, entry, controllers, endpoint, port);
        if (finding !== null) found.set(key, finding);
      }
    }
    return conclude({
      examined,
      findings: [...found.values()],
      open: [...open],
      nothing: 'no Ingress, Route or Gateway leads to a pod',
    });
  },
});

function findingFor(
  context: AuditContext,
  { object, protocol }: EntryObject,
  controllers: readonly Endpoint[],
  backend: Endpoint,
  port: number,
): FindingDraft | null {
  const reaches = (controller: Endpoint, by: Protocol): boolean =>
    context.verdict(controller, backend, by, port) !== 'deny';
  const [first] = controllers;
  if (first === undefined || controllers.some((controller) => reaches(controller, protocol))) return null;
  const ref = workloadRef(backend);
  return {
    title: `the controller of ${object.kind} ${objectLabel(object)} may not reach ${objectLabel(ref)} on port ${port}`,
    scope: 'workload',
    object: ref,
    pointer: `port ${port}`,
    related: [object],
    evidence: [
      { what: 'leads there', value: `${object.kind} ${objectLabel(object)}` },
      { what: 'controller', value: nameObjects(controllers.map(workloadRef)) },
    ],
    counterexample: context.flow(first, backend, protocol, port),
    fix: allowFlow(context, first, backend, { protocol, port }),
  };
}
