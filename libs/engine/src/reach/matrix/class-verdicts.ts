import { combineVerdicts } from '../../model/index.js';
import type { Direction, Protocol, Verdict } from '../../model/index.js';
import type { CompiledSnapshot, Reading } from '../../compile/compile-snapshot.js';
import { MAYBE, NO, YES } from '../../compile/match-selector.js';
import type { Tri } from '../../compile/match-selector.js';
import type { PolicySet } from '../../compile/policy-set.js';
import type { Endpoint } from '../../compile/endpoint.js';
import { pairVerdict } from '../../eval/evaluate-pair.js';
import type { ReadingName } from '../../eval/evaluate-pair.js';
import type { Flow } from '../../eval/flow.js';
import { hasBit } from './bit-row.js';
import type { BitRow } from './bit-row.js';
import type { ClassTable } from './class-table.js';
import { Planner } from './plan.js';
import type { Plan, PlanRule } from './plan.js';
import type { PortClass } from './port-classes.js';
import { ReachMatrix } from './reach-matrix.js';
import type { PlainParts } from './reach-matrix.js';

/**
 * Verdicts for very many questions about one snapshot. Endpoints are given by their place in `snapshot.endpoints`. Where
 * the rules are plain a question is a few looks at bits of classes, whatever the size of the cluster; every other
 * question (hosts, pairs of both families, rules of other kinds) is evaluated as `pairVerdict` does.
 */
export class ClassVerdicts {
  readonly #reading: Reading;
  readonly #endpoints: readonly Endpoint[];
  readonly #plain: PlainVerdicts | null;

  constructor(snapshot: CompiledSnapshot, reading: ReadingName) {
    this.#reading = snapshot[reading];
    this.#endpoints = snapshot.endpoints;
    const { engines, sets, enforcement } = this.#reading;
    const single = engines.length === 1 && engines[0].variants.length === 1;
    const matrix = single ? new ReachMatrix(sets[0] as PolicySet, this.#endpoints, enforcement.unenforcedNodes) : null;
    const parts = matrix?.plain ?? null;
    this.#plain = matrix === null || parts === null ? null : new PlainVerdicts(matrix.classes, parts);
  }

  verdict(source: number, destination: number, flow: Flow): Verdict {
    const known = this.#plain?.verdict(source, destination, flow) ?? null;
    if (known !== null) return known;
    const [from, to] = [this.#endpoints[source] as Endpoint, this.#endpoints[destination] as Endpoint];
    return pairVerdict(this.#reading, from, to, flow);
  }
}

/** A plan as it certainly is and as it may be; one and the same where nothing is open. */
interface Plans {
  readonly certain: Plan;
  readonly possible: Plan | null;
}

class PlainVerdicts {
  readonly #classes: ClassTable;
  readonly #parts: PlainParts;
  readonly #plans: Readonly<Record<Direction, readonly Plans[]>>;
  /** By class: 4 or 6 for pods that speak one family, 0 for what is not answered here. */
  readonly #family: Uint8Array;
  /** By protocol, the port classes in order of the ports where they begin. */
  readonly #ports = new Map<Protocol, { readonly starts: Uint32Array; readonly classes: readonly PortClass[] }>();
  /** By specification and port class, the destinations that it lets in. */
  readonly #within: (BitRow | null | undefined)[] = [];

  constructor(classes: ClassTable, parts: PlainParts) {
    this.#classes = classes;
    this.#parts = parts;
    this.#plans = { ingress: this.#plansOf('ingress'), egress: this.#plansOf('egress') };
    this.#family = Uint8Array.from(classes.representatives, singleFamily);
    this.#orderPorts(parts.ports.ports);
  }

  /** Null for a question that takes a look at the endpoints themselves. */
  verdict(source: number, destination: number, { protocol, port, family }: Flow): Verdict | null {
    if (source === destination) return 'allow';
    const from = this.#classes.classOf[source] as number;
    const to = this.#classes.classOf[destination] as number;
    const spoken = this.#family[from] as number;
    if (spoken === 0 || spoken !== this.#family[to] || (family !== null && family !== spoken)) return null;
    const at = port === null ? null : this.#portClass(protocol, port);
    if (at === null) return null;
    const leaves = this.#admits('egress', from, to, to, at);
    if (leaves === NO) return 'deny';
    const enters = this.#admits('ingress', to, from, to, at);
    if (enters === NO) return 'deny';
    return combineVerdicts([leaves === YES ? 'allow' : 'unknown', enters === YES ? 'allow' : 'unknown']);
  }

  #plansOf(direction: Direction): readonly Plans[] {
    const { ports, selectors, profiles } = this.#parts;
    const [certain, possible] = [new Planner(ports, selectors, 'certain'), new Planner(ports, selectors, 'possible')];
    return profiles[direction].profiles.map((profile): Plans => {
      const [is, may] = [certain.plan(profile), possible.plan(profile)];
      return { certain: is, possible: samePlan(is, may) ? null : may };
    });
  }

  #orderPorts(ports: readonly PortClass[]): void {
    const byProtocol = new Map<Protocol, [number, PortClass][]>();
    for (const each of ports) {
      for (const [protocol, start] of each.pieces) {
        const known = byProtocol.get(protocol);
        if (known === undefined) byProtocol.set(protocol, [[start, each]]);
        else known.push([start, each]);
      }
    }
    for (const [protocol, pieces] of byProtocol) {
      pieces.sort(([a], [b]) => a - b);
      const starts = Uint32Array.from(pieces, ([start]) => start);
      this.#ports.set(protocol, { starts, classes: pieces.map(([, each]) => each) });
    }
  }

  #portClass(protocol: Protocol, port: number): PortClass | null {
    const known = this.#ports.get(protocol);
    if (known === undefined || port < 1 || port > 65535) return null;
    let low = 0;
    let high = known.starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >>> 1;
      if ((known.starts[middle] as number) <= port) low = middle;
      else high = middle - 1;
    }
    return known.classes[low] ?? null;
  }

