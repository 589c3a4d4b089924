import type { PodShape } from '#engine';

import { ACCEPTED } from '../context/audit-settings.js';
import type { AuditContext } from '../context/audit-context.js';

/** What is looked at when somebody asks the API server for a change: one expression of CEL, which every engine reads. */
export interface AdmissionGuard {
  readonly name: string;
  /** The audit whose findings it keeps from coming back. */
  readonly check: string;
  readonly group: string;
  readonly kind: 'NetworkPolicy' | 'Pod' | 'Service';
  readonly resources: readonly string[];
  /** True of what may pass. */
  readonly expression: string;
  /** Ends without a full stop. */
  readonly message: string;
  /** Objects of a namespace that it would refuse today; null where it is a guess, which may only warn. */
  readonly refused: ((context: AuditContext, namespace: string) => readonly string[]) | null;
}

const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';
const OF_POLICIES = { group: 'networking.k8s.io', kind: 'NetworkPolicy', resources: ['networkpolicies'] } as const;
const OF_PODS = { group: '', kind: 'Pod', resources: ['pods'] } as const;

/** Two peers of one rule, of which one has the one selector and the other the other. */
const splitPeers = (rules: string, peers: string): string =>
  `(!has(object.spec.${rules}) || object.spec.${rules}.all(r, !has(r.${peers}) || !(r.${peers}.exists(p, has(p.namespaceSelector) && !has(p.podSelector)) && r.${peers}.exists(p, has(p.podSelector) && !has(p.namespaceSelector)))))`;

const everyContainer = (holds: string): string =>
  `object.spec.containers.all(c, ${holds}) && (!has(object.spec.initContainers) || object.spec.initContainers.all(c, ${holds}))`;

const annotated = (key: string): string =>
  `(has(object.metadata.annotations) && '${key}' in object.metadata.annotations)`;

/** In the order of their checks. */
export const ADMISSION_GUARDS: readonly AdmissionGuard[] = [
  {
    ...OF_POLICIES,
    name: 'no-split-selectors',
    check: 'selector-and-or-confusion',
    expression: `${splitPeers('ingress', 'from')} && ${splitPeers('egress', 'to')}`,
    message:
      'a namespace selector and a pod selector as two peers mean either of them: put both into one peer if both are meant',
    refused: null,
  },
  {
    ...OF_POLICIES,
    name: 'policy-types-written-out',
    check: 'missing-policy-types',
    // The API server has filled them in by now: what was written is kept by `kubectl apply` alone.
    expression: `!${annotated(LAST_APPLIED)} || object.metadata.annotations['${LAST_APPLIED}'].contains('"policyTypes"')`,
    message: 'write policyTypes out',
    refused: null,
  },
  {
    ...OF_POLICIES,
    name: 'no-ports-for-every-pod',
    check: 'empty-podselector-scope',
    expression:
      '(has(object.spec.podSelector) && ((has(object.spec.podSelector.matchLabels) && size(object.spec.podSelector.matchLabels) > 0) || (has(object.spec.podSelector.matchExpressions) && size(object.spec.podSelector.matchExpressions) > 0))) || !has(object.spec.ingress) || object.spec.ingress.all(r, !has(r.ports))',
    message: 'an empty podSelector opens these ports on every pod of the namespace: select the pods that serve them',
    refused: null,
  },
  {
    ...OF_PODS,
    name: 'no-host-network',
    check: 'host-network-bypass',
    expression: `!has(object.spec.hostNetwork) || !object.spec.hostNetwork || ${annotated(ACCEPTED.hostNetwork)}`,
    message: `no policy selects a pod on the host network: give the reason in the annotation ${ACCEPTED.hostNetwork}`,
    refused: shapesThat(
      ({ hostNetwork, annotations }) => hostNetwork && annotations[ACCEPTED.hostNetwork] === undefined,
    ),
  },
  {
    ...OF_PODS,
    name: 'no-ephemeral-containers',
    check: 'ephemeral-debug-containers',
    resources: ['pods/ephemeralcontainers'],
    expression: '!has(object.spec.ephemeralContainers) || size(object.spec.ephemeralContainers) == 0',
    message:
      'an ephemeral container runs inside the policies of its pod: debug a copy of the pod that keeps its labels',
    refused: shapesThat(({ containers }) => containers.some(({ role }) => role === 'ephemeral')),
  },
  {
    ...OF_PODS,
    name: 'no-host-port',
    check: 'host-port',
    // Ports of a pod on the host network are host ports by default.
    expression: `(has(object.spec.hostNetwork) && object.spec.hostNetwork) || (${everyContainer('!has(c.ports) || c.ports.all(p, !has(p.hostPort) || p.hostPort == 0)')})`,
    message: 'traffic to a host port may show policy the node as its source: publish the pod by a Service',
    refused: shapesThat(({ hostNetwork, ports }) => !hostNetwork && ports.some(({ hostPort }) => hostPort > 0)),
  },
  {
    ...OF_PODS,
    name: 'no-network-rights',
    check: 'net-admin-or-raw',
    expression: everyContainer(
      "!has(c.securityContext) || ((!has(c.securityContext.privileged) || !c.securityContext.privileged) && (!has(c.securityContext.capabilities) || !has(c.securityContext.capabilities.add) || !c.securityContext.capabilities.add.exists(a, a in ['ALL', 'NET_ADMIN', 'NET_RAW'])))",
    ),
    message:
      'a container that is privileged, or has NET_ADMIN or NET_RAW, may change the network that policy is applied to',
    refused: shapesThat(({ containers }) => containers.some(({ elevated = [] }) => elevated.length > 0)),
  },
  {
    group: '',
    kind: 'Service',
    resources: ['services'],
    name: 'no-external-ips',
    check: 'external-ips',
    expression: '!has(object.spec.externalIPs) || size(object.spec.externalIPs) == 0',
    message: 'whoever sets externalIPs draws the traffic for these addresses: use a Service of type LoadBalancer',
    refused: ({ snapshot }, namespace) =>
      [...snapshot.index.services.values()]
        .filter(({ meta, externalIps }) => meta.namespace === namespace && externalIps.length > 0)
        .map(({ meta }) => meta.name),
  },
];

/** Pods, and templates of workloads, of which something holds. */
function shapesThat(holds: (shape: PodShape) => boolean): NonNullable<AdmissionGuard['refused']> {
  return ({ snapshot }, namespace) =>
    [
      ...snapshot.index.pods.filter(({ meta, shape }) => meta.namespace === namespace && holds(shape)),
      ...snapshot.index.workloads.filter(({ meta, template }) => meta.namespace === namespace && holds(template)),
    ].map(({ meta }) => meta.name);
}
