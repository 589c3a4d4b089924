import { objectLabel } from '#engine';

import { PODS_AND_NETWORK_POLICIES, REFERENCES } from '../context/sources.js';
import { defineCheck } from '../define-check.js';
import { operatorTask } from '../fix/make-fix.js';
import { conclude, type FindingDraft } from '../model/finding.js';

const NETWORKS = 'k8s.v1.cni.cncf.io/networks';

/** BYP-06. */
export const check = defineCheck({
  id: 'secondary-interfaces',
  number: 'BYP-06',
  area: 'bypass',
  core: false,
  title: 'pods have further network interfaces that policy does not cover',
  description:
    'Finds workloads whose pods are attached to further networks by Multus. NetworkPolicy speaks for the first interface only: what goes over the others is not policed by it.',
  remediation: 'Write MultiNetworkPolicies for the other networks, or police them where they are switched.',
  severity: 'medium',
  confidence: 'certain',
  scope: 'workload',
  reads: 'compiled',
  needs: PODS_AND_NETWORK_POLICIES,
  compliance: ['SC-7'],
  references: ['https://github.com/k8snetworkplumbingwg/multi-networkpolicy', REFERENCES.concepts],
  run(context) {
    const { workloads } = context;
    const findings = workloads.flatMap(({ ref, endpoints }): FindingDraft[] => {
      const networks = endpoints.map((pod) => context.shapeOf(pod)?.annotations[NETWORKS] ?? '').filter(Boolean);
      if (networks.length === 0) return [];
      return [
        {
          title: `${objectLabel(ref)} is attached to further networks`,
          scope: 'workload',
          object: ref,
          evidence: [
            { what: 'networks', value: [...new Set(networks)].join('; ') },
            { what: 'pods', value: `${networks.length} of ${endpoints.length}` },
          ],
          counterexample: null,
          fix: operatorTask(`police the other networks of ${objectLabel(ref)}`, ''),
        },
      ];
    });
    return conclude({ examined: workloads.length, findings, nothing: 'there are no pods' });
  },
});
