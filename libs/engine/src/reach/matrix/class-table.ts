import { isHost } from '../../compile/endpoint.js';
import type { Endpoint } from '../../compile/endpoint.js';
import { unsaidBy } from '../../compile/match-selector.js';
import type { PolicySet } from '../../compile/policy-set.js';
import type { Ip } from '../../net/index.js';
import { relevanceOf } from './relevance.js';
import type { Relevance } from './relevance.js';

/** Endpoint classes of one policy set: numbered by namespace, so that what concerns one namespace is one range. */
export class ClassTable {
  readonly classOf: Uint32Array;
  /** One endpoint of each class, to evaluate selectors on. */
  readonly representatives: readonly Endpoint[];
  /** By class, the number of what its endpoints are beside their namespace: classes of many namespaces are alike. */
  readonly traits: Uint32Array;
  /** Classes `[from, to)` of each namespace; '' holds nodes and external endpoints. */
  readonly ranges: ReadonlyMap<string, readonly [number, number]>;
  /** By class, the number of its namespace: its place among `ranges`. */
  readonly namespaceOf: Uint32Array;
  /** Endpoints in order of class, and where each class begins among them. */
  readonly #ordered: Uint32Array;
  readonly #starts: Uint32Array;

  constructor(
    classOf: Uint32Array,
    representatives: readonly Endpoint[],
    traits: Uint32Array,
    ranges: ReadonlyMap<string, readonly [number, number]>,
  ) {
    this.classOf = classOf;
    this.representatives = representatives;
    this.traits = traits;
    this.ranges = ranges;
    this.namespaceOf = new Uint32Array(representatives.length);
    for (const [number, [from, to]] of [...ranges.values()].entries()) this.namespaceOf.fill(number, from, to);
    const { starts, ordered } = orderByNumber(classOf, representatives.length);
    this.#starts = starts;
    this.#ordered = ordered;
  }

  get count(): number {
    return this.representatives.length;
  }

