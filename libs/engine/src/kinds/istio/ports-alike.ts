import { ALL_PORTS, cutRange, hasNumber, mergeRanges, subtractRanges } from '../../net/index.js';
import type { Ranges } from '../../net/index.js';

export interface PortsAlike {
  /** Places in `sets`. */
  readonly members: readonly number[];
  readonly ports: Ranges;
}

/** All ports, by which of `sets` they are in. */
export function portsAlike(sets: readonly Ranges[]): readonly PortsAlike[] {
  const starts = sets.flat().flatMap(([from, to]) => [from, to + 1]);
  const alike = new Map<string, { members: readonly number[]; ranges: [number, number][] }>();
  for (const [from, to] of cutRange(1, 65535, starts)) {
    const members = sets.flatMap((set, at) => (hasNumber(set, from) ? [at] : []));
    const known = alike.get(members.join()) ?? { members, ranges: [] };
    alike.set(members.join(), known);
    known.ranges.push([from, to]);
  }
  return [...alike.values()].map(({ members, ranges }) => ({ members, ports: mergeRanges(ranges) }));
}

/** Each of these ports by itself. */
export const singlePorts = (numbers: Iterable<number>): Ranges =>
  mergeRanges([...numbers].map((number) => [number, number]));

/** All other ports first, then each of `numbers`. */
export function portsApart(
  numbers: Iterable<number>,
): readonly { readonly number: number | null; readonly ports: Ranges }[] {
  const apart = [...new Set(numbers)].sort((a, b) => a - b);
  const others = subtractRanges(ALL_PORTS, singlePorts(apart));
  return [{ number: null, ports: others }, ...apart.map((number) => ({ number, ports: singlePorts([number]) }))];
}
