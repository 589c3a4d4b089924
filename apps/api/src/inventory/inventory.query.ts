import { z } from 'zod';
import { kindsOf, type Collection } from '#analysis';
import { pageInput, snapshotAt } from '#contracts';

/** The name of an object or a namespace. */
export const objectName = z.string().min(1).max(253);

export const snapshotQuery = z.strictObject({
  at: snapshotAt.optional().describe('A snapshot number, or an RFC 3339 time; the newest when left out'),
});

/** Kind ids of a collection, one or more times in the query. */
export function kindFilter(collection: Collection): z.ZodType<string[] | undefined, string | string[] | undefined> {
  const known = kindsOf(collection);
  const kind = z.enum(known as [string, ...string[]]);
  return z
    .union([kind.transform((one) => [one]), z.array(kind).min(1)])
    .optional()
    .describe('Only these kinds; repeatable');
}

/** Filters of the list of a collection. */
function listQuery(collection: Collection) {
  return z.strictObject({
    kind: kindFilter(collection),
    namespace: objectName.optional().describe('Only objects of this namespace'),
    name: objectName.optional().describe('Only objects of this name'),
    at: snapshotQuery.shape.at,
    ...pageInput.shape,
  });
}

export const LIST_QUERIES = {
  policies: listQuery('policies'),
  namespaces: listQuery('namespaces'),
  pods: listQuery('pods'),
  workloads: listQuery('workloads'),
  services: listQuery('services'),
  nodes: listQuery('nodes'),
  objects: listQuery('objects'),
} as const satisfies Record<Collection, z.ZodType>;

/** Stands for "no namespace" in the path of a cluster-scoped object. */
export const NO_NAMESPACE = '-';