  size(id: number): number {
    return (this.#starts[id + 1] as number) - (this.#starts[id] as number);
  }

  /** The same classes, with what `view` makes of their endpoints to evaluate selectors on. */
  seenAs(view: (endpoint: Endpoint) => Endpoint): ClassTable {
    return new ClassTable(this.classOf, this.representatives.map(view), this.traits, this.ranges);
  }

  /** Endpoints of a class, as indices into the list that the table was made of. */
  members(id: number): Uint32Array {
    return this.#ordered.subarray(this.#starts[id], this.#starts[id + 1]);
  }
}

/** The places of a list in order of the numbers that stand there, all below `count`, and where each number begins. */
export function orderByNumber(numbers: Uint32Array, count: number): { starts: Uint32Array; ordered: Uint32Array } {
  const starts = new Uint32Array(count + 1);
  for (const id of numbers) starts[id + 1] = (starts[id + 1] as number) + 1;
  for (let id = 0; id < count; id++) starts[id + 1] = (starts[id + 1] as number) + (starts[id] as number);
  const next = starts.slice(0, count);
  const ordered = new Uint32Array(numbers.length);
  for (let i = 0; i < numbers.length; i++) {
    const id = numbers[i] as number;
    const at = next[id] as number;
    ordered[at] = i;
    next[id] = at + 1;
  }
  return { starts, ordered };
}

/** The coarsest classes that no rule of `sets` tells apart, nor whether a policy agent runs on their node. */
export function buildClasses(
  endpoints: readonly Endpoint[],
  sets: readonly PolicySet[],
  unenforced: ReadonlySet<string> = new Set(),
): ClassTable {
  const relevance = relevanceOf(sets);
  const numbers = new Map<string, number>();
  const found: Found = new Map();
  const classOf = new Uint32Array(endpoints.length);
  const firsts: Endpoint[] = [];
  const known: Known = { namespace: null, classes: new Map() };
  for (let i = 0; i < endpoints.length; i++) {
    const endpoint = endpoints[i] as Endpoint;
    const classes = classesOf(endpoint.namespace, found, known);
    let key = signature(endpoint, relevance);
    if (unenforced.size > 0 && unenforced.has(endpoint.node)) key += '\u0009';
    let traits = numbers.get(key);
    if (traits === undefined) numbers.set(key, (traits = numbers.size));
    let id = classes.get(traits);
    if (id === undefined) {
      classes.set(traits, (id = firsts.length));
      firsts.push(endpoint);
    }
    classOf[i] = id;
  }
  return numberByNamespace(classOf, firsts, found);
}

/** By namespace and traits, the number of the class. */
type Found = Map<string, Map<number, number>>;

/** The last namespace asked about: endpoints of one namespace mostly stand together. */
interface Known {
  namespace: string | null;
  classes: Map<number, number>;
}

function classesOf(namespace: string, found: Found, known: Known): Map<number, number> {
  if (known.namespace === namespace) return known.classes;
  let classes = found.get(namespace);
  if (classes === undefined) found.set(namespace, (classes = new Map<number, number>()));
  known.namespace = namespace;
  known.classes = classes;
  return classes;
}

function numberByNamespace(classOf: Uint32Array, firsts: readonly Endpoint[], found: Found): ClassTable {
  const renumbered = new Uint32Array(firsts.length);
  const representatives: Endpoint[] = [];
  const traits = new Uint32Array(firsts.length);
  const ranges = new Map<string, readonly [number, number]>();
  for (const [namespace, classes] of found) {
    const from = representatives.length;
    for (const [number, id] of classes) {
      traits[representatives.length] = number;
      renumbered[id] = representatives.length;
      representatives.push(firsts[id] as Endpoint);
    }
    ranges.set(namespace, [from, representatives.length]);
  }
  for (let i = 0; i < classOf.length; i++) classOf[i] = renumbered[classOf[i] as number] as number;
  return new ClassTable(classOf, representatives, traits, ranges);
}

/** All that rules may look at of an endpoint beside its namespace, as text to compare. */
export function signature(endpoint: Endpoint, relevance: Relevance): string {
  const { kind, labels, ips } = endpoint;
  let key: string = kind;
  for (const name of relevance.podKeys) key += `\u0001${labels[name] ?? absent(endpoint, name)}`;
  if (relevance.accounts) key += `\u0003${endpoint.serviceAccount}`;
  for (const name of relevance.accountKeys) key += `\u0001${endpoint.serviceAccountLabels[name] ?? '\u0002'}`;
  for (const name of relevance.nodeKeys) key += `\u0001${endpoint.nodeLabels[name] ?? '\u0002'}`;
  // The own-node exemption concerns nodes and host-network pods one by one.
  if (relevance.nodes || isHost(endpoint)) key += `\u0004${endpoint.node}`;
  if (relevance.names.size > 0 && relevance.names.has(`${endpoint.namespace}/${endpoint.name}`)) {
    key += `\u0005${endpoint.name}`;
  }
  if (endpoint.special.length > 0 || endpoint.hostName !== '')
    key += `\u0006${endpoint.special.join()}/${endpoint.hostName}`;
  const cuts = relevance.cuts[kind];
  for (const ip of ips) {
    key += ip.family === 4 ? '\u00074' : '\u00076';
    if (cuts[ip.family].length > 0) key += String(piece(ip, cuts[ip.family]));
  }
  if (relevance.portNames.size > 0) {
    for (const port of endpoint.ports) {
      if (!relevance.portNames.has(port.name)) continue;
      const kind = port.init ? ':init' : port.sidecar === true ? ':sidecar' : '';
      key += `\u0008${port.name}:${port.protocol}:${port.port}${kind}`;
    }
  }
  return key;
}

/** Of what a template leaves to its controller may depend which workload it is. */
function absent(endpoint: Endpoint, key: string): string {
  const workload = unsaidBy(endpoint, key);
  return workload === null ? '\u0002' : `\u0002${endpoint.workload?.kind ?? ''}/${workload}`;
}

function piece(ip: Ip, cuts: readonly bigint[]): number {
  let low = 0;
  let high = cuts.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((cuts[middle] as bigint) <= ip.value) low = middle + 1;
    else high = middle;
  }
  return low;
}
