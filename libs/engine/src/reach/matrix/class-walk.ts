import { familyOf } from '../../model/index.js';
import type { Direction, L7Question } from '../../model/index.js';
import type { Endpoint } from '../../compile/endpoint.js';
import { MAYBE, NO } from '../../compile/match-selector.js';
import { samePolicy } from '../../compile/policy-set.js';
import type { PolicySet, ReadyTier } from '../../compile/policy-set.js';
import type { ReadyEntry } from '../../compile/ready-entry.js';
import { passTarget } from '../../eval/walk-tiers.js';
import { exampleRequests } from '../../eval/example-requests.js';
import { asksWhetherCarried, matchCondition } from '../../eval/match-condition.js';
import { matchPorts } from '../../eval/match-ports.js';
import { flowAt } from '../../eval/flow.js';
import type { Flow } from '../../eval/flow.js';
import { orInto } from './bit-row.js';
import type { BitRow } from './bit-row.js';
import type { ClassTable } from './class-table.js';
import type { PortClass } from './port-classes.js';
import type { Applicable, Profile, ProfileTable } from './profiles.js';
import type { Bracket } from './row-bucket.js';
import type { RulePorts } from './rule-ports.js';
import type { SelectorRows } from './selector-rows.js';

/** One walk: of whom, at which port, and how what is open is read. */
class Walk {
  /** Whether a pass was met that may or may not match. */
  openPass = false;

  constructor(
    readonly direction: Direction,
    readonly subject: Endpoint,
    readonly profile: Profile,
    readonly port: PortClass,
    /** The word at which the window begins. */
    readonly start: number,
    readonly bracket: Bracket,
    /** Whether such a pass is followed. */
    readonly followPass: boolean,
    /** At that port. Where it asks for no request, what a rule allows for some requests it allows. */
    public flow: Flow,
  ) {}
}

/** The walk through the tiers for one subject class and all peer classes at once. */
export class ClassWalk {
  readonly #set: PolicySet;
  readonly #classes: ClassTable;
  readonly #ports: RulePorts;
  readonly #selectors: SelectorRows;
  readonly #profiles: Readonly<Record<Direction, ProfileTable>>;
  /** A row's worth of words that one walk may write to. */
  #scratch = new Uint32Array(0);
  /** Whether some rule of a profile asks if the mesh carries a connection. */
  readonly #askWhetherCarried = new Map<Profile, boolean>();
  readonly #examples = new Map<Profile, (readonly L7Question[] | undefined)[]>();

  constructor(
    set: PolicySet,
    classes: ClassTable,
    ports: RulePorts,
    selectors: SelectorRows,
    profiles: Readonly<Record<Direction, ProfileTable>>,
  ) {
    this.#set = set;
    this.#classes = classes;
    this.#ports = ports;
    this.#selectors = selectors;
    this.#profiles = profiles;
  }

  /** What selects a subject class. */
  profile(direction: Direction, subject: number): Profile {
    const { profiles, of } = this.#profiles[direction];
    return profiles[of[subject] as number] as Profile;
  }

  /**
   * Writes one direction's row of a subject class, limited to the window that begins at word `start`, into `out`. Where
   * it is open whether the mesh carries a connection, both are tried: certain is what holds either way, possible what
   * holds in one.
   */
  row(direction: Direction, subject: number, port: PortClass, start: number, out: Uint32Array, bracket: Bracket): void {
    const profile = this.profile(direction, subject);
    const representative = this.#classes.representatives[subject] as Endpoint;
    // Where a pass is open it is followed both ways.
    const walk = (flow: Flow, row: Uint32Array): void => {
      const make = (followPass: boolean): Walk =>
        new Walk(direction, representative, profile, port, start, bracket, followPass, flow);
      if (!this.#oneWay(make(false), row)) return;
      const other = new Uint32Array(row.length);
      this.#oneWay(make(true), other);
      join(row, other, bracket);
    };
    // What holds for those who authenticate holds, as what holds for some requests does.
    const flow: Flow = { authenticated: true, ...flowAt(port.protocol, port.port, null) };
    if (!this.#asksWhetherCarried(profile)) {
      walk(flow, out);
      return;
    }
    const other = new Uint32Array(out.length);
    walk({ ...flow, carried: false }, out);
    walk({ ...flow, carried: true }, other);
    join(out, other, bracket);
  }

  #asksWhetherCarried(profile: Profile): boolean {
    let known = this.#askWhetherCarried.get(profile);
    if (known === undefined) {
      known = profile.tiers.some((tier) => tier.some(({ ready }) => asksWhetherCarried(ready.rule)));
      this.#askWhetherCarried.set(profile, known);
    }
    return known;
  }

