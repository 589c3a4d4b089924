import type { Direction, Protocol, Verdict } from '../../model/index.js';
import type { CompiledSnapshot, Reading } from '../../compile/compile-snapshot.js';
import type { PolicySet } from '../../compile/policy-set.js';
import type { Endpoint } from '../../compile/endpoint.js';
import { pairVerdict } from '../../eval/evaluate-pair.js';
import type { ReadingName } from '../../eval/evaluate-pair.js';
import type { Flow } from '../../eval/flow.js';
import { ClassProgram } from './class-program.js';
import type { ClassPair } from './class-program.js';
import type { PortClass } from './port-classes.js';
import type { Profile } from './profiles.js';
import { ReachMatrix } from './reach-matrix.js';
import type { MatrixParts } from './reach-matrix.js';

/**
 * Verdicts for very many questions about one snapshot. Endpoints are given by their place in `snapshot.endpoints`. A
 * question about pods is a few looks at bits of classes, whatever the size of the cluster; where those leave something
 * open (hosts, both families, conditions, what cannot be told) it is evaluated as `pairVerdict` does.
 */
export class ClassVerdicts {
  readonly #reading: Reading;
  readonly #endpoints: readonly Endpoint[];
  readonly #byClass: PairsOfClasses | null;

  constructor(snapshot: CompiledSnapshot, reading: ReadingName) {
    this.#reading = snapshot[reading];
    this.#endpoints = snapshot.endpoints;
    const { engines, sets, enforcement } = this.#reading;
    const single = engines.length === 1 && engines[0].variants.length === 1;
    const set = sets[0] as PolicySet;
    this.#byClass = single
      ? new PairsOfClasses(new ReachMatrix(set, this.#endpoints, enforcement.unenforcedNodes).parts)
      : null;
  }

  verdict(source: number, destination: number, flow: Flow): Verdict {
    const allowed = this.#byClass?.allows(source, destination, flow) ?? null;
    if (allowed !== null) return allowed ? 'allow' : 'deny';
    const [from, to] = [this.#endpoints[source] as Endpoint, this.#endpoints[destination] as Endpoint];
    return pairVerdict(this.#reading, from, to, flow);
  }
}

class PairsOfClasses {
  readonly #parts: MatrixParts;
  /** By direction and profile; made when the first question needs it. */
  readonly #programs: Readonly<Record<Direction, (ClassProgram | undefined)[]>> = { ingress: [], egress: [] };
  /** By class: 4 or 6 for pods that speak one family, 0 for what is not answered here. */
  readonly #family: Uint8Array;
  /** By protocol, the port classes in order of the ports where they begin. */
  readonly #ports = new Map<Protocol, { readonly starts: Uint32Array; readonly classes: readonly PortClass[] }>();

  constructor(parts: MatrixParts) {
    this.#parts = parts;
    this.#family = Uint8Array.from(parts.classes.representatives, singleFamily);
    this.#orderPorts(parts.ports.ports);
  }

  /** Null for a question that takes a look at the endpoints themselves. */
  allows(source: number, destination: number, { protocol, port, family: asked }: Flow): boolean | null {
    if (source === destination) return true;
    const { classOf, namespaceOf } = this.#parts.classes;
    const from = classOf[source] as number;
    const to = classOf[destination] as number;
    const family = this.#family[from] as 0 | 4 | 6;
    if (family === 0 || family !== this.#family[to] || (asked !== null && asked !== family)) return null;
    const at = port === null ? null : this.#portClass(protocol, port);
    if (at === null) return null;
    const near = namespaceOf[from] === namespaceOf[to];
    const leaves = this.#admits('egress', from, { peer: to, destination: to, near, family, port: at });
    if (leaves !== true) return leaves;
    return this.#admits('ingress', to, { peer: from, destination: to, near, family, port: at });
  }

  #admits(direction: Direction, subject: number, pair: ClassPair): boolean | null {
    const { set, ports, selectors, profiles } = this.#parts;
    const number = profiles[direction].of[subject] as number;
    const profile = (): Profile => profiles[direction].profiles[number] as Profile;
    return (this.#programs[direction][number] ??= new ClassProgram(set, profile(), ports, selectors)).admits(pair);
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
}

function singleFamily({ kind, ips }: Endpoint): 0 | 4 | 6 {
  const [first, ...others] = ips;
  if (kind !== 'pod' || first === undefined || others.some(({ family }) => family !== first.family)) return 0;
  return first.family;
}
