/** The version in an image tag or a version string: digits and dots, with k3s and RKE2 suffixes kept. '' when none. */
export function readVersion(text: string): string {
  const found = /(?:^|[^0-9.])v?(\d+\.\d+(?:\.\d+)?(?:-rc\.?\d+)?(?:\+(?:k3s|rke2r)\d+)?)/.exec(` ${text}`);
  return found?.[1] ?? '';
}

/**
 * Whether `version` is `floor` or newer, by major, minor and patch. `null` when the version is unknown: the caller
 * says then what that means.
 */
export function atLeast(version: string, floor: string): boolean | null {
  const have = numbers(version);
  if (have === null) return null;
  const want = numbers(floor) ?? [0];
  for (let index = 0; index < want.length; index++) {
    const difference = (have[index] ?? 0) - (want[index] ?? 0);
    if (difference !== 0) return difference > 0;
  }
  return true;
}

/**
 * Whether `version` has what came with one of `floors`, of which each is of a release line of its own, in order: a line
 * between two of them lacks it until its own floor. `null` when the version is unknown.
 */
export function hasSince(version: string, floors: readonly string[]): boolean | null {
  const own = floors.findLast((floor) => {
    const [major = 0, minor = 0] = numbers(floor) ?? [];
    return atLeast(version, `${major}.${minor}`) === true;
  });
  if (own === undefined) return numbers(version) === null ? null : false;
  return atLeast(version, own);
}

function numbers(version: string): number[] | null {
  const found = /^v?(\d+)\.(\d+)(?:\.(\d+))?/.exec(version);
  if (found === null) return null;
  const [, major, minor, patch = '0'] = found;
  return [Number(major), Number(minor), Number(patch)];
}

/** The repository path and tag of an image reference; a digest is dropped. */
export function splitImage(image: string): { readonly repository: string; readonly tag: string } {
  const plain = image.split('@')[0] ?? '';
  const colon = plain.lastIndexOf(':');
  // A colon before the last slash belongs to the registry's port.
  if (colon < 0 || plain.includes('/', colon)) return { repository: plain, tag: '' };
  return { repository: plain.slice(0, colon), tag: plain.slice(colon + 1) };
}

/** What people call an image: its whole reference, its repository, and the last part of that. */
export function imageNames(image: string): readonly string[] {
  const { repository } = splitImage(image);
  return [image, repository, repository.slice(repository.lastIndexOf('/') + 1)];
}
