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
  title: 'a pod has further network interfaces that policy does not cover',
  description:
    'Finds pods that are attached to further networks by Multus. NetworkPolicy speaks for the first interface only: what goes over the others is not policed by it.',
  remediation: 'Write MultiNetworkPolicies for the other networks, or police them where they are switched.',
  severity: 'medium',
  confidence: 'certain',
  scope: 'workload',
  reads: 'compiled',
  needs: PODS_AND_NETWORK_POLICIES,
  compliance: ['SC-7'],
  references: ['https://github.com/k8snetworkplumbingwg/multi-networkpolicy', REFERENCES.concepts],
  run(context) {
    const { pods } = context.snapshot.index;
    const findings = pods.flatMap((pod): FindingDraft[] => {
      const networks = pod.shape.annotations[NETWORKS] ?? '';
      if (networks === '') return [];
      const { group, kind, namespace, name } = pod.meta;
      return [
        {
          title: `${objectLabel(pod.meta)} is attached to further networks`,
          scope: 'workload',
          object: { group, kind, namespace, name },
          evidence: [{ what: 'networks', value: networks }],
          counterexample: null,
          fix: operatorTask(`police the other networks of ${objectLabel(pod.meta)}`, ''),
        },
      ];
    });
    return conclude({ examined: pods.length, findings, nothing: 'there are no pods' });
  },
});
