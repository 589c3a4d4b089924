import type { Protocol } from '../../model/index.js';
import { intersectRanges, NO_RANGES } from '../../net/index.js';
import { intersectConnections, isEmpty, NO_CONNECTIONS, PORT_PROTOCOLS, unionConnections } from '../connection-set.js';
import { formatConnections } from '../connection-set.js';
import type { ConnectionSet } from '../connection-set.js';
import { connectionsOf } from '../rows/refine-ports.js';
import type { PortPieces } from '../rows/refine-ports.js';

/** Connection sets by number, so that millions of rows share a few; 0 is the empty one. */
export class ConnectionSets {
  readonly #sets: ConnectionSet[] = [NO_CONNECTIONS];
  readonly #numbers = new Map<string, number>([[keyOf(NO_CONNECTIONS), 0]]);
  readonly #unions = new Map<string, number>();
  readonly #ofPorts = new Map<string, number>();

  /** `limit`: what counts at all. */
  constructor(
    readonly ports: readonly PortPieces[],
    /** Protocols beyond TCP, UDP and SCTP that `ports` speak of. */
    readonly others: readonly Protocol[],
    readonly limit: ConnectionSet | null,
  ) {}

  at(number: number): ConnectionSet {
    return this.#sets[number] as ConnectionSet;
  }

  add(set: ConnectionSet): number {
    if (isEmpty(set)) return 0;
    const key = keyOf(set);
    let number = this.#numbers.get(key);
    if (number === undefined) {
      number = this.#sets.push(set) - 1;
      this.#numbers.set(key, number);
    }
    return number;
  }

  /** Cut to what counts. */
  counted(set: ConnectionSet): number {
    return this.add(this.limit === null ? set : intersectConnections(set, this.limit));
  }

  /** All ports of these port classes. */
  ofPorts(numbers: readonly number[]): number {
    return memo(this.#ofPorts, numbers.join(), () => {
      const ports = numbers.map((number) => this.ports[number] as PortPieces);
      return this.counted(connectionsOf(ports, this.others));
    });
  }

  union(a: number, b: number): number {
    if (a === b || b === 0) return a;
    if (a === 0) return b;
    return memo(this.#unions, `${a}/${b}`, () => this.add(unionConnections(this.at(a), this.at(b))));
  }
}

/** Tells sets apart that read alike: one that looked at a protocol and found nothing is not one that did not look. */
function keyOf(set: ConnectionSet): string {
  const others = [...set.keys()].filter((protocol) => !PORT_PROTOCOLS.includes(protocol));
  return `${formatConnections(set)} ${others.join()}`;
}

function memo(known: Map<string, number>, key: string, make: () => number): number {
  let number = known.get(key);
  if (number === undefined) known.set(key, (number = make()));
  return number;
}

/** Whether a port class has anything of a connection set. */
export function touches({ pieces }: PortPieces, limit: ConnectionSet): boolean {
  return pieces.some(
    ([protocol, from, to]) => intersectRanges(limit.get(protocol) ?? NO_RANGES, [[from, to]]).length > 0,
  );
}
