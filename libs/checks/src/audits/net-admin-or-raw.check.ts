import { objectLabel } from '#engine';
import type { Endpoint } from '#engine';

import type { AuditContext } from '../context/audit-context.js';
import { DIRECTIONS } from '../context/policy-view.js';
import { PODS_AND_POLICIES, REFERENCES } from '../context/sources.js';
import { defineCheck } from '../define-check.js';
import { operatorTask } from '../fix/make-fix.js';
import { conclude, type FindingDraft } from '../model/finding.js';

/** BYP-04. */
export const check = defineCheck({
  id: 'net-admin-or-raw',
  number: 'BYP-04',
  area: 'bypass',
  core: false,
  title: 'a container may change the network that policy is applied to',
  description:
    'Finds workloads outside the namespaces of the platform with a container that is privileged or is given NET_ADMIN or NET_RAW, in namespaces that rely on policy: it may forge addresses or change what its node does with packets.',
  remediation: 'Drop the capability, or move the workload to a namespace and to nodes of its own.',
  severity: 'medium',
  confidence: 'certain',
  scope: 'workload',
  reads: 'compiled',
  needs: PODS_AND_POLICIES,
  compliance: ['CIS-5.2.2', 'CIS-5.2.8'],
  references: [REFERENCES.podSecurity],
  run(context) {
    const workloads = context.workloads.filter(({ namespace }) => !context.isSystem(namespace));
    const reliant = namespacesWithPolicy(context);
    const relying = workloads.filter(({ namespace }) => reliant.has(namespace));
    const findings = relying.flatMap((workload): FindingDraft[] => {
      const [pod] = workload.endpoints;
      const containers = pod === undefined ? [] : (context.shapeOf(pod)?.containers ?? []);
      const elevated = containers.flatMap(({ name, elevated: by = [] }) => (by.length === 0 ? [] : [{ name, by }]));
      if (elevated.length === 0) return [];
      const given = [...new Set(elevated.flatMap(({ by }) => by))].join(', ');
      return [
        {
          title: `${objectLabel(workload.ref)} has a container with ${given}`,
          scope: 'workload',
          object: workload.ref,
          evidence: elevated.map(({ name, by }) => ({ what: `container ${name}`, value: by.join(', ') })),
          counterexample: null,
          fix: operatorTask(
            `take ${given} from ${objectLabel(workload.ref)}`,
            'securityContext of the containers that the evidence names',
          ),
        },
      ];
    });
    return conclude({ examined: relying.length, findings, nothing: 'no namespace relies on policy' });
  },
});

/** Namespaces that rely on policy: some pod of theirs is closed. */
function namespacesWithPolicy(context: AuditContext): ReadonlySet<string> {
  const closed = (pod: Endpoint): boolean =>
    DIRECTIONS.some((direction) => context.isolation(pod, direction).isolated === 'yes');
  return new Set(context.namespaces.filter(({ pods }) => pods.some(closed)).map(({ name }) => name));
}
