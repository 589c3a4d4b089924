import { counted, externalEndpoint, parseIp, TCP } from '#engine';
import type { Ip, JsonObject } from '#engine';

import { nameObjects, somePort } from '../context/audit-context.js';
import { isAmbient } from '../context/mesh.js';
import { PODS_AND_POLICIES } from '../context/sources.js';
import { workloadRef } from '../context/workload-view.js';
import { defineCheck } from '../define-check.js';
import { freeName } from '../fix/default-deny.js';
import { applyObjects, networkPolicy } from '../fix/make-fix.js';
import { conclude, type FindingDraft } from '../model/finding.js';

/** The address that the mesh gives to probes of the kubelet, so that they are told from other traffic. */
const PROBES = '169.254.7.127';

/** MSH-03. */
export const check = defineCheck({
  id: 'ambient-probe-blocked',
  number: 'MSH-03',
  area: 'mesh',
  core: false,
  title: 'probes of the kubelet may not reach members of an ambient mesh',
  description:
    'In ambient mode probes of the kubelet arrive from 169.254.7.127, which some plugins do not exempt from policy as they do the node. Finds closed members whose ingress denies that address.',
  remediation: 'Admit 169.254.7.127/32 to every member that has probes.',
  severity: 'high',
  confidence: 'likely',
  scope: 'namespace',
  reads: 'compiled',
  needs: PODS_AND_POLICIES,
  compliance: ['AC-4'],
  references: ['https://istio.io/latest/docs/ambient/usage/networkpolicy/'],
  run(context) {
    const members = context.pods.filter(isAmbient);
    if (members.length === 0) return { outcome: 'not-applicable', reason: 'no pod is in an ambient mesh' };
    const kubelet = externalEndpoint(parseIp(PROBES) as Ip);
    const findings = context.namespaces.flatMap((namespace): FindingDraft[] => {
      const own = members.filter((pod) => pod.namespace === namespace.name);
      const denied = own.filter((pod) => context.half('ingress', kubelet, pod, TCP, somePort(pod)) === 'deny');
      const [first] = denied;
      if (first === undefined) return [];
      const name = freeName(context, namespace.name, 'allow-ambient-probes');
      return [
        {
          title: `probes may not reach ${counted(denied.length, 'pod')} of ${namespace.name}`,
          scope: 'namespace',
          object: namespace.ref,
          evidence: [{ what: 'refuse probes', value: nameObjects(denied.map(workloadRef)) }],
          counterexample: context.flow(kubelet, first, TCP, somePort(first)),
          fix: applyObjects(`admit ${PROBES}`, [networkPolicy(namespace.name, name, admits())]),
        },
      ];
    });
    return conclude({ examined: members.length, findings, nothing: '' });
  },
});

function admits(): JsonObject {
  return {
    podSelector: {},
    policyTypes: ['Ingress'],
    ingress: [{ from: [{ ipBlock: { cidr: `${PROBES}/32` } }] }],
  };
}
