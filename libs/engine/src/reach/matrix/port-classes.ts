import { familyOf, hasPorts } from '../../model/index.js';
import type { PortMatch, PortSpec, Protocol } from '../../model/index.js';
import { cutRange } from '../../net/index.js';
import type { Endpoint } from '../../compile/endpoint.js';
import type { PolicySet } from '../../compile/policy-set.js';
import { PORT_PROTOCOLS, protocolsBeyondPorts, wholeOf } from '../connection-set.js';

/** Ports that every rule treats alike, of protocols of one family: one of them speaks for all. */
export interface PortClass {
  /** Its place among the classes of its table. */
  readonly index: number;
  readonly protocol: Protocol;
  /** A port, a type of ICMP, or 0 for protocols that have neither. */
  readonly port: number;
  /** Every (protocol, from, to) of the class. */
  readonly pieces: readonly (readonly [Protocol, number, number])[];
}

/** What a port specification admits, as numbers in ascending order. */
export interface Admitted {
  readonly always: readonly number[];
  /**
   * Those that it admits at some destinations only, where a container's port name has the number, and types of ICMP of
   * which it admits some codes.
   */
  readonly named: readonly number[];
}

/** A distinct port specification. */
export interface PortPattern extends Admitted {
  readonly spec: PortSpec;
}

/** The port classes of a policy set, and what each port specification admits of them. */
export interface PortTable {
  readonly classes: readonly PortClass[];
  /** The place of each specification among `patterns`; those that take any port have none. */
  readonly numbers: ReadonlyMap<PortSpec, number>;
  /** `always` and `named` are numbers of port classes. */
  readonly patterns: readonly PortPattern[];
}

/** The protocols beyond TCP, UDP and SCTP that rules of some set name. */
export function otherProtocols(sets: readonly PolicySet[]): readonly Protocol[] {
  return protocolsBeyondPorts(matchesIn(sets));
}

function* matchesIn(sets: readonly PolicySet[]): Generator<PortMatch> {
  for (const { rules } of sets) for (const { ports } of rules) yield* matchesOf(ports);
}

/**
 * Cuts TCP, UDP, SCTP and `others` where the rules of a set begin and end, and puts pieces that the same port
 * specifications admit into one class. Named ports are cut at every number that a container gives them.
 */
export function portTable(
  set: PolicySet,
  representatives: readonly Endpoint[],
  others: readonly Protocol[],
): PortTable {
  const { specs, numbers } = distinctSpecs(set);
  const names = namedNumbers(specs, representatives);
  const pieces = new Pieces([...PORT_PROTOCOLS, ...others], specs, names);
  const read = specs.map((spec) => admittedPieces(spec, pieces, names));
  const classOf = groupAlike(pieces.list.length, [...pieces.ofOneFamily(), ...read]);
  const classes: { protocol: Protocol; port: number; pieces: Piece[] }[] = [];
  for (const [i, piece] of pieces.list.entries()) {
    const [protocol, port] = piece;
    const known = classes[classOf[i] as number];
    if (known === undefined) classes.push({ protocol, port, pieces: [piece] });
    else known.pieces.push(piece);
  }
  const toClasses = (list: readonly number[]): readonly number[] => classesOf(list, classOf);
  return {
    numbers,
    classes: classes.map((each, index) => ({ index, ...each })),
    patterns: read.map(({ always, named }, i) => ({
      spec: specs[i] as PortSpec,
      always: toClasses(always),
      named: toClasses(named),
    })),
  };
}

/** The classes of ascending pieces, which they hold whole: numbered by their first pieces, they ascend too. */
function classesOf(list: readonly number[], classOf: Uint32Array): readonly number[] {
  if (list.length === 0) return NONE;
  const out: number[] = [];
  for (const piece of list) {
    const number = classOf[piece] as number;
    if (out.length === 0 || number > (out.at(-1) as number)) out.push(number);
  }
  return out;
}

const NONE: readonly number[] = [];

type Piece = readonly [Protocol, number, number];

