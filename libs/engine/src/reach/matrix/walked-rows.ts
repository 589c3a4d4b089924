import type { Direction } from '../../model/index.js';
import { transpose32 } from './bit-row.js';
import type { ClassTable } from './class-table.js';
import type { ClassWalk } from './class-walk.js';
import type { PortClass } from './port-classes.js';
import type { Profile } from './profiles.js';
import type { Bracket, SourceStep } from './row-bucket.js';
import type { RulePorts, Variants } from './rule-ports.js';
import { relativity } from './selector-rows.js';

/** Words of sources evaluated at a time, at most: their rows stay small enough for the processor's caches. */
const BLOCK_WORDS = 32;
/** Words that the rows of one block may take. */
const BLOCK_LIMIT = 8 * 1024 * 1024;

/** Rows of any set: each class walks through the tiers, once for all classes that share its profile where it can. */
export class WalkedRows {
  readonly #walk: ClassWalk;
  readonly #classes: ClassTable;
  readonly #ports: RulePorts;
  readonly #bracket: Bracket;
  readonly #words: number;
  readonly #variants = new Map<Profile, Variants>();
  readonly #shared = new Map<Profile, boolean>();

  constructor(walk: ClassWalk, classes: ClassTable, ports: RulePorts, bracket: Bracket) {
    this.#walk = walk;
    this.#classes = classes;
    this.#ports = ports;
    this.#bracket = bracket;
    this.#words = (classes.count + 31) >>> 5;
  }

  *sources(ports: readonly PortClass[], wanted: (source: number) => boolean): Generator<SourceStep> {
    const { count } = this.#classes;
    const rows = ports.map(() => new Uint32Array(this.#words));
    const fits = Math.floor(BLOCK_LIMIT / (32 * Math.max(1, this.#words * ports.length)));
    const step = Math.max(1, Math.min(BLOCK_WORDS, fits));
    const sent = new SharedRows();
    for (let block = 0; block < this.#words; block += step) {
      const width = Math.min(step, this.#words - block);
      const end = Math.min(count, (block + width) * 32);
      let admitted: readonly Uint32Array[] | null = null;
      for (let source = block * 32; source < end; source++) {
        if (!wanted(source)) continue;
        admitted ??= yield* this.#ingressBlock(ports, block, width);
        this.#egressRows(source, ports, rows, sent);
        const offset = (source - block * 32) * this.#words;
        for (const [p, row] of rows.entries()) {
          const turned = admitted[p] as Uint32Array;
          for (let word = 0; word < row.length; word++) {
            row[word] = (row[word] as number) & (turned[offset + word] as number);
          }
        }
        yield { source, rows, shared: null };
      }
    }
  }

  /** Egress rows of a source, walked once for ports that its rules treat alike. */
  #egressRows(source: number, ports: readonly PortClass[], rows: readonly Uint32Array[], shared: SharedRows): void {
    const profile = this.#walk.profile('egress', source);
    const variants = this.#variantsOf(profile);
    const first = new Map<number, Uint32Array>();
    for (const [p, port] of ports.entries()) {
      const row = rows[p] as Uint32Array;
      const variant = variants[port.index] as number;
      const known = first.get(variant);
      if (known !== undefined) row.set(known);
      else {
        this.#fill('egress', source, profile, port, variant, 0, row, shared);
        // The copy that other ports start from is taken before ingress is applied, since all of `rows` are filled first.
        first.set(variant, row);
      }
    }
  }

  /** For each port and each source of a block of words, the destinations that admit it: ingress rows, turned around. */
  *#ingressBlock(ports: readonly PortClass[], block: number, width: number): Generator<null, readonly Uint32Array[]> {
    const { count } = this.#classes;
    const turned = ports.map(() => new Uint32Array(width * 32 * this.#words));
    const tile = new Uint32Array(32);
    const stripes = ports.map(() => new Uint32Array(width * 32));
    const shared = new SharedRows();
    for (let first = 0; first < count; first += 32) {
      for (const stripe of stripes) stripe.fill(0);
      for (let i = 0; i < 32 && first + i < count; i++) {
        this.#ingressWindows(first + i, ports, stripes, i * width, width, block, shared);
      }
      for (const [p, stripe] of stripes.entries()) {
        const into = turned[p] as Uint32Array;
        for (let word = 0; word < width; word++) {
          for (let i = 0; i < 32; i++) tile[i] = stripe[i * width + word] as number;
          transpose32(tile);
          const target = word * 32 * this.#words + (first >>> 5);
          for (let i = 0; i < 32; i++) into[target + i * this.#words] = tile[i] as number;
        }
      }
      yield null;
    }
    return turned;
  }

  #ingressWindows(
    subject: number,
    ports: readonly PortClass[],
    stripes: readonly Uint32Array[],
    at: number,
    width: number,
    block: number,
    shared: SharedRows,
  ): void {
    const profile = this.#walk.profile('ingress', subject);
    const variants = this.#variantsOf(profile);
    const windows: (Uint32Array | undefined)[] = [];
    for (const [p, port] of ports.entries()) {
      const variant = variants[port.index] as number;
      let window = windows[variant];
      if (window === undefined) {
        windows[variant] = window = new Uint32Array(width);
        this.#fill('ingress', subject, profile, port, variant, block, window, shared);
      }
      (stripes[p] as Uint32Array).set(window, at);
    }
  }

  #fill(
    direction: Direction,
    subject: number,
    profile: Profile,
    port: PortClass,
    variant: number,
    start: number,
    out: Uint32Array,
    shared: SharedRows,
  ): void {
    if (!this.#isShared(profile)) {
      this.#walk.row(direction, subject, port, start, out, this.#bracket);
      return;
    }
    const known = shared.get(profile.number, variant);
    if (known !== undefined) out.set(known);
    else {
      this.#walk.row(direction, subject, port, start, out, this.#bracket);
      shared.set(profile.number, variant, out.slice());
    }
  }

  /** Whether a row is the same for all classes of a profile: nothing in it looks at the subject itself. */
  #isShared(profile: Profile): boolean {
    let known = this.#shared.get(profile);
    if (known === undefined) {
      known = profile.tiers.flat().every(({ ready: { rule } }) => {
        if (rule.family !== null) return false;
        if (rule.peers.type === 'of' && rule.peers.selectors.some((each) => relativity(each) !== 'none')) return false;
        return [...(rule.ports.include === 'any' ? [] : rule.ports.include), ...rule.ports.except].every(
          ({ type }) => type !== 'named',
        );
      });
      this.#shared.set(profile, known);
    }
    return known;
  }

  #variantsOf(profile: Profile): Variants {
    let known = this.#variants.get(profile);
    if (known === undefined) {
      known = this.#ports.variants(profile.tiers.flat().map(({ ready }) => this.#ports.numberOf(ready.rule)));
      this.#variants.set(profile, known);
    }
    return known;
  }
}

/** Rows of profiles by variant of port, as many as fit. */
class SharedRows {
  readonly #rows = new Map<number, Uint32Array>();
  #words = 0;

  get(profile: number, variant: number): Uint32Array | undefined {
    return this.#rows.get(profile * 0x100000 + variant);
  }

  set(profile: number, variant: number, row: Uint32Array): void {
    if (this.#words + row.length > BLOCK_LIMIT) return;
    this.#words += row.length;
    this.#rows.set(profile * 0x100000 + variant, row);
  }
}
