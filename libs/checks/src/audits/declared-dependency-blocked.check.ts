import { counted, objectLabel, parseProtocol, protocolName, TCP } from '#engine';
import type { Backend, Endpoint, Protocol } from '#engine';

import { nameObjects, somePort, type AuditContext } from '../context/audit-context.js';
import { endpointName } from '../context/made-up-endpoint.js';
import { namedBackends } from '../context/named-backends.js';
import { PODS_AND_POLICIES, REFERENCES } from '../context/sources.js';
import { workloadRef, type WorkloadView } from '../context/workload-view.js';
import { defineCheck } from '../define-check.js';
import { allowFlow } from '../fix/allow-flow.js';
import { operatorTask } from '../fix/make-fix.js';
import { conclude, type FindingDraft } from '../model/finding.js';

/** On a pod or its template: `service:payments/gateway:443, shop/db:5432, shop/dns:53/UDP`. */
const DEPENDS_ON = 'netpol-atlas/depends-on';

/** DEP-08. */
export const check = defineCheck({
  id: 'declared-dependency-blocked',
  number: 'DEP-08',
  area: 'dependencies',
  core: false,
  title: 'a workload may not reach what it declares to depend on',
  description:
    'Reads the annotation netpol-atlas/depends-on of pods and their templates, as `service:payments/gateway:443, shop/db:5432`, and asks the engine for each of them. Finds dependencies that policy denies, and for workloads that declare any, others that they may reach all the same.',
  remediation: 'Allow what is needed, and take out of the annotation, or out of the policies, what is not.',
  severity: 'high',
  confidence: 'certain',
  scope: 'workload',
  reads: 'compiled',
  needs: [...PODS_AND_POLICIES, 'Service'],
  compliance: ['AC-4'],
  references: [REFERENCES.concepts],
  run(context) {
    const findings: FindingDraft[] = [];
    const open: string[] = [];
    let examined = 0;
    for (const workload of context.workloads) {
      const [pod] = workload.endpoints;
      const declared = pod === undefined ? '' : (context.shapeOf(pod)?.annotations[DEPENDS_ON] ?? '');
      if (pod === undefined || declared.trim() === '') continue;
      const backends: Backend[] = [];
      for (const one of declared.split(/[,\s]+/).filter(Boolean)) {
        examined++;
        const dependency = readDependency(context, one);
        if (typeof dependency === 'string') open.push(`${workload.label}: ${dependency}`);
        else {
          backends.push(...dependency.backends);
          findings.push(...blocked(context, workload, dependency));
        }
      }
      findings.push(...undeclared(context, workload, pod, backends));
    }
    return conclude({ examined, findings, open, nothing: `no pod has an annotation ${DEPENDS_ON}` });
  },
});

interface Dependency {
  readonly text: string;
  readonly protocol: Protocol;
  readonly backends: readonly Backend[];
}

/** A line when it cannot be read, or leads nowhere. */
function readDependency(context: AuditContext, text: string): Dependency | string {
  const [, name, port, protocolText] = /^(.+):(\d{1,5})(?:\/([a-z]+))?$/i.exec(text) ?? [];
  const protocol = protocolText === undefined ? TCP : parseProtocol(protocolText);
  if (name === undefined || protocol === null) return `\`${text}\` does not read \`namespace/name:port\``;
  const backends = namedBackends(context, name, protocol, Number(port));
  return typeof backends === 'string' ? backends : { text, protocol, backends };
}

function blocked(context: AuditContext, { ref, endpoints }: WorkloadView, dependency: Dependency): FindingDraft[] {
  const { text, protocol, backends } = dependency;
  for (const source of endpoints) {
    for (const { endpoint, port } of backends) {
      if (port === null || source === endpoint || context.verdict(source, endpoint, protocol, port) !== 'deny')
        continue;
      return [
        {
          title: `${objectLabel(ref)} depends on ${text} and may not reach it`,
          scope: 'workload',
          object: ref,
          pointer: text,
          evidence: [
            { what: 'declared by', value: `annotation ${DEPENDS_ON}` },
            { what: 'leads to', value: `${endpointName(endpoint)} on ${protocolName(protocol)} ${port}` },
          ],
          counterexample: context.flow(source, endpoint, protocol, port),
          fix: allowFlow(context, source, endpoint, { protocol, port }),
        },
      ];
    }
  }
  return [];
}

/** What else a workload may reach; the platform's own, DNS first, is nobody's to declare. */
function undeclared(
  context: AuditContext,
  { ref }: WorkloadView,
  pod: Endpoint,
  declared: readonly Backend[],
): FindingDraft[] {
  const known = new Set(declared.map(({ endpoint }) => objectLabel(workloadRef(endpoint))));
  const others = context.workloads.filter(({ namespace, endpoints: [to], ref: other }) => {
    if (to === undefined || context.isSystem(namespace) || known.has(objectLabel(other))) return false;
    return objectLabel(other) !== objectLabel(ref) && context.verdict(pod, to, TCP, somePort(to)) === 'allow';
  });
  const first = others[0]?.endpoints[0];
  if (first === undefined) return [];
  return [
    {
      title: `${objectLabel(ref)} may reach ${counted(others.length, 'workload')} that it does not declare`,
      severity: 'info',
      scope: 'workload',
      object: ref,
      pointer: 'undeclared',
      evidence: [{ what: 'may reach', value: nameObjects(others.map((other) => other.ref)) }],
      counterexample: context.flow(pod, first, TCP, somePort(first)),
      fix: operatorTask(`declare what ${objectLabel(ref)} may reach, or close the way to it`, ''),
    },
  ];
}
