import type { EndpointKind, PortMatch, Selector } from '../../model/index.js';
import { parseCidr } from '../../net/index.js';
import type { PolicySet } from '../../compile/policy-set.js';

/** What the selectors and ports of a policy set look at; endpoints that agree on all of it are one class. */
export interface Relevance {
  readonly podKeys: readonly string[];
  readonly nodeKeys: readonly string[];
  readonly accountKeys: readonly string[];
  readonly accounts: boolean;
  readonly nodes: boolean;
  readonly names: ReadonlySet<string>;
  readonly portNames: ReadonlySet<string>;
  /** For each kind of endpoint, the first values of the pieces that blocks cut each family into, ascending. */
  readonly cuts: Readonly<Record<EndpointKind, Readonly<Record<4 | 6, readonly bigint[]>>>>;
}

const KINDS: readonly EndpointKind[] = ['pod', 'hostpod', 'node', 'external', 'special'];

export function relevanceOf(sets: readonly PolicySet[]): Relevance {
  const found = new Findings(sets.some(({ semantics }) => semantics.options['nodeScoped'] !== undefined));
  for (const rule of new Set(sets.flatMap(({ rules }) => rules))) {
    found.visitWhole(rule.subject);
    if (rule.peers.type === 'of') for (const peer of rule.peers.selectors) found.visitWhole(peer);
    if (rule.ports.include !== 'any') rule.ports.include.forEach(found.visitPort);
    rule.ports.except.forEach(found.visitPort);
  }
  return found.relevance();
}

class Findings {
  readonly #keys = {
    pod: new Set<string>(),
    // Classes are made inside a namespace, so its labels tell none apart.
    namespace: new Set<string>(),
    serviceAccount: new Set<string>(),
    node: new Set<string>(),
  };
  readonly #names = new Set<string>();
  readonly #portNames = new Set<string>();
  readonly #blocks = new Map<EndpointKind, Set<string>>(KINDS.map((kind) => [kind, new Set()]));
  #accounts = false;
  #nodes: boolean;
  /** Selectors of rules that were visited. */
  readonly #visited = new Set<Selector>();

  constructor(nodes: boolean) {
    this.#nodes = nodes;
  }

  /** A selector of a rule; policies share many of them. */
  visitWhole(selector: Selector): void {
    if (this.#visited.has(selector)) return;
    this.#visited.add(selector);
    this.visit(selector, KINDS);
  }

  /** `kinds`: what the selectors around this one leave of the kinds that it can concern. */
  visit(selector: Selector, kinds: readonly EndpointKind[]): void {
    switch (selector.type) {
      case 'and':
        this.#visitAll(selector.of, selector.of.reduce(withinKinds, kinds));
        break;
      case 'or':
        this.#visitAll(selector.of, kinds);
        break;
      case 'not':
        this.visit(selector.of, kinds);
        break;
      case 'label':
        this.#keys[selector.owner].add(selector.key);
        break;
      case 'serviceAccount':
        this.#accounts = true;
        break;
      case 'nodeName':
        this.#nodes = true;
        break;
      case 'endpoint':
        for (const name of selector.names) this.#names.add(`${selector.namespace}/${name}`);
        break;
      case 'cidr':
        for (const kind of kinds)
          for (const block of [selector.cidr, ...selector.except]) this.#blocks.get(kind)?.add(block);
        break;
      case 'same':
        if (selector.as === 'node') this.#nodes = true;
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
  }

  #visitAll(selectors: readonly Selector[], kinds: readonly EndpointKind[]): void {
    for (const selector of selectors) this.visit(selector, kinds);
  }

  readonly visitPort = (match: PortMatch): void => {
    if (match.type === 'named') this.#portNames.add(match.name);
  };

  relevance(): Relevance {
    const cuts = (kind: EndpointKind): Relevance['cuts'][EndpointKind] => cutsOf(this.#blocks.get(kind) ?? []);
    return {
      podKeys: [...this.#keys.pod].sort(),
      nodeKeys: [...this.#keys.node].sort(),
      accountKeys: [...this.#keys.serviceAccount].sort(),
      accounts: this.#accounts,
      nodes: this.#nodes,
      names: this.#names,
      portNames: this.#portNames,
      cuts: {
        pod: cuts('pod'),
        hostpod: cuts('hostpod'),
        node: cuts('node'),
        external: cuts('external'),
        special: cuts('special'),
      },
    };
  }
}

function withinKinds(kinds: readonly EndpointKind[], member: Selector): readonly EndpointKind[] {
  return member.type === 'kind' ? kinds.filter((kind) => member.kinds.includes(kind)) : kinds;
}

function cutsOf(blocks: Iterable<string>): Readonly<Record<4 | 6, readonly bigint[]>> {
  const cuts = { 4: new Set<bigint>(), 6: new Set<bigint>() };
  for (const text of blocks) {
    const block = parseCidr(text);
    if (block !== null) cuts[block.family].add(block.from).add(block.to + 1n);
  }
  const sorted = (values: Set<bigint>): bigint[] => [...values].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
  return { 4: sorted(cuts[4]), 6: sorted(cuts[6]) };
}
