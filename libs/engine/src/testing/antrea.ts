import type { Semantics } from '../model/index.js';
import { PolicyWorld } from './policy-world.js';

/** How Antrea orders policies. */
export const ANTREA: Partial<Semantics> = { combination: 'antrea', podToOwnNode: false };

interface Meta {
  readonly name: string;
  readonly namespace?: string;
  readonly labels?: Readonly<Record<string, string>>;
}

/** An object of crd.antrea.io. */
export const antreaObject = (kind: string, metadata: Meta, spec: unknown): unknown => ({
  apiVersion: 'crd.antrea.io/v1beta1',
  kind,
  metadata,
  spec,
});

/** A ClusterNetworkPolicy for every pod, unless `spec` says otherwise. */
export const antreaCluster = (name: string, spec: object): unknown =>
  antreaObject('ClusterNetworkPolicy', { name }, { priority: 1, appliedTo: [{ namespaceSelector: {} }], ...spec });

/** A NetworkPolicy for namespace b, unless `spec` says otherwise. */
export const antreaNamespaced = (name: string, spec: object): unknown =>
  antreaObject('NetworkPolicy', { name, namespace: 'b' }, { priority: 1, appliedTo: [{}], ...spec });

/** A ClusterGroup. */
export const antreaClusterGroup = (name: string, spec: object): unknown => antreaObject('ClusterGroup', { name }, spec);

/** A NetworkPolicy of Kubernetes that isolates namespace b from what comes in. */
export const NAMESPACE_CLOSED = {
  apiVersion: 'networking.k8s.io/v1',
  kind: 'NetworkPolicy',
  metadata: { name: 'closed', namespace: 'b' },
  spec: { podSelector: {}, policyTypes: ['Ingress'] },
};

/** A world of `PolicyWorld` with Antrea in it. */
export const antreaWorld = (...objects: readonly unknown[]): PolicyWorld => new PolicyWorld(objects, ANTREA);

/** A rule that drops. */
export const drop = (rule: object = {}): object => ({ action: 'Drop', ...rule });

/** The pods of `PolicyWorld` with label `app: server`. */
export const SERVER_PODS = { podSelector: { matchLabels: { app: 'server' } } };

/** What of an object Antrea refuses, as `error code pointer`. */
export const refusals = (world: PolicyWorld): readonly string[] =>
  world.problems.filter((problem) => problem.startsWith('error'));

/** A Service of the server pods. */
export const SERVER_SERVICE = {
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 's', namespace: 'b' },
  spec: {
    type: 'NodePort',
    clusterIP: '10.96.0.5',
    selector: { app: 'server' },
    ports: [{ port: 80, targetPort: 8080 }],
  },
};