function distinctSpecs(set: PolicySet): { specs: readonly PortSpec[]; numbers: ReadonlyMap<PortSpec, number> } {
  const specs: PortSpec[] = [];
  const known = new Map<string, number>();
  const numbers = new Map<PortSpec, number>();
  // Specifications share what they match.
  const texts = new Map<PortMatch, string>();
  const textOf = (match: PortMatch): string => {
    let text = texts.get(match);
    if (text === undefined) texts.set(match, (text = matchKey(match)));
    return text;
  };
  for (const { ports } of set.rules) {
    if ((ports.include === 'any' && ports.except.length === 0) || numbers.has(ports)) continue;
    const key = specKey(ports, textOf);
    let number = known.get(key);
    if (number === undefined) {
      known.set(key, (number = specs.length));
      specs.push(ports);
    }
    numbers.set(ports, number);
  }
  return { specs, numbers };
}

function specKey({ include, except }: PortSpec, textOf: (match: PortMatch) => string): string {
  let key = '';
  if (include === 'any') key = '*';
  else for (const match of include) key += textOf(match);
  if (except.length > 0) key += '!';
  for (const match of except) key += textOf(match);
  return key;
}

function matchKey(match: PortMatch): string {
  if (match.type === 'range') return `${match.protocol}/${match.from}-${match.to},`;
  return JSON.stringify(match);
}

/** What a specification names, to admit it or not. */
export function matchesOf({ include, except }: PortSpec): readonly PortMatch[] {
  if (include === 'any') return except;
  return except.length === 0 ? include : [...include, ...except];
}

/** The numbers that containers give to port names, by name and protocol. */
type NamedNumbers = ReadonlyMap<string, ReadonlySet<number>>;

const nameKey = (name: string, protocol: Protocol): string => `${name}/${protocol}`;

function namedNumbers(specs: readonly PortSpec[], endpoints: readonly Endpoint[]): NamedNumbers {
  const wanted = new Set<string>();
  for (const spec of specs) for (const match of matchesOf(spec)) if (match.type === 'named') wanted.add(match.name);
  const out = new Map<string, Set<number>>();
  if (wanted.size === 0) return out;
  for (const endpoint of endpoints) {
    for (const port of endpoint.ports) {
      if (!wanted.has(port.name)) continue;
      const key = nameKey(port.name, port.protocol);
      const known = out.get(key);
      if (known === undefined) out.set(key, new Set([port.port]));
      else known.add(port.port);
    }
  }
  return out;
}

/** The protocols whose ports a named match may mean. */
function protocolsOf({ protocol }: Extract<PortMatch, { type: 'named' }>): readonly Protocol[] {
  return PORT_PROTOCOLS.filter((each) => hasPorts(each) && (protocol === null || protocol === each));
}

/** All ports, cut wherever a specification begins or ends, in order of protocol and port. */
class Pieces {
  readonly list: readonly Piece[];
  /** By protocol, the place of the piece that begins at a port, and of the first piece of the next protocol. */
  readonly #starts = new Map<Protocol, ReadonlyMap<number, number>>();

  constructor(protocols: readonly Protocol[], specs: readonly PortSpec[], names: NamedNumbers) {
    const cuts = new Map(protocols.map((protocol) => [protocol, new Set<number>()]));
    const cut = (protocol: Protocol, from: number, to: number): void => {
      const ofProtocol = cuts.get(protocol);
      ofProtocol?.add(from).add(to + 1);
    };
    for (const spec of specs) {
      for (const match of matchesOf(spec)) {
        if (match.type === 'range') cut(match.protocol, match.from, match.to);
        if (match.type === 'icmp' && match.icmpType !== null) cut(match.protocol, match.icmpType, match.icmpType);
        if (match.type !== 'named') continue;
        for (const protocol of protocolsOf(match)) {
          for (const port of names.get(nameKey(match.name, protocol)) ?? []) cut(protocol, port, port);
        }
      }
    }
    const list: Piece[] = [];
    for (const [protocol, ports] of cuts) {
      const starts = new Map<number, number>();
      const [first, last] = boundsOf(protocol);
      for (const [from, to] of cutRange(first, last, ports)) {
        starts.set(from, list.length);
        list.push([protocol, from, to]);
      }
      this.#starts.set(protocol, starts.set(last + 1, list.length));
    }
    this.list = list;
  }

  /** The pieces that one address family alone has, by family. */
  ofOneFamily(): readonly Admitted[] {
    return ([4, 6] as const)
      .map((family) => this.list.flatMap(([protocol], piece) => (familyOf(protocol) === family ? [piece] : [])))
      .filter((always) => always.length > 0)
      .map((always) => ({ always, named: NONE }));
  }

