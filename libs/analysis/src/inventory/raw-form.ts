import type { Fact, JsonObject, ObjectMeta } from '#engine';

/**
 * The object as a manifest, as far as it is kept: policies and auxiliary objects keep their spec, other kinds are kept
 * as facts only and give null.
 */
export function rawForm(fact: Fact): JsonObject | null {
  if (fact.type !== 'policy' && fact.type !== 'aux') return null;
  const { meta } = fact;
  return {
    apiVersion: meta.group === '' ? meta.version : `${meta.group}/${meta.version}`,
    kind: meta.kind,
    metadata: rawMetadata(meta),
    ...fact.raw,
  };
}

function rawMetadata(meta: ObjectMeta): JsonObject {
  return {
    name: meta.name,
    ...(meta.namespace === '' ? {} : { namespace: meta.namespace }),
    ...(Object.keys(meta.labels).length === 0 ? {} : { labels: { ...meta.labels } }),
    ...(Object.keys(meta.annotations).length === 0 ? {} : { annotations: { ...meta.annotations } }),
    ...(meta.createdAt === '' ? {} : { creationTimestamp: meta.createdAt }),
  };
}
