import { kindId, WATCHED_KINDS, type WatchedKind } from '#engine';

/** The lists that the inventory offers. `objects` holds every kind. */
export const COLLECTIONS = ['policies', 'namespaces', 'pods', 'workloads', 'services', 'nodes', 'objects'] as const;
export type Collection = (typeof COLLECTIONS)[number];

const WORKLOAD_KINDS = new Set([
  'Deployment.apps',
  'StatefulSet.apps',
  'DaemonSet.apps',
  'ReplicaSet.apps',
  'Job.batch',
  'CronJob.batch',
  'ReplicationController',
]);

const MEMBERS: Readonly<Record<Collection, (kind: WatchedKind) => boolean>> = {
  policies: (kind) => kind.role === 'policy',
  namespaces: (kind) => kindId(kind) === 'Namespace',
  pods: (kind) => kindId(kind) === 'Pod',
  workloads: (kind) => WORKLOAD_KINDS.has(kindId(kind)),
  services: (kind) => kindId(kind) === 'Service',
  nodes: (kind) => kindId(kind) === 'Node',
  objects: () => true,
};

/** The kind ids (`Deployment.apps`, `Pod`) of a collection, in the order of `WATCHED_KINDS`. */
export function kindsOf(collection: Collection): readonly string[] {
  return WATCHED_KINDS.filter(MEMBERS[collection]).map(kindId);
}

/** The list that a kind belongs to; `objects` for kinds without one of their own. */
export function collectionOf(kind: string): Collection {
  return COLLECTIONS.find((collection) => kindsOf(collection).includes(kind)) ?? 'objects';
}
