import type { Labels } from '../model/index.js';

/** Labels that a controller writes on each pod or revision: no selector should depend on them. */
const VOLATILE: ReadonlySet<string> = new Set([
  'pod-template-hash',
  'controller-revision-hash',
  'pod-template-generation',
  'statefulset.kubernetes.io/pod-name',
  'apps.kubernetes.io/pod-index',
  'batch.kubernetes.io/controller-uid',
  'batch.kubernetes.io/job-name',
  'controller-uid',
  'job-name',
]);

/** The keys of those labels of a pod that its replicas share and keep, sorted. */
export function stableKeys(labels: Labels): readonly string[] {
  const keys = Object.keys(labels).filter((key) => !VOLATILE.has(key));
  // Labels of a cluster are sorted, and sorting costs more than looking.
  return keys.every((key, i) => i === 0 || (keys[i - 1] as string) < key) ? keys : keys.sort();
}

/** The labels of a pod that its replicas share and keep. */
export function stableLabels(labels: Labels): Record<string, string> {
  return Object.fromEntries(Object.entries(labels).filter(([key]) => !VOLATILE.has(key)));
}
