import { z } from 'zod';
import { kindsOf, OBJECT_SORT_KEYS, type Collection } from '#analysis';
import { labelQueryInput, snapshotAt, sortedPageInput } from '#contracts';

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

/** What narrows a list of objects, whichever list it is. */
export const objectFilterShape = {
  namespace: objectName
    .optional()
    .describe('Only objects of this namespace; `*` and `?` stand for any text or character'),
  name: objectName.optional().describe('Only objects of this name; `*` and `?` stand for any text or character'),
  labels: labelQueryInput.optional().describe('Only objects with such labels, as `app=web,tier in (a, b),!legacy`'),
  namespaceLabels: labelQueryInput.optional().describe('Only objects in namespaces with such labels'),
  address: z.string().min(1).max(64).optional().describe('Only objects with an address in this CIDR, or with this one'),
  image: z.string().min(1).max(512).optional().describe('Only what runs this image: its name, or a glob of it'),
  node: objectName.optional().describe('Only pods on this node'),
};

/** Filters of the list of a collection. */
function listQuery(collection: Collection) {
  return z.strictObject({
    kind: kindFilter(collection),
    ...objectFilterShape,
    at: snapshotQuery.shape.at,
    ...sortedPageInput(OBJECT_SORT_KEYS).shape,
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
