import type { Endpoint } from '../../compile/endpoint.js';

/**
 * The classes that share an address family with an endpoint, null when all do; those whose addresses are not known share
 * every one.
 */
export function familyMasks(
  representatives: readonly Endpoint[],
  words: number,
): (endpoint: Endpoint) => Uint32Array | null {
  const there = representatives.map(families);
  const known = new Map<string, Uint32Array | null>();
  return (endpoint) => {
    const key = families(endpoint);
    let mask = known.get(key);
    if (mask === undefined) {
      const shares = (other: string): boolean =>
        key === '' ||
        other === '' ||
        (['4', '6'] as const).some((family) => key.includes(family) && other.includes(family));
      mask = there.every(shares) ? null : new Uint32Array(words);
      if (mask !== null) {
        for (const [id, other] of there.entries()) {
          if (shares(other)) mask[id >>> 5] = (mask[id >>> 5] as number) | (1 << (id & 31));
        }
      }
      known.set(key, mask);
    }
    return mask;
  };
}

/** `4`, `6`, `46`, or '' when no address is known. */
function families({ ips }: Endpoint): string {
  const has = (family: 4 | 6): boolean => ips.some((ip) => ip.family === family);
  return (has(4) ? '4' : '') + (has(6) ? '6' : '');
}
