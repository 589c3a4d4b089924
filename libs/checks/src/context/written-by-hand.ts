import { objectKey } from '#engine';
import type { PolicyFact } from '#engine';

/**
 * Whether a policy is a manifest as its author wrote it. The API server fills defaults in, so an object that has been
 * through it (it has a uid of its own) no longer shows what was left out.
 */
export function isAsWritten({ meta }: PolicyFact): boolean {
  return meta.uid === objectKey(meta);
}

/** Why checks on what was left out do not speak of policies from a cluster. */
export const DEFAULTS_FILLED_IN =
  'the policies were read from an API server, which fills defaults in: only a manifest shows what its author left out';
