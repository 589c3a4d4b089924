/** Sorted, disjoint, non-adjacent inclusive ranges of integers. */
export type Ranges = readonly (readonly [number, number])[];

export const NO_RANGES: Ranges = [];
export const ALL_PORTS: Ranges = [[1, 65535]];

/** Sorts and merges overlapping and adjacent ranges; empty ones (`from > to`) vanish. */
export function mergeRanges(ranges: Iterable<readonly [number, number]>): Ranges {
  const sorted = [...ranges].filter(([from, to]) => from <= to).sort((a, b) => a[0] - b[0]);
  const out: [number, number][] = [];
  for (const [from, to] of sorted) {
    const last = out.at(-1);
    if (last !== undefined && from <= last[1] + 1) last[1] = Math.max(last[1], to);
    else out.push([from, to]);
  }
  return out;
}

export function unionRanges(a: Ranges, b: Ranges): Ranges {
  if (a.length === 0) return b;
  if (b.length === 0) return a;
  return mergeRanges([...a, ...b]);
}

export function intersectRanges(a: Ranges, b: Ranges): Ranges {
  const out: (readonly [number, number])[] = [];
  let i = 0;
  let j = 0;
  while (i < a.length && j < b.length) {
    const [aFrom, aTo] = a[i] as readonly [number, number];
    const [bFrom, bTo] = b[j] as readonly [number, number];
    const from = Math.max(aFrom, bFrom);
    const to = Math.min(aTo, bTo);
    if (from <= to) out.push([from, to]);
    if (aTo < bTo) i++;
    else j++;
  }
  return out;
}

/** What is in `a` and not in `b`. */
export function subtractRanges(a: Ranges, b: Ranges): Ranges {
  const out: (readonly [number, number])[] = [];
  for (const [from, to] of a) {
    let start = from;
    for (const [bFrom, bTo] of b) {
      if (bTo < start) continue;
      if (bFrom > to) break;
      if (bFrom > start) out.push([start, bFrom - 1]);
      start = bTo + 1;
    }
    if (start <= to) out.push([start, to]);
  }
  return out;
}

/** `[first, last]` cut where each of `starts` begins; those outside of it cut nothing. */
export function cutRange(first: number, last: number, starts: Iterable<number>): Ranges {
  const inside = [...new Set(starts)].filter((start) => start > first && start <= last).sort((a, b) => a - b);
  return [first, ...inside].map((from, at) => [from, (inside[at] ?? last + 1) - 1] as const);
}

export function hasNumber(ranges: Ranges, value: number): boolean {
  return ranges.some(([from, to]) => from <= value && value <= to);
}

export function equalRanges(a: Ranges, b: Ranges): boolean {
  return (
    a.length === b.length && a.every(([from, to], i) => from === (b[i] as [number, number])[0] && to === b[i]?.[1])
  );
}

/** `80, 443-500`; `any` for 1–65535. */
export function formatRanges(ranges: Ranges): string {
  if (equalRanges(ranges, ALL_PORTS)) return 'any';
  return ranges.map(([from, to]) => (from === to ? String(from) : `${from}-${to}`)).join(', ');
}

/** A range in as few blocks as can be of which each is all numbers that share their upper bits, with how many bits differ. */
export function alignedBlocks(
  from: number,
  to: number,
): readonly (readonly [from: number, to: number, bits: number])[] {
  const out: (readonly [number, number, number])[] = [];
  for (let start = from; start <= to;) {
    let bits = 0;
    while (start % (2 << bits) === 0 && start + (2 << bits) - 1 <= to) bits++;
    out.push([start, start + (1 << bits) - 1, bits]);
    start += 1 << bits;
  }
  return out;
}
