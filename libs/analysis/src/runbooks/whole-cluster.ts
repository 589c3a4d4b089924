import { AppError } from '#contracts';
import type { LocatedSnapshot } from '../snapshot/snapshot-reader.js';

/**
 * A runbook looks at everything that may be the cause, wherever it lies, and names it: who may know only a part of a
 * cluster cannot run one, nor read what a run found.
 * @throws AppError `forbidden`
 */
export function requireWholeCluster({ scope, cluster }: LocatedSnapshot): void {
  if (scope.isWhole) return;
  const detail = `runbooks look at the whole of cluster \`${cluster.name}\`, and you may see only a part of it`;
  throw new AppError('forbidden', `${detail}: ask for the reachability of your own namespaces instead`);
}
