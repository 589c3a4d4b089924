import type { Selector } from '../../model/index.js';
import type { Matcher } from '../../compile/match-selector.js';
import type { ReadyEntry } from '../../compile/ready-entry.js';
import { unionRows } from './bit-row.js';
import type { BitRow } from './bit-row.js';
import type { Profile } from './profiles.js';
import type { Bracket } from './row-bucket.js';
import type { RulePorts } from './rule-ports.js';
import { relativity } from './selector-rows.js';
import type { SelectorRows } from './selector-rows.js';

/** One rule with its peers as rows: anyone, these classes (`wide`), and of the subject's own namespace those (`own`). */
export interface PlanRule {
  /** Of its port specification; −1 when it takes any port. */
  readonly number: number;
  readonly any: boolean;
  readonly wide: BitRow;
  readonly own: BitRow;
}

/** What the entries of one profile admit. `open`: nothing isolates it, so everything is. */
export interface Plan {
  readonly open: boolean;
  readonly rules: readonly PlanRule[];
}

/** Reads profiles of a plain set under one bracket. */
export class Planner {
  readonly #ports: RulePorts;
  readonly #selectors: SelectorRows;
  readonly #bracket: Bracket;

  constructor(ports: RulePorts, selectors: SelectorRows, bracket: Bracket) {
    this.#ports = ports;
    this.#selectors = selectors;
    this.#bracket = bracket;
  }

  isolates({ tiers }: Profile): boolean {
    return tiers.some((entries) =>
      entries.some(({ ready, certain }) => ready.rule.isolates && (certain || this.#bracket === 'certain')),
    );
  }

  /** Entries of a profile that count under the bracket and have peers. */
  *rules({ tiers }: Profile): Iterable<ReadyEntry> {
    for (const entries of tiers) {
      for (const { ready, certain } of entries) {
        if (ready.rule.peers.type !== 'none' && (certain || this.#bracket === 'possible')) yield ready;
      }
    }
  }

  peerRow(selector: Selector, matcher: Matcher): BitRow {
    const rows = this.#selectors.ofSelector(selector, matcher);
    return this.#bracket === 'certain' ? rows.yes : rows.maybe;
  }

  plan(profile: Profile): Plan {
    const rules: PlanRule[] = [];
    for (const ready of this.rules(profile)) {
      const { rule } = ready;
      const number = this.#ports.numberOf(rule);
      const wide: BitRow[] = [];
      const own: BitRow[] = [];
      if (rule.peers.type === 'of' && ready.peers !== 'any') {
        for (const [i, selector] of rule.peers.selectors.entries()) {
          (relativity(selector) === 'none' ? wide : own).push(this.peerRow(selector, ready.peers[i] as Matcher));
        }
      }
      rules.push({ number, any: ready.peers === 'any', wide: unionRows(wide), own: unionRows(own) });
    }
    return { open: !this.isolates(profile), rules };
  }
}
