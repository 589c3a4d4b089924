import type { PortMatch, Selector } from '../../model/index.js';
import type { Ip } from '../../net/index.js';
import { parseCidr } from '../../net/index.js';
import type { Endpoint } from '../../compile/endpoint.js';
import type { PolicySet } from '../../compile/policy-set.js';

/** What the selectors and ports of a policy set look at; endpoints that agree on all of it are one class. */
interface Relevance {
  readonly podKeys: readonly string[];
  readonly nodeKeys: readonly string[];
  readonly accountKeys: readonly string[];
  readonly accounts: boolean;
  readonly nodes: boolean;
  readonly names: ReadonlySet<string>;
  readonly portNames: ReadonlySet<string>;
  /** First values of the pieces that the named blocks cut each family into, ascending. */
  readonly cuts: Readonly<Record<4 | 6, readonly bigint[]>>;
}

/** Endpoint classes of one policy set: numbered by namespace, so that what concerns one namespace is one range. */
export interface ClassTable {
  /** One endpoint of each class, to evaluate selectors on. */
  readonly representatives: readonly Endpoint[];
  /** Endpoints of each class, as indices into the list given. */
  readonly members: readonly (readonly number[])[];
  readonly classOf: Uint32Array;
  /** Classes `[from, to)` of each namespace; '' holds nodes and external endpoints. */
  readonly ranges: ReadonlyMap<string, readonly [number, number]>;
}

/** Classes of endpoints that none of `sets` tells apart, nor whether a policy agent runs on their node. */
export function buildClasses(
  endpoints: readonly Endpoint[],
  sets: readonly PolicySet[],
  unenforced: ReadonlySet<string> = new Set(),
): ClassTable {
  const relevance = relevanceOf(sets);
  const byNamespace = new Map<string, Map<string, number[]>>();
  for (let i = 0; i < endpoints.length; i++) {
    const endpoint = endpoints[i] as Endpoint;
    let classes = byNamespace.get(endpoint.namespace);
    if (classes === undefined) byNamespace.set(endpoint.namespace, (classes = new Map<string, number[]>()));
    const key = signature(endpoint, relevance) + (unenforced.has(endpoint.node) ? '\u0009' : '');
    const known = classes.get(key);
    if (known === undefined) classes.set(key, [i]);
    else known.push(i);
  }
  const representatives: Endpoint[] = [];
  const members: number[][] = [];
  const ranges = new Map<string, readonly [number, number]>();
  const classOf = new Uint32Array(endpoints.length);
  for (const [namespace, classes] of byNamespace) {
    const from = members.length;
    for (const list of classes.values()) {
      for (const member of list) classOf[member] = members.length;
      representatives.push(endpoints[list[0] as number] as Endpoint);
      members.push(list);
    }
    ranges.set(namespace, [from, members.length]);
  }
  return { representatives, members, classOf, ranges };
}

function signature(endpoint: Endpoint, relevance: Relevance): string {
  const { kind, labels } = endpoint;
  let key: string = kind;
  for (const name of relevance.podKeys) key += `\u0001${labels[name] ?? '\u0002'}`;
  if (relevance.accounts) key += `\u0003${endpoint.serviceAccount}`;
  for (const name of relevance.accountKeys) key += `\u0001${endpoint.serviceAccountLabels[name] ?? '\u0002'}`;
  for (const name of relevance.nodeKeys) key += `\u0001${endpoint.nodeLabels[name] ?? '\u0002'}`;
  // The own-node exemption concerns nodes and host-network pods one by one.
  if (relevance.nodes || kind === 'node' || kind === 'hostpod') key += `\u0004${endpoint.node}`;
  if (relevance.names.has(`${endpoint.namespace}/${endpoint.name}`)) key += `\u0005${endpoint.name}`;
  if (endpoint.special.length > 0 || endpoint.hostName !== '')
    key += `\u0006${endpoint.special.join()}/${endpoint.hostName}`;
  for (const ip of endpoint.ips) {
    key += `\u0007${ip.family}`;
    if (relevance.cuts[ip.family].length > 0) key += String(piece(ip, relevance.cuts[ip.family]));
  }
  if (relevance.portNames.size > 0) {
    for (const port of endpoint.ports) {
      if (relevance.portNames.has(port.name)) key += `\u0008${port.name}:${port.protocol}:${port.port}`;
    }
  }
  return key;
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

function relevanceOf(sets: readonly PolicySet[]): Relevance {
  const keys = {
    pod: new Set<string>(),
    namespace: new Set<string>(),
    serviceAccount: new Set<string>(),
    node: new Set<string>(),
  };
  const names = new Set<string>();
  const portNames = new Set<string>();
  const cuts = { 4: new Set<bigint>(), 6: new Set<bigint>() };
  const flags = { accounts: false, nodes: sets.some(({ semantics }) => semantics.options['nodeScoped'] !== undefined) };
  const seen = new Set<Selector>();
  const cutBlock = (text: string): void => {
    const block = parseCidr(text);
    if (block !== null) cuts[block.family].add(block.from).add(block.to + 1n);
  };
  const visit = (selector: Selector): void => {
    if (seen.has(selector)) return;
    seen.add(selector);
    switch (selector.type) {
      case 'and':
      case 'or':
        selector.of.forEach(visit);
        break;
      case 'not':
        visit(selector.of);
        break;
      case 'label':
        keys[selector.owner].add(selector.key);
        break;
      case 'serviceAccount':
        flags.accounts = true;
        break;
      case 'nodeName':
        flags.nodes = true;
        break;
      case 'endpoint':
        for (const name of selector.names) names.add(`${selector.namespace}/${name}`);
        break;
      case 'cidr':
        cutBlock(selector.cidr);
        selector.except.forEach(cutBlock);
        break;
      case 'same':
        if (selector.as === 'node') flags.nodes = true;
        break;
      case 'all':
      case 'none':
      case 'kind':
      case 'namespace':
      case 'hostName':
      case 'special':
      case 'unknown':
        break;
    }
  };
  const visitPort = (match: PortMatch): void => {
    if (match.type === 'named') portNames.add(match.name);
  };
  for (const entry of new Set(sets.flatMap(({ policies }) => policies.flatMap(({ entries }) => entries)))) {
    visit(entry.subject);
    if (entry.peers.type === 'of') entry.peers.selectors.forEach(visit);
    if (entry.ports.include !== 'any') entry.ports.include.forEach(visitPort);
    entry.ports.except.forEach(visitPort);
  }
  const sorted = (values: Set<bigint>): bigint[] => [...values].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
  return {
    podKeys: [...keys.pod].sort(),
    nodeKeys: [...keys.node].sort(),
    accountKeys: [...keys.serviceAccount].sort(),
    accounts: flags.accounts,
    nodes: flags.nodes,
    names,
    portNames,
    cuts: { 4: sorted(cuts[4]), 6: sorted(cuts[6]) },
  };
}
