import type { PolicySet } from '../../compile/policy-set.js';
import type { CompiledSnapshot } from '../../compile/compile-snapshot.js';
import type { Endpoint } from '../../compile/endpoint.js';
import type { ReadingName } from '../../eval/evaluate-pair.js';
import { ReachMatrix } from '../matrix/reach-matrix.js';
import { refineTables } from './refine-tables.js';
import type { PortPieces } from './refine-ports.js';

/**
 * What certainly may be reached, by class: `rows[source][port]` holds the destination classes that a source class
 * reaches at a port class. Rows that are equal are often the same array. The own-node exemption and traffic of an
 * endpoint to itself concern single endpoints and are not in the rows.
 */
export interface RowTable {
  readonly endpoints: readonly Endpoint[];
  readonly classOf: Uint32Array;
  /** Endpoints of each class, as indices into `endpoints`. */
  readonly members: readonly (readonly number[])[];
  readonly words: number;
  readonly ports: readonly PortPieces[];
  readonly rows: readonly (readonly Uint32Array[])[];
}

/**
 * The rows of a snapshot under one reading. Where several engines or variants of policy are in play, a flow counts when
 * all of them let it pass. A dual-stack pair counts when the rules admit it whatever its family.
 */
export function rowTable(snapshot: CompiledSnapshot, reading: ReadingName, extra: readonly Endpoint[] = []): RowTable {
  const endpoints = [...snapshot.endpoints, ...extra];
  const tables = snapshot[reading].engines.flatMap(({ variants, enforcement }) =>
    variants.map((set) => tableOf(set, endpoints, enforcement.unenforcedNodes)),
  );
  return tables.reduce(intersectTables);
}

function tableOf(set: PolicySet, endpoints: readonly Endpoint[], unenforced: ReadonlySet<string>): RowTable {
  const matrix = new ReachMatrix(set, endpoints, unenforced);
  const { classes, ports, words } = matrix;
  const masks = familyMasks(classes.representatives, words);
  const rows: Uint32Array[][] = [];
  matrix.forEachSource(ports, (source, found) => {
    const mask = masks(classes.representatives[source] as Endpoint);
    const kept: Uint32Array[] = [];
    for (const row of found) {
      for (let w = 0; w < words; w++) row[w] = (row[w] as number) & (mask[w] as number);
      kept.push(kept.find((known) => equalRows(known, row)) ?? row.slice());
    }
    rows.push(kept);
  });
  return { endpoints, classOf: classes.classOf, members: classes.members, words, ports, rows };
}

export function equalRows(a: Uint32Array, b: Uint32Array): boolean {
  for (let w = 0; w < a.length; w++) if (a[w] !== b[w]) return false;
  return true;
}

/** The classes that share an address family with an endpoint; those whose addresses are not known share every one. */
function familyMasks(representatives: readonly Endpoint[], words: number): (endpoint: Endpoint) => Uint32Array {
  const known = new Map<string, Uint32Array>();
  return (endpoint) => {
    const key = families(endpoint);
    let mask = known.get(key);
    if (mask === undefined) {
      mask = new Uint32Array(words);
      for (const [id, other] of representatives.entries()) {
        const there = families(other);
        const shared =
          key === '' ||
          there === '' ||
          (['4', '6'] as const).some((family) => key.includes(family) && there.includes(family));
        if (shared) mask[id >>> 5] = (mask[id >>> 5] as number) | (1 << (id & 31));
      }
      known.set(key, mask);
    }
    return mask;
  };
}

/** `4`, `6`, `46`, or '' when no address is known. */
function families({ ips }: Endpoint): string {
  const has = (family: 4 | 6): boolean => ips.some((ip) => ip.family === family);
  return (has(4) ? '4' : '') + (has(6) ? '6' : '');
}

/** What both tables of the same endpoints allow. */
function intersectTables(a: RowTable, b: RowTable): RowTable {
  const common = refineTables(
    a,
    b,
    a.endpoints.map((_, index) => [index, index] as const),
  );
  const members = common.members.map((pairs) => pairs.map((pair) => pair[0]));
  const classOf = new Uint32Array(a.endpoints.length);
  for (const [id, list] of members.entries()) for (const index of list) classOf[index] = id;
  const rows = members.map((_, source) =>
    common.ports.map((__, port) => {
      const [x, y] = common.rowsAt(source, port);
      return x.map((word, w) => word & (y[w] as number));
    }),
  );
  return { endpoints: a.endpoints, classOf, members, words: common.words, ports: common.ports, rows };
}
