import { isAppError } from '#contracts';

/** Whether an error of the store means that this process has nothing to write any more: no such cluster, or another's. */
export function isClusterGone(error: unknown): boolean {
  return isAppError(error, 'cluster.not_found') || isAppError(error, 'cluster.lease_lost');
}
