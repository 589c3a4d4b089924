import type { ServiceFact } from '../model/index.js';
import type { CompiledSnapshot } from '../compile/compile-snapshot.js';

/** What marks a Service of ClusterMesh as one with those of its name in other clusters, newest first. */
const GLOBAL = ['service.cilium.io/global', 'io.cilium/global-service'];
const SHARED = 'service.cilium.io/shared';
const AFFINITY = 'service.cilium.io/affinity';

/** Whether endpoints of other clusters may answer clients of a Service, as ClusterMesh lets those that are global. */
export function isGlobal({ cni }: CompiledSnapshot, { meta: { annotations } }: ServiceFact): boolean {
  if (cni.networking !== 'cilium') return false;
  const marked = GLOBAL.map((name) => annotations[name]).find((value) => value !== undefined);
  return marked?.toLowerCase() === 'true';
}

/** Whether endpoints of it answer clients of other clusters too. */
export function isShared({ meta: { annotations } }: ServiceFact): boolean {
  return annotations[SHARED]?.toLowerCase() !== 'false';
}

/** Whether its clients are sent to other clusters as long as an endpoint is ready there. */
export function prefersOthers({ meta: { annotations } }: ServiceFact): boolean {
  return annotations[AFFINITY] === 'remote';
}

/** Whether its clients stay in their cluster as long as an endpoint of it is ready. */
export function staysLocal({ meta: { annotations } }: ServiceFact): boolean {
  return annotations[AFFINITY] === 'local';
}