  /** Calls `visit` with the place of every piece of a range. */
  forEachIn(protocol: Protocol, from: number, to: number, visit: (piece: number) => void): void {
    const starts = this.#starts.get(protocol);
    if (starts === undefined || to < from) return;
    const [first, last] = boundsOf(protocol);
    const end = starts.get(Math.min(to, last) + 1) ?? 0;
    for (let piece = starts.get(Math.max(from, first)) ?? end; piece < end; piece++) visit(piece);
  }
}

function boundsOf(protocol: Protocol): readonly [number, number] {
  return wholeOf(protocol)[0] as readonly [number, number];
}

/** What a specification admits, as places of pieces. */
function admittedPieces({ include, except }: PortSpec, pieces: Pieces, names: NamedNumbers): Admitted {
  const included =
    include === 'any' ? { always: [...pieces.list.keys()], named: NONE } : mentioned(include, pieces, names);
  if (except.length === 0) return included;
  const excepted = mentioned(except, pieces, names);
  const rest = (list: readonly number[], out: readonly number[]): number[] => list.filter((each) => !holds(out, each));
  const always = rest(included.always, excepted.always);
  const named = rest(included.named, excepted.always);
  for (const piece of always) if (holds(excepted.named, piece)) insert(named, piece);
  return { always: rest(always, excepted.named), named };
}

function mentioned(matches: readonly PortMatch[], pieces: Pieces, names: NamedNumbers): Admitted {
  const always: number[] = [];
  let named: number[] | null = null;
  for (const match of matches) {
    if (match.type === 'range')
      pieces.forEachIn(match.protocol, match.from, match.to, (piece) => insert(always, piece));
    else if (match.type === 'icmp' && match.icmpType !== null) {
      const into = match.code === null ? always : (named ??= []);
      pieces.forEachIn(match.protocol, match.icmpType, match.icmpType, (piece) => insert(into, piece));
    } else if (match.type !== 'named') {
      pieces.forEachIn(match.protocol, ...boundsOf(match.protocol), (piece) => insert(always, piece));
    } else {
      const found = (named ??= []);
      for (const protocol of protocolsOf(match)) {
        for (const port of names.get(nameKey(match.name, protocol)) ?? [])
          pieces.forEachIn(protocol, port, port, (piece) => insert(found, piece));
      }
    }
  }
  return { always, named: named?.filter((piece) => !holds(always, piece)) ?? NONE };
}

/** Adds a number to an ascending list. */
function insert(list: number[], number: number): void {
  const last = list.at(-1);
  if (last === undefined || last < number) {
    list.push(number);
    return;
  }
  const at = placeIn(list, number);
  if (list[at] !== number) list.splice(at, 0, number);
}

/** Whether an ascending list holds a number. */
export function holds(list: readonly number[], number: number): boolean {
  return list.length > 0 && list[placeIn(list, number)] === number;
}

/** The place of the first member of an ascending list that is not below a number. */
function placeIn(list: readonly number[], number: number): number {
  let low = 0;
  let high = list.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((list[middle] as number) < number) low = middle + 1;
    else high = middle;
  }
  return low;
}

/**
 * Groups numbers below `count` that are admitted alike: by number its group, groups in order of their first members. One
 * specification after the other splits them.
 */
export function groupAlike(count: number, admitted: readonly Admitted[]): Uint32Array {
  const labels = new Uint32Array(count);
  const sizes = [count];
  const move = (member: number, label: number): void => {
    const before = labels[member] as number;
    sizes[before] = (sizes[before] as number) - 1;
    sizes[label] = (sizes[label] ?? 0) + 1;
    labels[member] = label;
  };
  let groups = 1;
  for (const { always, named } of admitted) {
    if (groups === count) break;
    const split = new Map<number, number>();
    for (const member of always) {
      const before = labels[member] as number;
      let after = split.get(before);
      if (after === undefined) split.set(before, (after = sizes.length));
      move(member, after);
    }
    for (const before of split.keys()) if (sizes[before] !== 0) groups++;
    // Each number of a name has destinations of its own.
    for (const member of named) {
      if (sizes[labels[member] as number] !== 1) groups++;
      move(member, sizes.length);
    }
  }
  const numbers = new Map<number, number>();
  return labels.map((label) => {
    let number = numbers.get(label);
    if (number === undefined) numbers.set(label, (number = numbers.size));
    return number;
  });
}
