import { hasPorts } from '../../model/index.js';
import type { PortMatch, PortSpec, Protocol } from '../../model/index.js';
import type { Endpoint } from '../../compile/endpoint.js';
import type { PolicySet } from '../../compile/policy-set.js';
import { PORT_PROTOCOLS } from '../connection-set.js';

/** Ports that every rule treats alike: one of them speaks for all. */
export interface PortClass {
  readonly protocol: Protocol;
  readonly port: number;
  /** Every (protocol, from, to) of the class. */
  readonly pieces: readonly (readonly [Protocol, number, number])[];
}

/**
 * Cuts TCP, UDP and SCTP where the rules of a set begin and end, and puts pieces that the same port specifications
 * admit into one class. Named ports are cut at every number that a container gives them.
 */
export function portClasses(set: PolicySet, representatives: readonly Endpoint[]): readonly PortClass[] {
  const specs = distinctSpecs(set);
  const names = namedNumbers(specs, representatives);
  const classes = new Map<string, [Protocol, number, number][]>();
  for (const protocol of PORT_PROTOCOLS) {
    for (const [from, to] of pieces(specs, names, protocol)) {
      const key = specs.map((spec) => specKey(spec, protocol, from, names)).join('|');
      const known = classes.get(key);
      if (known === undefined) classes.set(key, [[protocol, from, to]]);
      else known.push([protocol, from, to]);
    }
  }
  return [...classes.values()].map((list) => {
    const [protocol, port] = list[0] as [Protocol, number, number];
    return { protocol, port, pieces: list };
  });
}

function distinctSpecs(set: PolicySet): readonly PortSpec[] {
  const specs = new Map<string, PortSpec>();
  for (const policy of set.policies) {
    for (const entry of policy.entries) {
      if (entry.ports.include !== 'any' || entry.ports.except.length > 0) {
        const key = JSON.stringify(entry.ports);
        if (!specs.has(key)) specs.set(key, entry.ports);
      }
    }
  }
  return [...specs.values()];
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
