import type { Direction } from '#engine';

import { closingFix, exampleFlow } from '../context/open-by-default.js';
import { PODS_AND_POLICIES, REFERENCES } from '../context/sources.js';
import { defineCheck } from '../define-check.js';
import { conclude, type FindingDraft } from '../model/finding.js';

const OTHER: Readonly<Record<Direction, Direction>> = { ingress: 'egress', egress: 'ingress' };

/** COV-05. */
export const check = defineCheck({
  id: 'one-direction-only',
  number: 'COV-05',
  area: 'coverage',
  core: false,
  title: 'pods are closed in one direction and open in the other',
  description:
    'Finds workloads that policy closes for ingress and leaves open for egress, or the reverse: half a boundary, which is often a policy type that was forgotten.',
  remediation: 'Close the other direction as well, with the rules that the workload needs, DNS first.',
  severity: 'low',
  confidence: 'certain',
  scope: 'workload',
  reads: 'compiled',
  needs: PODS_AND_POLICIES,
  compliance: ['SC-7', 'PCI-1.3.2'],
  references: [REFERENCES.concepts],
  run(context) {
    const findings: FindingDraft[] = [];
    let examined = 0;
    for (const workload of context.workloads) {
      const [pod] = workload.endpoints;
      const home = context.namespace(workload.namespace);
      if (pod === undefined || home === undefined) continue;
      for (const closed of ['ingress', 'egress'] as const) {
        const { isolated, by } = context.isolation(pod, closed);
        if (isolated !== 'yes') continue;
        examined++;
        if (context.isolation(pod, OTHER[closed]).isolated !== 'no') continue;
        findings.push({
          title: `${workload.namespace}/${workload.name} is closed for ${closed} and open for ${OTHER[closed]}`,
          scope: 'workload',
          object: workload.ref,
          related: by.map((rule) => rule.policy),
          evidence: [
            { what: `policies that close it for ${closed}`, value: by.map((rule) => rule.policy.name).join(', ') },
          ],
          counterexample: exampleFlow(context, OTHER[closed], pod),
          fix: closingFix(context, home, [OTHER[closed]]),
        });
      }
    }
    return conclude({ examined, findings, nothing: 'no policy closes a pod' });
  },
});
