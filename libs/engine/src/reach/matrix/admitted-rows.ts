import type { Endpoint } from '../../compile/endpoint.js';
import type { Matcher } from '../../compile/match-selector.js';
import { NO } from '../../compile/match-selector.js';
import type { PolicySet, ReadyEntry } from '../../compile/policy-set.js';
import { matchPorts } from '../../eval/match-ports.js';
import { forEachBit, intersectRow, orInto, rowOf, unionRows } from './bit-row.js';
import type { BitRow } from './bit-row.js';
import type { ClassTable } from './class-table.js';
import type { PortClass } from './port-classes.js';
import { isRelative } from './selector-rows.js';
import type { SelectorRows } from './selector-rows.js';

/** What cannot be told counts against every flow, or in favour of it. */
type Bracket = 'certain' | 'possible';

/**
 * Ingress entries of a set that only ever allow, in one tier, without conditions and without peers relative to their
 * subject: what NetworkPolicy compiles to. Null for any other set.
 */
export function plainIngress(set: PolicySet): readonly ReadyEntry[] | null {
  const speaking = set.gates
    .flatMap((gate) => gate.tiers.map((tier) => tier.groups.ingress.entries))
    .filter((e) => e.length > 0);
  if (speaking.length > 1) return null;
  const entries = speaking[0] ?? [];
  const plain = entries.every(({ entry }) => {
    if (entry.action !== 'allow' || entry.conditions.length > 0 || entry.family !== null || isRelative(entry.subject))
      return false;
    return entry.peers.type !== 'of' || !entry.peers.selectors.some(isRelative);
  });
  return plain ? entries : null;
}

/**
 * For one port class, the destination classes that admit each source class. Rules with the same peer are gathered first:
 * a source's row is the union of a few gathered rows, however many policies there are.
 */
export class AdmittedRows {
  /** What admits every source: classes that nothing isolates, and rules for any peer. */
  readonly #base: Uint32Array;
  /** Gathered rows by source class. */
  readonly #bySource: (BitRow[] | undefined)[] = [];

  constructor(
    entries: readonly ReadyEntry[],
    classes: ClassTable,
    selectors: SelectorRows,
    port: PortClass,
    bracket: Bracket,
    unenforced: ReadonlySet<string>,
  ) {
    const { representatives } = classes;
    const words = (representatives.length + 31) >>> 5;
    const flow = { protocol: port.protocol, port: port.port, family: null };
    const isolated = new Uint32Array(words);
    this.#base = new Uint32Array(words);
    const gathered = new Map<Matcher, { peers: BitRow; subjects: BitRow[] }>();
    for (const ready of entries) {
      const { entry } = ready;
      const subject = selectors.ofSelector(entry.subject, ready.subject);
      if (entry.isolates) orInto(isolated, 0, bracket === 'certain' ? subject.maybe : subject.yes);
      if (entry.peers.type === 'none') continue;
      const subjects = atPort(ready, bracket === 'certain' ? subject.yes : subject.maybe, flow, representatives);
      if (subjects === null) continue;
      if (ready.peers === 'any' || entry.peers.type === 'any') {
        orInto(this.#base, 0, subjects);
        continue;
      }
      for (const [i, selector] of entry.peers.selectors.entries()) {
        const matcher = ready.peers[i] as Matcher;
        const known = gathered.get(matcher);
        if (known !== undefined) known.subjects.push(subjects);
        else {
          const peers = selectors.ofSelector(selector, matcher);
          gathered.set(matcher, { peers: bracket === 'certain' ? peers.yes : peers.maybe, subjects: [subjects] });
        }
      }
    }
    for (const { peers, subjects } of gathered.values()) this.#file(peers, unionRows(subjects));
    for (let w = 0; w < words; w++) this.#base[w] = (this.#base[w] as number) | ~(isolated[w] as number);
    // Bits past the last class stand for nothing.
    const spare = words * 32 - representatives.length;
    if (spare > 0) this.#base[words - 1] = (this.#base[words - 1] as number) & (0xffffffff >>> spare);
    if (unenforced.size > 0) {
      orInto(
        this.#base,
        0,
        rowOf(0, representatives.length, (id) => unenforced.has((representatives[id] as Endpoint).node)),
      );
    }
  }

  #file(peers: BitRow, row: BitRow): void {
    forEachBit(peers.words, (bit) => {
      const source = peers.start * 32 + bit;
      const known = this.#bySource[source];
      if (known === undefined) this.#bySource[source] = [row];
      else known.push(row);
    });
  }

  /** Keeps of `row` the destinations that admit `source`. `scratch` has the length of `row`. */
  keep(source: number, row: Uint32Array, scratch: Uint32Array): void {
    const rows = this.#bySource[source];
    scratch.set(this.#base);
    if (rows !== undefined) for (const admitted of rows) orInto(scratch, 0, admitted);
    for (let w = 0; w < row.length; w++) row[w] = (row[w] as number) & (scratch[w] as number);
  }
}

/** The subjects at which an entry's ports match; port names differ from subject to subject. */
function atPort(
  ready: ReadyEntry,
  subjects: BitRow,
  flow: { protocol: number; port: number; family: null },
  representatives: readonly Endpoint[],
): BitRow | null {
  const { ports } = ready.entry;
  const named = [...(ports.include === 'any' ? [] : ports.include), ...ports.except].some(
    (match) => match.type === 'named',
  );
  if (!named) return matchPorts(ports, flow, representatives[0] as Endpoint) === NO ? null : subjects;
  const from = subjects.start * 32;
  const to = Math.min(representatives.length, (subjects.start + subjects.words.length) * 32);
  if (to <= from) return null;
  return intersectRow(
    subjects,
    rowOf(from, to, (id) => matchPorts(ports, flow, representatives[id] as Endpoint) !== NO),
  );
}
