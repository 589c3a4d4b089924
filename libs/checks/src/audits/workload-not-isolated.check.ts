import type { Direction } from '#engine';

import type { AuditContext } from '../context/audit-context.js';
import { closingFix, exampleFlow } from '../context/open-by-default.js';
import { DIRECTIONS } from '../context/policy-view.js';
import { PODS_AND_POLICIES, REFERENCES } from '../context/sources.js';
import type { WorkloadView } from '../context/workload-view.js';
import { defineCheck } from '../define-check.js';
import { conclude, type FindingDraft } from '../model/finding.js';

/** COV-04. */
export const check = defineCheck({
  id: 'workload-not-isolated',
  number: 'COV-04',
  area: 'coverage',
  core: false,
  title: 'no policy selects the pods of a workload',
  description:
    'Finds workloads with pods that no policy of any kind closes, for each direction, and says when only some of the replicas are open, as happens when labels change during a roll-out.',
  remediation: 'Close the namespace by default, or add a policy that selects the workload by its stable labels.',
  severity: 'high',
  confidence: 'certain',
  scope: 'workload',
  reads: 'compiled',
  needs: PODS_AND_POLICIES,
  compliance: ['C-0260', 'C-0030', 'CKV2_K8S_6', 'CIS-5.3.2', 'CC6.1'],
  references: [REFERENCES.concepts],
  run(context) {
    const findings: FindingDraft[] = [];
    const open: string[] = [];
    for (const workload of context.workloads) {
      const bare = DIRECTIONS.filter((direction) => count(context, workload, direction, 'no') > 0);
      if (bare.length > 0) findings.push(finding(context, workload, bare));
      else if (DIRECTIONS.some((direction) => count(context, workload, direction, 'unknown') > 0)) {
        open.push(`whether a policy closes ${workload.label} cannot be told`);
      }
    }
    return conclude({ examined: context.workloads.length, findings, open, nothing: 'there are no pods' });
  },
});

function count(context: AuditContext, { endpoints }: WorkloadView, direction: Direction, state: string): number {
  return endpoints.filter((pod) => context.isolation(pod, direction).isolated === state).length;
}

function finding(context: AuditContext, workload: WorkloadView, bare: readonly Direction[]): FindingDraft {
  const [direction = 'ingress'] = bare;
  const subject = workload.endpoints.find((pod) => context.isolation(pod, direction).isolated === 'no');
  const home = context.namespace(workload.namespace);
  const weight = bare.includes('ingress') ? 'high' : 'medium';
  return {
    title: `${workload.namespace}/${workload.name} is open for ${bare.join(' and ')}`,
    severity: home?.system === true ? 'low' : weight,
    scope: 'workload',
    object: workload.ref,
    evidence: bare.map((each) => ({
      what: `pods that no policy closes for ${each}`,
      value: `${count(context, workload, each, 'no')} of ${workload.endpoints.length}`,
    })),
    counterexample: subject === undefined ? null : exampleFlow(context, direction, subject),
    fix: home === undefined ? null : closingFix(context, home, bare),
  };
}
