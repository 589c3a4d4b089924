import type { Direction, PolicyEntry } from '../model/index.js';
import type { PolicyPattern } from '../kinds/frontend.js';
import { MatcherTable } from './match-selector.js';
import { ReadyEntry } from './ready-entry.js';

/** A pattern's entries, made ready once for all policies that share it. All of them stand in one tier. */
export interface ReadyPattern {
  readonly number: number;
  readonly tier: string;
  readonly directions: readonly Direction[];
  readonly entries: Readonly<Record<Direction, readonly ReadyEntry[]>>;
}

/** Makes entries ready to run; what they share is made once. */
export class ReadyTable {
  readonly #matchers = new MatcherTable();
  readonly #patterns = new WeakMap<PolicyPattern, ReadyPattern>();
  #count = 0;

  entry(entry: PolicyEntry, at = 0): ReadyEntry {
    const { peers } = entry;
    const matchers =
      peers.type === 'any'
        ? 'any'
        : peers.type === 'none'
          ? []
          : peers.selectors.map((peer) => this.#matchers.matcher(peer));
    return new ReadyEntry(entry, this.#matchers.matcher(entry.subject), matchers, null, at);
  }

  pattern(pattern: PolicyPattern): ReadyPattern {
    let known = this.#patterns.get(pattern);
    if (known === undefined) this.#patterns.set(pattern, (known = this.#ready(pattern)));
    return known;
  }

  #ready(pattern: PolicyPattern): ReadyPattern {
    const entries = { ingress: [] as ReadyEntry[], egress: [] as ReadyEntry[] };
    for (const [at, entry] of pattern.entries.entries()) entries[entry.direction].push(this.entry(entry, at));
    const directions = (['ingress', 'egress'] as const).filter((direction) => entries[direction].length > 0);
    return { number: this.#count++, tier: pattern.entries[0]?.tier ?? '', directions, entries };
  }
}
