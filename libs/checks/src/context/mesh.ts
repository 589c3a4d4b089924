import type { Endpoint } from '#engine';

import type { AuditContext } from './audit-context.js';

const AMBIENT = 'mesh:ambient';
const PROXY = 'istio-proxy';

/** Port on which ambient members take each other’s connections, whatever the application’s port is. */
export const HBONE_PORT = 15_008;

/** Whether a pod is in the ambient mesh, as the engine has it. */
export function isAmbient({ special }: Endpoint): boolean {
  return special.includes(AMBIENT);
}

/** A pod as policy would see it if it were not in the mesh. */
export function outsideMesh(pod: Endpoint): Endpoint {
  return { ...pod, special: pod.special.filter((each) => each !== AMBIENT) };
}

/** Whether a pod has an Istio sidecar. */
export function hasSidecar(context: AuditContext, pod: Endpoint): boolean {
  return context.shapeOf(pod)?.containers.some((container) => container.name === PROXY) ?? false;
}
