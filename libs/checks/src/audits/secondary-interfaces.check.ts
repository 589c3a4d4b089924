import { objectLabel, stableLabels } from '#engine';
import type { Direction, Endpoint, JsonObject } from '#engine';

import type { AuditContext } from '../context/audit-context.js';
import { furtherNetworks, MULTI_NETWORK_POLICY, openOnNetwork, POLICY_FOR } from '../context/further-networks.js';
import { typeName } from '../context/policy-view.js';
import { PODS, REFERENCES } from '../context/sources.js';
import type { WorkloadView } from '../context/workload-view.js';
import { defineCheck } from '../define-check.js';
import { applyObjects } from '../fix/make-fix.js';
import { conclude, type FindingDraft } from '../model/finding.js';

/** BYP-06. */
export const check = defineCheck({
  id: 'secondary-interfaces',
  number: 'BYP-06',
  area: 'bypass',
  core: false,
  title: 'pods have further network interfaces that policy does not cover',
  description:
    'Finds workloads whose pods are attached to further networks by Multus, on which no MultiNetworkPolicy closes them in some direction. NetworkPolicy speaks for the first interface only: what goes over the others is not policed by it. Whether something enforces MultiNetworkPolicies is not looked at.',
  remediation: 'Write MultiNetworkPolicies for the other networks, or police them where they are switched.',
  severity: 'medium',
  confidence: 'certain',
  scope: 'workload',
  reads: 'compiled',
  needs: [...PODS, MULTI_NETWORK_POLICY],
  compliance: ['SC-7'],
  references: ['https://github.com/k8snetworkplumbingwg/multi-networkpolicy', REFERENCES.concepts],
  run(context) {
    const findings = context.workloads.flatMap((workload) => findingFor(context, workload));
    return conclude({ examined: context.workloads.length, findings, nothing: 'there are no pods' });
  },
});

function findingFor(context: AuditContext, { ref, endpoints }: WorkloadView): readonly FindingDraft[] {
  const attached = endpoints.flatMap((pod) => furtherNetworks(context, pod).map((network) => ({ pod, network })));
  const open = attached
    .map((one) => ({ ...one, directions: openOnNetwork(context, one.pod, one.network) }))
    .filter(({ directions }) => directions.length > 0);
  const [first] = open;
  if (first === undefined) return [];
  const networks = [...new Set(open.map(({ network }) => network))];
  return [
    {
      title: `${objectLabel(ref)} is attached to ${networks.join(', ')}, where no policy closes it`,
      scope: 'workload',
      object: ref,
      evidence: [
        ...networks.map((network) => ({ what: `open on ${network} for`, value: directionsOn(open, network) })),
        { what: 'pods', value: `${new Set(open.map(({ pod }) => pod)).size} of ${endpoints.length}` },
      ],
      counterexample: null,
      fix: applyObjects(
        `close ${objectLabel(ref)} on ${networks.join(', ')}`,
        [closingPolicy(first.pod, ref.name, networks)],
        'add the connections that are needed there before it is applied; something has to enforce it, such as multi-networkpolicy-iptables or OVN-Kubernetes',
      ),
    },
  ];
}

function directionsOn(
  open: readonly { readonly network: string; readonly directions: readonly Direction[] }[],
  network: string,
): string {
  return [...new Set(open.filter((one) => one.network === network).flatMap(({ directions }) => directions))].join(
    ' and ',
  );
}

function closingPolicy({ namespace, labels }: Endpoint, name: string, networks: readonly string[]): JsonObject {
  return {
    apiVersion: 'k8s.cni.cncf.io/v1beta1',
    kind: 'MultiNetworkPolicy',
    metadata: {
      name: `${name}-further-networks`,
      namespace,
      annotations: { [POLICY_FOR]: networks.join(', ') },
    },
    spec: {
      podSelector: { matchLabels: stableLabels(labels) },
      policyTypes: [typeName('ingress'), typeName('egress')],
    },
  };
}
