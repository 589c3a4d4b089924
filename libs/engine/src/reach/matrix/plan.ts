import type { Selector } from '../../model/index.js';
import type { Matcher } from '../../compile/match-selector.js';
import type { ReadyEntry } from '../../compile/ready-entry.js';
import { meet, unionRows } from './bit-row.js';
import type { BitRow } from './bit-row.js';
import type { Profile } from './profiles.js';
import type { Bracket } from './row-bucket.js';
import type { RulePorts } from './rule-ports.js';
import { relativity } from './selector-rows.js';
import type { SelectorRows } from './selector-rows.js';

/** One rule with its peers as rows: anyone, these classes (`wide`), and of the subject's own namespace those (`own`). */
export interface PlanRule {
  readonly id: number;
  /** Of its port specification; −1 when it takes any port. */
  readonly number: number;
  readonly any: boolean;
  readonly wide: BitRow;
  readonly own: BitRow;
}

/** What the entries of profiles admit. `open`: nothing isolates them, so everything is. */
export interface Plan {
  readonly id: number;
  readonly open: boolean;
  readonly rules: readonly PlanRule[];
}

/** Reads profiles of a plain set under one bracket. Those of which the same rules let reach somebody share a plan. */
export class Planner {
  readonly #ports: RulePorts;
  readonly #selectors: SelectorRows;
  readonly #bracket: Bracket;
  readonly #among: BitRow;
  readonly #rules = new Map<ReadyEntry['rule'], readonly PlanRule[]>();
  readonly #plans = new Map<string, Plan>();

  /** `among`: the destinations that are asked about. */
  constructor(ports: RulePorts, selectors: SelectorRows, bracket: Bracket, among: BitRow) {
    this.#ports = ports;
    this.#selectors = selectors;
    this.#bracket = bracket;
    this.#among = among;
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
    const open = !this.isolates(profile);
    const rules = new Set<PlanRule>();
    if (!open) for (const ready of this.rules(profile)) for (const rule of this.#rule(ready)) rules.add(rule);
    const key = open ? 'open' : [...rules].map(({ id }) => id).join();
    let plan = this.#plans.get(key);
    if (plan === undefined) this.#plans.set(key, (plan = { id: this.#plans.size, open, rules: [...rules] }));
    return plan;
  }

  /** None where a rule lets reach nobody. */
  #rule({ rule, peers }: ReadyEntry): readonly PlanRule[] {
    let known = this.#rules.get(rule);
    if (known === undefined) {
      const wide: BitRow[] = [];
      const own: BitRow[] = [];
      if (rule.peers.type === 'of' && peers !== 'any') {
        for (const [i, selector] of rule.peers.selectors.entries()) {
          const row = this.peerRow(selector, peers[i] as Matcher);
          if (meet(row, this.#among)) (relativity(selector) === 'none' ? wide : own).push(row);
        }
      }
      const any = peers === 'any';
      const made = {
        id: this.#rules.size,
        number: this.#ports.numberOf(rule),
        any,
        wide: unionRows(wide),
        own: unionRows(own),
      };
      this.#rules.set(rule, (known = any || wide.length > 0 || own.length > 0 ? [made] : []));
    }
    return known;
  }
}
