import { counted, objectRef } from '#engine';
import type { PolicyFact } from '#engine';

import { nameObjects, namespaceRef, type AuditContext } from '../context/audit-context.js';
import { exampleFlow } from '../context/open-by-default.js';
import { PODS_AND_POLICIES, REFERENCES } from '../context/sources.js';
import type { WorkloadView } from '../context/workload-view.js';
import { defineCheck } from '../define-check.js';
import { operatorTask } from '../fix/make-fix.js';
import { conclude, type FindingDraft } from '../model/finding.js';

/** COV-07. */
export const check = defineCheck({
  id: 'default-namespace-in-use',
  number: 'COV-07',
  area: 'coverage',
  core: false,
  title: 'the default namespace has workloads or policies',
  description:
    'Finds workloads and policies in the namespace `default`, where things land whose manifest names no namespace. Policy speaks of namespaces: what shares one shares a boundary, and a policy that landed there protects nothing of what it was written for.',
  remediation: 'Move what is there to a namespace of its own and name it in every manifest.',
  severity: 'low',
  confidence: 'certain',
  scope: 'namespace',
  reads: 'compiled',
  needs: PODS_AND_POLICIES,
  compliance: ['CIS-5.6.4'],
  references: [REFERENCES.namespaces],
  run(context) {
    const workloads = context.workloads.filter(({ namespace }) => namespace === DEFAULT);
    const policies = context.snapshot.index.policies.filter(({ meta }) => meta.namespace === DEFAULT);
    const examined = context.workloads.length + context.snapshot.index.policies.length;
    const findings = workloads.length + policies.length === 0 ? [] : [findingFor(context, workloads, policies)];
    return conclude({ examined, findings, nothing: 'there are no pods and no policies' });
  },
});

const DEFAULT = 'default';

function findingFor(
  context: AuditContext,
  workloads: readonly WorkloadView[],
  policies: readonly PolicyFact[],
): FindingDraft {
  const things = [...workloads.map(({ ref }) => ref), ...policies.map(({ meta }) => objectRef(meta))];
  const counts = [
    ...(workloads.length === 0 ? [] : [counted(workloads.length, 'workload')]),
    ...(policies.length === 0 ? [] : [counted(policies.length, 'policy', 'policies')]),
  ];
  const first = workloads[0]?.endpoints[0];
  return {
    title: `the namespace default has ${counts.join(' and ')}`,
    scope: 'namespace',
    object: namespaceRef(DEFAULT),
    related: things,
    evidence: [
      { what: 'workloads', value: nameObjects(workloads) || 'none' },
      { what: 'policies', value: nameObjects(policies.map(({ meta }) => meta)) || 'none' },
    ],
    counterexample: first === undefined ? null : exampleFlow(context, 'ingress', first),
    fix: operatorTask(
      'move what is in default to a namespace of its own',
      'a move is a new deployment: plan it with the owner',
    ),
  };
}
