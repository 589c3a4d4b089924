import { formatRange, addressAtoms, addressBlocks, type CompiledSnapshot, type IpRange } from '#engine';

import { readAddressRanges } from './address-text.js';
import type { DiffRow, ExpectedCase } from './case.js';
import { portsOf } from './check-connectivity.js';
import { connectivityDiff, type ConnectivityChange } from './connectivity-diff.js';
import { byDirectOwner } from './corpus-objects.js';
import { formatConnections, readConnections } from './connections.js';

/** Compares a complete semantic diff. Rows of addresses are compared piece by piece, since tools cut the space their way. */
export function checkDiff(expected: ExpectedCase, before: CompiledSnapshot, after: CompiledSnapshot): string[] {
  const found = connectivityDiff(before, after, {
    families: [4],
    naming: byDirectOwner,
  });
  const ranges = (expected.diff ?? [])
    .flatMap((row) => [row.src, row.dst])
    .flatMap((side) => readAddressRanges(side) ?? []);
  const pieces = addressAtoms(addressBlocks([before.intended, after.intended]), 4, ranges);
  const a = new Map((expected.diff ?? []).flatMap((row) => expectedLines(row, pieces)));
  const b = new Map(found.flatMap((change) => foundLines(change, pieces)));
  return [
    ...[...a.keys()].filter((line) => !b.has(line)).map((line) => `missing: ${line}`),
    ...[...b.keys()].filter((line) => !a.has(line)).map((line) => `unexpected: ${line}`),
    ...[...a].flatMap(([line, workloads]) => workloadProblems(line, workloads, b.get(line) ?? workloads)),
  ];
}

/** Where both sides of a pair are new the tool names one of them, so its names must be among ours. */
function workloadProblems(line: string, wanted: readonly string[], found: readonly string[]): string[] {
  const fits = wanted.every((name) => found.includes(name)) && (wanted.length === 0) === (found.length === 0);
  return fits ? [] : [`${line}: expected workloads \`${wanted.join(', ')}\`, got \`${found.join(', ')}\``];
}

/** A row without its workloads, and they. */
type Line = readonly [string, readonly string[]];

function line(type: string, src: string, dst: string, before: string, after: string): string {
  return `${type} ${src} → ${dst}: ${before} → ${after}`;
}

function expectedLines(row: DiffRow, pieces: readonly IpRange[]): Line[] {
  const before = formatConnections(readConnections(row.before));
  const after = formatConnections(readConnections(row.after));
  const workloads = (row.workloads ?? []).map(({ workload, change }) => `${workload} ${change}`);
  return sides(row.src, pieces).flatMap((src) =>
    sides(row.dst, pieces).map((dst): Line => [line(row.type, src, dst, before, after), workloads]),
  );
}

/** A name as it is; addresses as the pieces they hold. */
function sides(text: string, pieces: readonly IpRange[]): readonly string[] {
  const ranges = readAddressRanges(text);
  if (ranges === null) return [text];
  return within(ranges, pieces);
}

function within(ranges: readonly IpRange[], pieces: readonly IpRange[]): readonly string[] {
  return pieces
    .filter((piece) => ranges.some((range) => range.from <= piece.from && piece.to <= range.to))
    .map((piece) => formatRange(piece));
}

function foundLines(change: ConnectivityChange, pieces: readonly IpRange[]): Line[] {
  const names = [change.source, change.destination].map((peer) =>
    peer.type === 'addresses' ? within([peer.range], pieces) : [peer.key],
  );
  const before = formatConnections(portsOf(change.before));
  const after = formatConnections(portsOf(change.after));
  const workloads = change.workloads.map(({ key, change: what }) => `${key} ${what}`);
  return (names[0] ?? []).flatMap((src) =>
    (names[1] ?? []).map((dst): Line => [line(change.type, src, dst, before, after), workloads]),
  );
}
