import { TCP } from '#engine';
import type { Endpoint } from '#engine';

import { nameObjects } from '../context/audit-context.js';
import { hasSidecar } from '../context/mesh.js';
import { PODS_AND_POLICIES } from '../context/sources.js';
import { workloadRef } from '../context/workload-view.js';
import { defineCheck } from '../define-check.js';
import { allowHalf } from '../fix/allow-half.js';
import { applyObjects } from '../fix/make-fix.js';
import { conclude, type FindingDraft } from '../model/finding.js';

/** Where sidecars get their certificates and configuration. */
const DISCOVERY_PORT = 15_012;

/** MSH-04. */
export const check = defineCheck({
  id: 'istiod-egress-blocked',
  number: 'MSH-04',
  area: 'mesh',
  core: false,
  title: 'sidecars may not reach the control plane of their mesh',
  description:
    'Finds workloads with an Istio sidecar whose egress denies istiod on TCP 15012: they start without configuration, or run on with certificates that end.',
  remediation: 'Allow egress to the pods of istiod on TCP 15012.',
  severity: 'high',
  confidence: 'certain',
  scope: 'workload',
  reads: 'compiled',
  needs: PODS_AND_POLICIES,
  compliance: ['AC-4'],
  references: ['https://istio.io/latest/docs/ops/deployment/application-requirements/'],
  run(context) {
    const sidecars = context.workloads.filter(({ endpoints: [pod] }) => pod !== undefined && hasSidecar(context, pod));
    if (sidecars.length === 0) return { outcome: 'not-applicable', reason: 'no pod has an Istio sidecar' };
    const istiod = context.pods.find(isIstiod);
    if (istiod === undefined) return { outcome: 'unknown', reason: 'the inventory has no pods of istiod' };
    const flow = { protocol: TCP, port: DISCOVERY_PORT };
    const findings = sidecars.flatMap(({ ref, endpoints }): FindingDraft[] => {
      const denied = endpoints.filter((pod) => context.half('egress', pod, istiod, TCP, DISCOVERY_PORT) === 'deny');
      const [first] = denied;
      if (first === undefined) return [];
      return [
        {
          title: `${ref.namespace}/${ref.name} may not reach istiod on TCP ${DISCOVERY_PORT}`,
          scope: 'workload',
          object: ref,
          related: [workloadRef(istiod)],
          evidence: [{ what: 'denied', value: nameObjects(denied) }],
          counterexample: context.flow(first, istiod, TCP, DISCOVERY_PORT),
          fix: applyObjects('allow istiod', [allowHalf(context, first, istiod, flow, 'egress')]),
        },
      ];
    });
    return conclude({ examined: sidecars.length, findings, nothing: '' });
  },
});

function isIstiod({ labels }: Endpoint): boolean {
  return labels['app'] === 'istiod' || labels['istio'] === 'pilot';
}
