import { pushTo } from '../../base/index.js';
import { familyOf } from '../../model/index.js';
import type { Protocol } from '../../model/index.js';
import { mergeRanges } from '../../net/index.js';
import { PORT_PROTOCOLS } from '../connection-set.js';
import type { ConnectionSet } from '../connection-set.js';

/** Every (protocol, from, to) of ports that are treated alike; one family speaks all of them. */
export interface PortPieces {
  readonly pieces: readonly (readonly [Protocol, number, number])[];
}

/** Ports that two tables both treat alike, with the number of their class in each. */
export interface CommonPorts extends PortPieces {
  readonly a: number;
  readonly b: number;
}

/** The address family that alone speaks ports that are treated alike; null for any. */
export function familyOfPorts({ pieces: [first] }: PortPieces): 4 | 6 | null {
  return first === undefined ? null : familyOf(first[0]);
}

type Piece = readonly [from: number, to: number, index: number];

/** The coarsest classes of ports that are constant in both, which speak of the same protocols. */
export function refinePorts(a: readonly PortPieces[], b: readonly PortPieces[]): readonly CommonPorts[] {
  const found = new Map<string, { a: number; b: number; pieces: [Protocol, number, number][] }>();
  const [left, right] = [piecesOf(a), piecesOf(b)];
  for (const [protocol, ofLeft] of left) {
    const ofRight = right.get(protocol) ?? [];
    for (let i = 0, j = 0; i < ofLeft.length && j < ofRight.length;) {
      const [x, y] = [ofLeft[i] as Piece, ofRight[j] as Piece];
      const [from, to] = [Math.max(x[0], y[0]), Math.min(x[1], y[1])];
      if (from <= to) {
        const key = `${x[2]}/${y[2]}`;
        const known = found.get(key);
        if (known === undefined) found.set(key, { a: x[2], b: y[2], pieces: [[protocol, from, to]] });
        else known.pieces.push([protocol, from, to]);
      }
      if (x[1] <= y[1]) i++;
      if (y[1] <= x[1]) j++;
    }
  }
  return [...found.values()];
}

/** By protocol, TCP, UDP and SCTP first. */
function piecesOf(ports: readonly PortPieces[]): ReadonlyMap<Protocol, readonly Piece[]> {
  const out = new Map<Protocol, Piece[]>(PORT_PROTOCOLS.map((protocol) => [protocol, []]));
  for (const [index, { pieces }] of ports.entries()) {
    for (const [protocol, from, to] of pieces) pushTo(out, protocol, [from, to, index]);
  }
  for (const pieces of out.values()) pieces.sort((x, y) => x[0] - y[0]);
  return out;
}

/** What ports of a table stand for together, with a key for each of the `others` that the table speaks of. */
export function connectionsOf(ports: readonly PortPieces[], others: readonly Protocol[]): ConnectionSet {
  const byProtocol = piecesOf(ports);
  const sets = [...PORT_PROTOCOLS, ...others].map(
    (protocol) => [protocol, mergeRanges((byProtocol.get(protocol) ?? []).map(([from, to]) => [from, to]))] as const,
  );
  return new Map(sets.filter(([protocol, ranges]) => ranges.length > 0 || others.includes(protocol)));
}