  /** Says whether it met a pass that may or may not match. */
  #oneWay(walk: Walk, out: Uint32Array): boolean {
    out.fill(0xffffffff);
    let at = 0;
    for (const { tiers } of this.#set.gates) {
      const examples = walk.bracket === 'certain' ? this.#examplesFor(walk.profile, at, tiers.length) : [];
      this.#forAny(examples, walk, out, (row) => this.#gate(walk, tiers, at, row));
      at += tiers.length;
    }
    return walk.openPass;
  }

  /** A connection passes a gate that some request passes: what the gate makes of none and of each of `requests`, together. */
  #forAny(requests: readonly L7Question[], walk: Walk, out: Uint32Array, gate: (row: Uint32Array) => void): void {
    if (requests.length === 0) {
      gate(out);
      return;
    }
    const { flow } = walk;
    const before = out.slice();
    out.fill(0);
    for (const request of [undefined, ...requests]) {
      const row = before.slice();
      walk.flow = request === undefined ? flow : { ...flow, l7: request };
      gate(row);
      let missing = false;
      for (let w = 0; w < out.length; w++) {
        out[w] = (out[w] as number) | (row[w] as number);
        if (out[w] !== before[w]) missing = true;
      }
      if (!missing) break;
    }
    walk.flow = flow;
  }

  /** Requests to try at a gate, whose tiers begin at `at`; none where it does not depend on them what it makes of a flow. */
  #examplesFor(profile: Profile, at: number, tiers: number): readonly L7Question[] {
    let ofGates = this.#examples.get(profile);
    if (ofGates === undefined) this.#examples.set(profile, (ofGates = []));
    let known = ofGates[at];
    if (known === undefined) {
      const entries = profile.tiers.slice(at, at + tiers).flatMap((tier) => tier.map(({ ready }) => ready));
      ofGates[at] = known = [...exampleRequests(entries)];
    }
    return known;
  }

  /** Narrows `out` to what one gate lets through; its tiers begin at `at`. */
  #gate(walk: Walk, tiers: readonly ReadyTier[], at: number, out: Uint32Array): void {
    const applicable = walk.profile.tiers;
    const speaking = tiers.filter((_, i) => (applicable[at + i] as readonly Applicable[]).length > 0);
    if (speaking.length === 0) return;
    if (speaking.length === 1) {
      const entries = applicable[at + tiers.indexOf(speaking[0] as ReadyTier)] as readonly Applicable[];
      if (entries.every(isPlainAllow)) {
        this.#allowsOnly(walk, entries, out);
        return;
      }
    }
    const open = new Uint32Array(out.length).fill(0xffffffff);
    const allowed = new Uint32Array(out.length);
    const waiting = new Map<number, Uint32Array>();
    for (let i = 0; i < tiers.length; i++) {
      const passed = waiting.get(i);
      if (passed !== undefined)
        for (let w = 0; w < open.length; w++) open[w] = (open[w] as number) | (passed[w] as number);
      const entries = applicable[at + i] as readonly Applicable[];
      if (entries.length === 0) continue;
      const target = passTarget(tiers, i);
      this.#tier(walk, entries, open, allowed, (row) => {
        let known = waiting.get(target);
        if (known === undefined) waiting.set(target, (known = new Uint32Array(out.length)));
        for (let w = 0; w < row.length; w++) known[w] = (known[w] as number) | (row[w] as number);
      });
    }
    const end = waiting.get(tiers.length);
    for (let w = 0; w < out.length; w++) {
      out[w] = (out[w] as number) & ((allowed[w] as number) | (open[w] as number) | (end?.[w] ?? 0));
    }
  }

  /** A tier of allows alone, as NetworkPolicy makes: what they admit, or everything when none of them isolates. */
  #allowsOnly(walk: Walk, entries: readonly Applicable[], out: Uint32Array): void {
    const { start, bracket } = walk;
    if (!entries.some(({ ready, certain }) => ready.rule.isolates && (certain || bracket === 'certain'))) return;
    if (this.#scratch.length !== out.length) this.#scratch = new Uint32Array(out.length);
    const admitted = this.#scratch.fill(0);
    for (const { ready, certain } of entries) {
      if (ready.rule.peers.type === 'none') continue;
      const row = this.#entryRow(walk, ready, certain);
      if (row !== null) orInto(admitted, start, row);
    }
    for (let w = 0; w < out.length; w++) out[w] = (out[w] as number) & (admitted[w] as number);
  }

  /** Moves bits from `open` to `allowed`, to a later tier, or away, as the entries of one tier decide. */
  #tier(
    walk: Walk,
    entries: readonly Applicable[],
    open: Uint32Array,
    allowed: Uint32Array,
    pass: (row: Uint32Array) => void,
  ): void {
    const { start, bracket } = walk;
    let isolated = false;
    let i = 0;
    while (i < entries.length) {
      const group = (entries[i] as Applicable).group;
      const matched = { allow: null, deny: null, pass: null } as Record<'allow' | 'deny' | 'pass', Uint32Array | null>;
      const tied = (entries[i] as Applicable).ready.rule.tieUndefined;
      let decided: { by: ReadyEntry; row: Uint32Array } | null = null;
      for (; i < entries.length && (entries[i] as Applicable).group === group; i++) {
        const { ready, certain } = entries[i] as Applicable;
        if (ready.rule.isolates && (certain || bracket === 'certain')) isolated = true;
        if (ready.rule.peers.type === 'none') continue;
        const row = this.#entryRow(walk, ready, certain);
        if (row === null) continue;
        const { action } = ready.rule;
        const into = matched[action] ?? (matched[action] = new Uint32Array(open.length));
        if (!tied) {
          orInto(into, start, row);
          continue;
        }
        // Rules of one policy keep their order: what an earlier one matched is not offered to a later one.
        if (decided === null || !samePolicy(decided.by, ready)) {
          decided = { by: ready, row: new Uint32Array(open.length) };
        }
        takeRest(row, start, decided.row, into);
      }
      settle(matched, open, allowed, pass, tied ? bracket : null);
    }
    if (isolated) open.fill(0);
  }

  /** The peers that an entry matches, or null for none. */
  #entryRow(walk: Walk, ready: ReadyEntry, certain: boolean): BitRow | null {
    const { direction, subject, port, bracket, flow } = walk;
    const { rule: entry } = ready;
    if (entry.conditions.some((condition) => matchCondition(condition, flow) === NO)) return null;
    // Conditions on the request alone do not make an allow uncertain: it holds for such requests. Where policies have no
    // order a request must suit them all, which is seen when it is tried.
    const forSome = entry.action === 'allow' && !entry.tieUndefined;
    const open = entry.conditions.some(
      (condition) => matchCondition(condition, flow) === MAYBE && (condition.type === 'unsupported' || !forSome),
    );
    const rows = this.#selectors.peers(ready, subject, familyOf(port.protocol));
    // Of a type of ICMP of which a rule names some codes.
    const someCodes = flow.icmp !== undefined && matchPorts(entry.ports, flow, subject) === MAYBE;
    const doubtful = !certain || open || someCodes;
    if (entry.action === 'pass' && (doubtful || rows.yes !== rows.maybe)) walk.openPass = true;
    const generous = { allow: bracket === 'possible', deny: bracket === 'certain', pass: walk.followPass }[
      entry.action
    ];
    if (doubtful && !generous) return null;
    const peers = generous ? rows.maybe : rows.yes;
    if (direction === 'egress') return this.#ports.within(peers, this.#ports.numberOf(entry), port);
    return matchPorts(entry.ports, flow, subject) === NO ? null : peers;
  }
}

