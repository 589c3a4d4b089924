import { cutRange, hasNumber, mergeRanges } from '../../net/index.js';
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