  #admits(direction: Direction, subject: number, peer: number, destination: number, port: PortClass): Tri {
    const profile = this.#parts.profiles[direction].of[subject] as number;
    const { certain, possible } = this.#plans[direction][profile] as Plans;
    const { namespaceOf } = this.#classes;
    const near = namespaceOf[subject] === namespaceOf[peer];
    if (this.#holds(certain, peer, destination, near, port)) return YES;
    return possible !== null && this.#holds(possible, peer, destination, near, port) ? MAYBE : NO;
  }

  #holds({ open, rules }: Plan, peer: number, destination: number, near: boolean, port: PortClass): boolean {
    if (open) return true;
    for (const each of rules) {
      if (!each.any && !hasBit(each.wide, peer) && !(near && hasBit(each.own, peer))) continue;
      if (each.number < 0) return true;
      const row = this.#rowWithin(each, port);
      if (row !== null && hasBit(row, destination)) return true;
    }
    return false;
  }

  #rowWithin({ number }: PlanRule, port: PortClass): BitRow | null {
    const key = number * this.#parts.ports.ports.length + port.index;
    let row = this.#within[key];
    if (row === undefined) {
      row = this.#parts.ports.within(this.#parts.selectors.all, number, port);
      this.#within[key] = row;
    }
    return row;
  }
}

function singleFamily({ kind, ips }: Endpoint): 0 | 4 | 6 {
  const [first, ...others] = ips;
  if (kind !== 'pod' || first === undefined || others.some(({ family }) => family !== first.family)) return 0;
  return first.family;
}

function samePlan(a: Plan, b: Plan): boolean {
  if (a.open !== b.open || a.rules.length !== b.rules.length) return false;
  return a.rules.every((rule, i) => rule.wide === b.rules[i]?.wide && rule.own === b.rules[i].own);
}
