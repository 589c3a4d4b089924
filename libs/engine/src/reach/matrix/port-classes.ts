import { hasPorts } from '../../model/index.js';
import type { PortMatch, PortSpec, Protocol } from '../../model/index.js';
import type { Endpoint } from '../../compile/endpoint.js';
import type { PolicySet } from '../../compile/policy-set.js';
import { PORT_PROTOCOLS } from '../connection-set.js';

/** Ports that every rule treats alike: one of them speaks for all. */
export interface PortClass {
  /** Its place among the classes of its table. */
  readonly index: number;
  readonly protocol: Protocol;
  readonly port: number;
  /** Every (protocol, from, to) of the class. */
  readonly pieces: readonly (readonly [Protocol, number, number])[];
  /** By number of specification: ports with equal codes are alike to it. */
  readonly codes: Uint16Array;
}

/** The port classes of a policy set, and the number of each port specification in `codes`. */
export interface PortTable {
  readonly classes: readonly PortClass[];
  /** Specifications that take any port have no number. */
  readonly numbers: ReadonlyMap<PortSpec, number>;
}

/**
 * Cuts TCP, UDP and SCTP where the rules of a set begin and end, and puts pieces that the same port specifications
 * admit into one class. Named ports are cut at every number that a container gives them.
 */
export function portTable(set: PolicySet, representatives: readonly Endpoint[]): PortTable {
  const { specs, numbers } = distinctSpecs(set);
  const names = namedNumbers(specs, representatives);
  const known = specs.map(() => new Map<string, number>());
  const classes = new Map<string, { codes: Uint16Array; pieces: [Protocol, number, number][] }>();
  for (const protocol of PORT_PROTOCOLS) {
    for (const [from, to] of pieces(specs, names, protocol)) {
      const codes = Uint16Array.from(specs, (spec, i) =>
        codeOf(known[i] as Map<string, number>, specKey(spec, protocol, from, names)),
      );
      const key = codes.join();
      const alike = classes.get(key);
      if (alike === undefined) classes.set(key, { codes, pieces: [[protocol, from, to]] });
      else alike.pieces.push([protocol, from, to]);
    }
  }
  return {
    numbers,
    classes: [...classes.values()].map(({ codes, pieces: list }, index) => {
      const [protocol, port] = list[0] as [Protocol, number, number];
      return { index, protocol, port, pieces: list, codes };
    }),
  };
}

function codeOf(known: Map<string, number>, key: string): number {
  let code = known.get(key);
  if (code === undefined) known.set(key, (code = known.size));
  return code;
}

function distinctSpecs(set: PolicySet): { specs: readonly PortSpec[]; numbers: ReadonlyMap<PortSpec, number> } {
  const specs: PortSpec[] = [];
  const known = new Map<string, number>();
  const numbers = new Map<PortSpec, number>();
  for (const { ports } of set.rules) {
    if ((ports.include === 'any' && ports.except.length === 0) || numbers.has(ports)) continue;
    const key = JSON.stringify(ports);
    let number = known.get(key);
    if (number === undefined) {
      known.set(key, (number = specs.length));
      specs.push(ports);
    }
    numbers.set(ports, number);
  }
  return { specs, numbers };
}

function matchesOf(spec: PortSpec): readonly PortMatch[] {
  return spec.include === 'any' ? spec.except : [...spec.include, ...spec.except];
}

/** `name/protocol` → the numbers that containers give it. */
function namedNumbers(
  specs: readonly PortSpec[],
  endpoints: readonly Endpoint[],
): ReadonlyMap<string, ReadonlySet<number>> {
  const wanted = new Set<string>();
  for (const spec of specs) for (const match of matchesOf(spec)) if (match.type === 'named') wanted.add(match.name);
  const out = new Map<string, Set<number>>();
  if (wanted.size === 0) return out;
  for (const endpoint of endpoints) {
    for (const port of endpoint.ports) {
      if (!wanted.has(port.name)) continue;
      const key = `${port.name}/${port.protocol}`;
      const known = out.get(key);
      if (known === undefined) out.set(key, new Set([port.port]));
      else known.add(port.port);
    }
  }
  return out;
}

function pieces(
  specs: readonly PortSpec[],
  names: ReadonlyMap<string, ReadonlySet<number>>,
  protocol: Protocol,
): readonly (readonly [number, number])[] {
  const starts = new Set<number>([1]);
  for (const spec of specs) {
    for (const match of matchesOf(spec)) {
      if (match.type === 'range' && match.protocol === protocol) starts.add(match.from).add(match.to + 1);
      if (match.type !== 'named' || (match.protocol !== null && match.protocol !== protocol)) continue;
      for (const port of names.get(`${match.name}/${protocol}`) ?? []) starts.add(port).add(port + 1);
    }
  }
  const sorted = [...starts].filter((port) => port >= 1 && port <= 65535).sort((a, b) => a - b);
  return sorted.map((from, i) => [from, (sorted[i + 1] ?? 65536) - 1] as const);
}

/** How a specification reads one port: yes, no, or "where the name has this number". */
function specKey(
  spec: PortSpec,
  protocol: Protocol,
  port: number,
  names: ReadonlyMap<string, ReadonlySet<number>>,
): string {
  let key = '';
  for (const match of matchesOf(spec)) {
    if (match.type === 'range')
      key += match.protocol === protocol && match.from <= port && port <= match.to ? '1' : '0';
    else if (match.type === 'protocol') key += match.protocol === protocol ? '1' : '0';
    else if (match.type === 'icmp' || !hasPorts(protocol)) key += '0';
    else {
      const applies = match.protocol === null || match.protocol === protocol;
      key += applies && (names.get(`${match.name}/${protocol}`)?.has(port) ?? false) ? `n${port}/${protocol}` : '0';
    }
  }
  return key;
}
