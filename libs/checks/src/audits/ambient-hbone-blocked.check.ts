import { TCP } from '#engine';
import type { Endpoint, JsonObject } from '#engine';

import { nameObjects, somePort, type AuditContext, type NamespaceView } from '../context/audit-context.js';
import { HBONE_PORT, isAmbient, outsideMesh } from '../context/mesh.js';
import { PODS_AND_POLICIES } from '../context/sources.js';
import { workloadRef } from '../context/workload-view.js';
import { defineCheck } from '../define-check.js';
import { freeName } from '../fix/default-deny.js';
import { applyObjects, networkPolicy } from '../fix/make-fix.js';
import { conclude, type FindingDraft } from '../model/finding.js';

/** MSH-02. */
export const check = defineCheck({
  id: 'ambient-hbone-blocked',
  number: 'MSH-02',
  area: 'mesh',
  core: false,
  title: 'members of an ambient mesh may not reach each other on the port of its tunnel',
  description:
    'In ambient mode every connection between members arrives on TCP 15008, whatever port it is for. Finds closed members that admit another member on the application’s port and not on 15008.',
  remediation:
    'Admit TCP 15008 from members of the mesh. That opens every application port between them to NetworkPolicy: filter ports by AuthorizationPolicy then.',
  severity: 'high',
  confidence: 'likely',
  scope: 'namespace',
  reads: 'compiled',
  needs: PODS_AND_POLICIES,
  compliance: ['AC-4'],
  references: ['https://istio.io/latest/docs/ambient/usage/networkpolicy/'],
  run(context) {
    const members = context.workloads.flatMap(({ endpoints }) => endpoints.slice(0, 1)).filter(isAmbient);
    if (members.length === 0) return { outcome: 'not-applicable', reason: 'no pod is in an ambient mesh' };
    const findings = context.namespaces.flatMap((namespace) => findingFor(context, namespace, members) ?? []);
    return conclude({ examined: members.length, findings, nothing: '' });
  },
});

function findingFor(
  context: AuditContext,
  namespace: NamespaceView,
  members: readonly Endpoint[],
): FindingDraft | null {
  const own = members.filter((pod) => pod.namespace === namespace.name);
  const cut = own.flatMap((receiver) => {
    const sender = members.find((pod) => pod !== receiver && isCut(context, pod, receiver));
    return sender === undefined ? [] : [{ receiver, sender }];
  });
  const [first] = cut;
  if (first === undefined) return null;
  return {
    title: `members of the mesh in ${namespace.name} are cut off from others on TCP ${HBONE_PORT}`,
    scope: 'namespace',
    object: namespace.ref,
    evidence: [{ what: 'cut off', value: nameObjects(cut.map(({ receiver }) => workloadRef(receiver))) }],
    counterexample: context.flow(first.sender, first.receiver, TCP, HBONE_PORT),
    fix: applyObjects(
      `admit TCP ${HBONE_PORT} to members in ${namespace.name}`,
      [networkPolicy(namespace.name, freeName(context, namespace.name, 'allow-ambient-mesh'), admits())],
      'this opens every application port between members to NetworkPolicy: write an AuthorizationPolicy for the ports',
    ),
  };
}

/** The same sender outside the mesh may call the application’s port: so the rules mean to let it in. */
function isCut(context: AuditContext, sender: Endpoint, receiver: Endpoint): boolean {
  const plain = outsideMesh(sender);
  return (
    context.half('ingress', plain, receiver, TCP, somePort(receiver)) === 'allow' &&
    context.half('ingress', plain, receiver, TCP, HBONE_PORT) === 'deny'
  );
}

function admits(): JsonObject {
  const from = [{ namespaceSelector: { matchLabels: { 'istio.io/dataplane-mode': 'ambient' } } }];
  return {
    podSelector: {},
    policyTypes: ['Ingress'],
    ingress: [{ from, ports: [{ protocol: 'TCP', port: HBONE_PORT }] }],
  };
}
