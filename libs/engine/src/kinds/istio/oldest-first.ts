import type { ObjectMeta } from '../../model/index.js';

/** Sorts objects by age; without a time of creation, as in manifests, the name decides. */
export function oldestFirst(a: ObjectMeta, b: ObjectMeta): number {
  return age(a) < age(b) ? -1 : 1;
}

const age = ({ createdAt, namespace, name }: ObjectMeta): string => `${createdAt} ${namespace}/${name}`;
