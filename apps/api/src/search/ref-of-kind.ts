import type { ObjectRef } from '#engine';

/** Names an object by a kind with its group, as `NetworkPolicy.networking.k8s.io`. */
export function refOfKind(kindId: string, namespace: string, name: string): ObjectRef {
  const [kind = '', ...group] = kindId.split('.');
  return { group: group.join('.'), kind, namespace, name };
}
