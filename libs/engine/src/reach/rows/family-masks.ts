import type { Endpoint } from '../../compile/endpoint.js';

/** The classes that share an address family with an endpoint; those whose addresses are not known share every one. */
export function familyMasks(representatives: readonly Endpoint[], words: number): (endpoint: Endpoint) => Uint32Array {
  const known = new Map<string, Uint32Array>();
  return (endpoint) => {
    const key = families(endpoint);
    let mask = known.get(key);
    if (mask === undefined) {
      mask = new Uint32Array(words);
      for (const [id, other] of representatives.entries()) {
        const there = families(other);
        const shared =
          key === '' ||
          there === '' ||
          (['4', '6'] as const).some((family) => key.includes(family) && there.includes(family));
        if (shared) mask[id >>> 5] = (mask[id >>> 5] as number) | (1 << (id & 31));
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
