import { blockOf, externalEndpoint, formatIp, objectLabel, TCP } from '#engine';
import type { Endpoint } from '#engine';

import { apiServer, type ApiServer } from '../context/api-server.js';
import { nameObjects, type AuditContext } from '../context/audit-context.js';
import { grantsOf, hasRights } from '../context/rights.js';
import { PODS_AND_POLICIES } from '../context/sources.js';
import type { WorkloadView } from '../context/workload-view.js';
import { defineCheck } from '../define-check.js';
import { allowFlow } from '../fix/allow-flow.js';
import { conclude, type FindingDraft } from '../model/finding.js';

/** DEP-04. */
export const check = defineCheck({
  id: 'apiserver-egress-missing',
  number: 'DEP-04',
  area: 'dependencies',
  core: false,
  title: 'a workload that talks to the API server may not reach it',
  description:
    'Takes pods that get a token of the API server and whose service account was given rights (without role bindings in the inventory: that do not run under the default account), and asks for every endpoint of default/kubernetes whether their egress admits it. Finds workloads with pods that may reach none.',
  remediation:
    'Allow egress to the endpoints behind the kubernetes Service on their own port, or set automountServiceAccountToken to false where no token is needed.',
  severity: 'medium',
  confidence: 'likely',
  scope: 'workload',
  reads: 'compiled',
  needs: [...PODS_AND_POLICIES, 'Service', 'EndpointSlice.discovery.k8s.io'],
  compliance: [],
  references: [
    'https://kubernetes.io/docs/tasks/run-application/access-api-from-pod/',
    'https://kubernetes.io/docs/tasks/configure-pod-container/configure-service-account/',
  ],
  run(context) {
    const server = apiServer(context);
    if (server === null)
      return { outcome: 'skip', reason: 'the endpoints of default/kubernetes are not in the inventory' };
    const callers = context.workloads.filter(({ endpoints }) => endpoints.some((pod) => isCaller(context, pod)));
    const findings = callers.flatMap((workload): FindingDraft[] => findingFor(context, workload, server) ?? []);
    return conclude({ examined: callers.length, findings, nothing: 'no workload has business with the API server' });
  },
});

function isCaller(context: AuditContext, pod: Endpoint): boolean {
  const account = context.snapshot.index.serviceAccounts.get(`${pod.namespace}/${pod.serviceAccount}`);
  const getsToken = context.shapeOf(pod)?.apiToken ?? account?.apiToken ?? true;
  return getsToken && (grantsOf(context).length === 0 ? pod.serviceAccount !== 'default' : hasRights(context, pod));
}

function findingFor(context: AuditContext, { endpoints, ref }: WorkloadView, server: ApiServer): FindingDraft[] | null {
  const { addresses, port } = server;
  const targets = addresses.map(externalEndpoint);
  const cut = endpoints.filter((pod) => targets.every((to) => context.verdict(pod, to, TCP, port) === 'deny'));
  const [[first], [target]] = [cut, targets];
  if (first === undefined || target === undefined) return null;
  return [
    {
      title: `${objectLabel(ref)} gets a token of the API server and may not reach it`,
      scope: 'workload',
      object: ref,
      evidence: [
        { what: 'endpoints of default/kubernetes', value: `${addresses.map(formatIp).join(', ')}, port ${port}` },
        { what: 'runs as', value: `ServiceAccount ${first.namespace}/${first.serviceAccount}` },
        { what: 'closed by', value: nameObjects(context.isolation(first, 'egress').by.map(({ policy }) => policy)) },
      ],
      counterexample: context.flow(first, target, TCP, port),
      fix: boundToAddresses(allowFlow(context, first, target, { protocol: TCP, port }), server),
    },
  ];
}

function boundToAddresses(fix: FindingDraft['fix'], { addresses }: ApiServer): FindingDraft['fix'] {
  const blocks = addresses.map(blockOf).join(', ');
  return fix === null ? null : { ...fix, note: `bound to addresses: say it anew when ${blocks} change` };
}
