import { currentAccess } from '#access';
import { AppError } from '#contracts';
import type { ClusterRepository } from '#store';
import { demandWhole } from './visible-cluster.js';

/**
 * Ids of the clusters that something kept is about; null for every cluster. It works without its maker, on all that is in
 * them: so its maker must be allowed to see all of that.
 * @throws AppError `cluster.not_found`, `forbidden`
 */
export async function clusterSetOf(
  clusters: ClusterRepository,
  refs: readonly string[] | null | undefined,
): Promise<string[] | null> {
  if (refs === undefined || refs === null) {
    if (currentAccess().seesEverything) return null;
    throw new AppError('forbidden', 'this would be about every cluster, name those that you may see the whole of');
  }
  const found = await Promise.all(refs.map((ref) => clusters.get(ref)));
  found.forEach(demandWhole);
  return [...new Set(found.map(({ id }) => id))];
}
