import type { Action, Selector } from '../../model/index.js';
import type { Matcher } from '../../compile/match-selector.js';
import type { PolicySet } from '../../compile/policy-set.js';
import { passTarget } from '../../eval/evaluate-direction.js';
import { EMPTY_ROW, hasBit, unionRows } from './bit-row.js';
import type { BitRow } from './bit-row.js';
import type { PortClass } from './port-classes.js';
import type { Applicable, Profile } from './profiles.js';
import type { RulePorts } from './rule-ports.js';
import { relativity } from './selector-rows.js';
import type { PeerRows, SelectorRows } from './selector-rows.js';

/** Two classes of pods that speak one address family, as one side's rules see them, and a port. */
export interface ClassPair {
  readonly peer: number;
  readonly destination: number;
  /** Whether both are of one namespace. */
  readonly near: boolean;
  readonly family: 4 | 6;
  readonly port: PortClass;
}

/** An entry as a few looks at bits. */
interface Instruction {
  readonly action: Action;
  readonly isolates: boolean;
  /** Whether the entry certainly selects the subject. */
  readonly certain: boolean;
  /** Whether bits say all there is to know of a match. */
  readonly settled: boolean;
  readonly tied: boolean;
  readonly family: 4 | 6 | null;
  /** Of its port specification; −1 when it takes any port. */
  readonly ports: number;
  /** Null for anyone. */
  readonly peers: PeerRows | null;
  /** Peers of the subject's own namespace alone. */
  readonly own: PeerRows;
}

/** A tier that speaks: its groups of equal order, and where a pass leads. */
interface TierProgram {
  readonly groups: readonly (readonly Instruction[])[];
  readonly passTo: number;
}

/** What the entries of one profile say of a pair of classes, with nothing made on the way. */
export class ClassProgram {
  readonly #ports: RulePorts;
  readonly #gates: readonly (readonly (TierProgram | null)[])[];

  constructor({ gates }: PolicySet, { tiers }: Profile, ports: RulePorts, selectors: SelectorRows) {
    this.#ports = ports;
    let at = 0;
    this.#gates = gates.map((gate) =>
      gate.tiers.map((_, i): TierProgram | null => {
        const entries = tiers[at++] as readonly Applicable[];
        if (entries.length === 0) return null;
        return { groups: groupsOf(entries, ports, selectors), passTo: passTarget(gate.tiers, i) };
      }),
    );
  }

  /** Whether every gate lets a pair pass; null where that takes a look at the endpoints themselves. */
  admits(pair: ClassPair): boolean | null {
    for (const tiers of this.#gates) {
      const admitted = this.#throughGate(tiers, pair);
      if (admitted !== true) return admitted;
    }
    return true;
  }

  #throughGate(tiers: readonly (TierProgram | null)[], pair: ClassPair): boolean | null {
    let i = 0;
    while (i < tiers.length) {
      const tier = tiers[i] as TierProgram | null;
      const action = tier === null ? 'next' : this.#throughTier(tier, pair);
      if (action === null) return null;
      if (action === 'allow' || action === 'deny') return action === 'allow';
      i = tier === null || action === 'next' ? i + 1 : tier.passTo;
    }
    return true;
  }

  #throughTier({ groups }: TierProgram, pair: ClassPair): Action | 'next' | null {
    let isolated = false;
    for (const group of groups) {
      let found: Action | null = null;
      for (const each of group) {
        if (each.isolates && !each.certain) return null;
        isolated ||= each.isolates;
        const matches = this.#matches(each, pair);
        if (matches === false) continue;
        if (matches === null || (each.tied && found !== null && found !== each.action)) return null;
        found = found === null ? each.action : stronger(found, each.action);
      }
      if (found !== null) return found;
    }
    return isolated ? 'deny' : 'next';
  }

  #matches(each: Instruction, pair: ClassPair): boolean | null {
    if (each.family !== null && each.family !== pair.family) return false;
    const { peer } = pair;
    const may = each.peers === null || hasBit(each.peers.maybe, peer) || (pair.near && hasBit(each.own.maybe, peer));
    if (!may || !this.#ports.admit(each.ports, pair.port, pair.destination)) return false;
    if (!each.settled) return null;
    if (each.peers === null || hasBit(each.peers.yes, peer)) return true;
    return pair.near && hasBit(each.own.yes, peer) ? true : null;
  }
}

/** Of two matches of equal order: deny beats allow beats pass. */
function stronger(a: Action, b: Action): Action {
  if (a === 'deny' || b === 'deny') return 'deny';
  return a === 'allow' || b === 'allow' ? 'allow' : 'pass';
}

function groupsOf(entries: readonly Applicable[], ports: RulePorts, selectors: SelectorRows): Instruction[][] {
  const groups: Instruction[][] = [];
  let last = -1;
  for (const each of entries) {
    if (each.group !== last) groups.push([]);
    last = each.group;
    groups.at(-1)?.push(instruction(each, ports, selectors));
  }
  return groups;
}

const NOBODY: PeerRows = { yes: EMPTY_ROW, maybe: EMPTY_ROW };

function instruction({ ready, certain }: Applicable, ports: RulePorts, selectors: SelectorRows): Instruction {
  const { rule } = ready;
  const { action, isolates, family } = rule;
  const all = rule.peers.type === 'of' && ready.peers !== 'any' ? rule.peers.selectors : [];
  const readable = all.every((selector) => relativity(selector) !== 'other');
  const rowsOf = (wanted: 'none' | 'namespace'): PeerRows => {
    const rows = all.flatMap((selector: Selector, i) =>
      relativity(selector) === wanted
        ? [selectors.ofSelector(selector, (ready.peers as readonly Matcher[])[i] as Matcher)]
        : [],
    );
    return rows.length === 0 ? NOBODY : { yes: union(rows, 'yes'), maybe: union(rows, 'maybe') };
  };
  return {
    action,
    isolates,
    certain,
    settled: certain && readable && rule.conditions.length === 0,
    tied: rule.tieUndefined,
    family,
    ports: ports.numberOf(rule),
    peers: ready.peers === 'any' || !readable ? null : rowsOf('none'),
    own: readable ? rowsOf('namespace') : NOBODY,
  };
}

function union(rows: readonly PeerRows[], which: keyof PeerRows): BitRow {
  return unionRows(rows.map((row) => row[which]));
}
