import type { Direction, DirectionReason, Limits, PolicyEntry } from '../model/index.js';
import type { Endpoint } from '../compile/endpoint.js';
import { MAYBE } from '../compile/match-selector.js';
import type { ReadyEntry } from '../compile/ready-entry.js';
import type { Flow } from './flow.js';
import { limitsOf } from './left-open.js';
import { matchCondition, readsPathEitherWay } from './match-condition.js';
import type { TraceRecorder } from './recorder.js';

/**
 * How an undecidable part is read: against the flow; against it, but taking the request to be one that a rule allows
 * (`requests`), and an outside address to be one of a name that it allows (`names`); or in favour of the flow.
 */
export type Reading = 'restrictive' | 'requests' | 'names' | 'permissive';

/** One walk through the tiers: what is asked, how open parts are read, and what was open on the way. */
export class Walk {
  /** Entries that could not be decided on the way; null while there is none, which is nearly always. */
  open: ReadyEntry[] | null = null;
  /** In the tier at hand a pass that may or may not match was met before anything was decided. */
  mayPass = false;
  /** What the request must be for each rule that may decide instead; null while there is none. */
  #beside: (readonly Limits[])[] | null = null;

  constructor(
    readonly direction: Direction,
    readonly subject: Endpoint,
    readonly peer: Endpoint,
    readonly flow: Flow,
    readonly reading: Reading,
    readonly recorder: TraceRecorder | null,
  ) {}

  leaveOpen(entry: ReadyEntry): void {
    if (this.open === null) this.open = [entry];
    else this.open.push(entry);
  }

  /** Another way that the flow may take; what lets it pass there asks for its requests too. */
  besideThat(...limits: readonly (readonly Limits[])[]): void {
    this.#beside = [...(this.#beside ?? []), ...limits];
  }

  /** Whether an allow that is open for another reason admits the request, or one that it names where that is assumed. */
  mayAdmitBy({ rule }: ReadyEntry): boolean {
    const open = this.#openRequests(rule);
    if (rule.action !== 'allow' || open.some((condition) => readsPathEitherWay(condition, this.flow))) return false;
    return open.length === 0 || this.reading === 'requests';
  }

  /** A rule that may decide admits the request. */
  admitsBy({ rule }: ReadyEntry): void {
    const open = this.#openRequests(rule);
    if (open.length > 0) this.besideThat([open]);
  }

  #openRequests({ conditions }: PolicyEntry): Limits {
    return conditions.filter((one) => one.type === 'l7' && matchCondition(one, this.flow) === MAYBE);
  }

  /** What must be so that an outcome allows: of rules that have no order each may be the one that decides. */
  asks({ allowed, determining }: Outcome): readonly (readonly Limits[])[] {
    if (!allowed) return [];
    const apart = hasNoOrder(determining) ? determining.map((entry) => [entry]) : [determining];
    return apart.map((entries) => limitsOf(entries, this.flow, this) ?? []).filter((limits) => limits.length > 0);
  }

  /** The same for an outcome of the whole walk, with every other way that it may take. */
  asksInAll(outcome: Outcome): readonly (readonly Limits[])[] {
    return outcome.allowed ? [...(this.#beside ?? []), ...this.asks(outcome)] : [];
  }
}

export interface Outcome {
  readonly allowed: boolean;
  readonly reason: DirectionReason;
  readonly determining: readonly ReadyEntry[];
}

export const DEFAULT_ALLOW: Outcome = { allowed: true, reason: 'default-allow', determining: [] };

/** Whether the kind leaves open which of the rules decides. */
export const hasNoOrder = (entries: readonly ReadyEntry[]): boolean => entries.some(({ rule }) => rule.tieUndefined);
