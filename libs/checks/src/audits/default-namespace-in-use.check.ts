import { counted } from '#engine';

import { nameObjects } from '../context/audit-context.js';
import { exampleFlow } from '../context/open-by-default.js';
import { PODS, REFERENCES } from '../context/sources.js';
import { defineCheck } from '../define-check.js';
import { operatorTask } from '../fix/make-fix.js';
import { conclude } from '../model/finding.js';

/** COV-07. */
export const check = defineCheck({
  id: 'default-namespace-in-use',
  number: 'COV-07',
  area: 'coverage',
  core: false,
  title: 'workloads run in the default namespace',
  description:
    'Finds workloads in the namespace `default`, where things land whose manifest names no namespace. Policy speaks of namespaces, so what shares one shares a boundary.',
  remediation: 'Move the workloads to a namespace of their own and name it in every manifest.',
  severity: 'low',
  confidence: 'certain',
  scope: 'namespace',
  reads: 'compiled',
  needs: PODS,
  compliance: ['CIS-5.6.4'],
  references: [REFERENCES.namespaces],
  run(context) {
    const workloads = context.workloads.filter((workload) => workload.namespace === 'default');
    const [first] = workloads.flatMap((workload) => workload.endpoints);
    const home = context.namespaces.find((namespace) => namespace.name === 'default');
    const findings =
      home === undefined || first === undefined
        ? []
        : [
            {
              title: `the namespace default has ${counted(workloads.length, 'workload')}`,
              scope: 'namespace' as const,
              object: home.ref,
              related: workloads.map((workload) => workload.ref),
              evidence: [{ what: 'workloads', value: nameObjects(workloads) }],
              counterexample: exampleFlow(context, 'ingress', first),
              fix: operatorTask(
                'move the workloads out of default',
                'a move is a new deployment: plan it with the owner',
              ),
            },
          ];
    return conclude({ examined: context.workloads.length, findings, nothing: 'there are no pods' });
  },
});
