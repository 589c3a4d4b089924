const NUMBER = /^\d+$/;

/**
 * Whether a version came before another of the same kind. Servers number their changes; of a version that is no number
 * (some aggregated APIs) nothing can be said, and the answer is no.
 */
export function isOlderVersion(version: string, than: string): boolean {
  if (!NUMBER.test(version) || !NUMBER.test(than)) return false;
  return version.length === than.length ? version < than : version.length < than.length;
}