/** What two ways have in common, or what either gives. */
function join(out: Uint32Array, other: Uint32Array, bracket: Bracket): void {
  for (let w = 0; w < out.length; w++) {
    const [a, b] = [out[w] as number, other[w] as number];
    out[w] = bracket === 'certain' ? a & b : a | b;
  }
}

function isPlainAllow({ ready }: Applicable): boolean {
  return ready.rule.action === 'allow';
}

/** Adds to `into` what of `row` is not in `taken` yet, and marks it taken. */
function takeRest(row: BitRow, start: number, taken: Uint32Array, into: Uint32Array): void {
  const found = new Uint32Array(taken.length);
  orInto(found, start, row);
  for (let w = 0; w < found.length; w++) {
    const rest = (found[w] as number) & ~(taken[w] as number);
    into[w] = (into[w] as number) | rest;
    taken[w] = (taken[w] as number) | rest;
  }
}

/** Takes out of `row` what is in `other`. */
function subtract(row: Uint32Array | null, other: Uint32Array | null): void {
  if (row === null || other === null) return;
  for (let w = 0; w < row.length; w++) row[w] = (row[w] as number) & ~(other[w] as number);
}

/**
 * One group of equal order: deny beats allow beats pass. Where the order among policies is not defined, `tie` says
 * whether the best or the worst of what they say counts; a pass leads to an allow or a deny, so it lies between them.
 */
function settle(
  matched: Readonly<Record<'allow' | 'deny' | 'pass', Uint32Array | null>>,
  open: Uint32Array,
  allowed: Uint32Array,
  pass: (row: Uint32Array) => void,
  tie: Bracket | null,
): void {
  const { allow, deny } = matched;
  if (tie === 'certain') {
    subtract(allow, matched.pass);
  } else if (tie === 'possible') {
    subtract(matched.pass, allow);
    subtract(deny, allow);
    subtract(deny, matched.pass);
  }
  if (deny !== null) for (let w = 0; w < open.length; w++) open[w] = (open[w] as number) & ~(deny[w] as number);
  if (allow !== null) {
    for (let w = 0; w < open.length; w++) {
      const hit = (open[w] as number) & (allow[w] as number);
      allowed[w] = (allowed[w] as number) | hit;
      open[w] = (open[w] as number) & ~hit;
    }
  }
  if (matched.pass === null) return;
  const leaving = new Uint32Array(open.length);
  for (let w = 0; w < open.length; w++) {
    leaving[w] = (open[w] as number) & (matched.pass[w] as number);
    open[w] = (open[w] as number) & ~(leaving[w] as number);
  }
  pass(leaving);
}
