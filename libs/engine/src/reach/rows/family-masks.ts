import type { Endpoint } from '../../compile/endpoint.js';

/** The classes that share an address family with an endpoint, or the one that is spoken, null when all do. */
export type FamilyMasks = (endpoint: Endpoint, spoken: 4 | 6 | null) => Uint32Array | null;

/** Endpoints whose addresses are not known share every family. */
export function familyMasks(representatives: readonly Endpoint[], words: number): FamilyMasks {
  const there = representatives.map(families);
  const known = new Map<string, Uint32Array | null>();
  return (endpoint, spoken) => {
    const here = families(endpoint);
    const key = spoken === null ? here : `${here}/${spoken}`;
    let mask = known.get(key);
    if (mask === undefined) {
      const may = spoken === null ? (['4', '6'] as const) : [`${spoken}` as const];
      const shares = (other: string): boolean =>
        may.some((family) => [here, other].every((side) => side === '' || side.includes(family)));
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
