import type { Protocol } from '../../model/index.js';
import { PORT_PROTOCOLS } from '../connection-set.js';

/** Every (protocol, from, to) of ports that are treated alike. */
export interface PortPieces {
  readonly pieces: readonly (readonly [Protocol, number, number])[];
}

/** Ports that two tables both treat alike, with the number of their class in each. */
export interface CommonPorts extends PortPieces {
  readonly a: number;
  readonly b: number;
}

type Piece = readonly [from: number, to: number, index: number];

/** The coarsest classes of ports that are constant in both. */
export function refinePorts(a: readonly PortPieces[], b: readonly PortPieces[]): readonly CommonPorts[] {
  const found = new Map<string, { a: number; b: number; pieces: [Protocol, number, number][] }>();
  for (const protocol of PORT_PROTOCOLS) {
    const [left, right] = [piecesOf(a, protocol), piecesOf(b, protocol)];
    for (let i = 0, j = 0; i < left.length && j < right.length;) {
      const [x, y] = [left[i] as Piece, right[j] as Piece];
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

function piecesOf(ports: readonly PortPieces[], protocol: Protocol): readonly Piece[] {
  return ports
    .flatMap(({ pieces }, index) =>
      pieces.filter(([p]) => p === protocol).map(([, from, to]): Piece => [from, to, index]),
    )
    .sort((x, y) => x[0] - y[0]);
}
