import type { Endpoint } from '#engine';

import type { AuditContext } from './audit-context.js';

/** Label or annotation of a namespace or a pod that says which zone it is in. */
export const ZONE = 'netpol-atlas/zone';

/** The zone that a pod, else its namespace, is said to be in; '' for none. */
export function zoneOf(context: AuditContext, pod: Endpoint): string {
  const own = pod.labels[ZONE] ?? context.shapeOf(pod)?.annotations[ZONE];
  const meta = context.snapshot.index.namespaces.get(pod.namespace)?.meta;
  return own ?? meta?.labels[ZONE] ?? meta?.annotations[ZONE] ?? '';
}
