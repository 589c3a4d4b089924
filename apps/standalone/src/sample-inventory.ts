import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';

import type { Clusters } from '#analysis';
import { AppError } from '#contracts';
import type { ClusterRecord } from '#store';

export const SAMPLE_CLUSTERS = ['shop-calico', 'shop-flannel'] as const;

const SETTLE_TIMEOUT_MS = 30_000;

/**
 * Adds the sample clusters when there are no clusters at all, and waits until they can be asked about.
 * Gives those that were added. They are read as folders, so a file that is edited there is in the next answer.
 */
export async function addSample(clusters: Clusters): Promise<readonly ClusterRecord[]> {
  const { items } = await clusters.list({ limit: 1 });
  if (items.length > 0) return [];
  const folder = sampleFolder(import.meta.dirname);
  const add = (name: string): Promise<ClusterRecord> =>
    clusters.create({ name, source: { type: 'folder', path: join(folder, name) } }, SETTLE_TIMEOUT_MS);
  return Promise.all(SAMPLE_CLUSTERS.map(add));
}

/** The manifests are not compiled: seen from the build they are in the source tree above it. */
function sampleFolder(from: string): string {
  for (let folder = from; folder !== dirname(folder); folder = dirname(folder)) {
    const candidate = join(folder, 'apps', 'standalone', 'sample');
    if (existsSync(candidate)) return candidate;
  }
  throw new AppError('startup.failed', 'the sample manifests are missing, install again or start with --no-sample');
}
