import { NO, YES } from '#engine';
import type { Direction, Endpoint, EntryGroups, PolicySet, ReadyEntry, RuleRef } from '#engine';

/** Whether some policy isolates an endpoint in a direction. */
export interface Isolation {
  /** `unknown` when a policy that may isolate it cannot be evaluated. */
  readonly isolated: 'yes' | 'no' | 'unknown';
  readonly by: readonly RuleRef[];
}

/** Whether policy closes endpoints by default; each is looked at once. */
export class Isolations {
  readonly #known = { ingress: new Map<Endpoint, Isolation>(), egress: new Map<Endpoint, Isolation>() };
  readonly #closing = new WeakMap<EntryGroups, readonly ClosingEntry[]>();

  constructor(private readonly set: PolicySet) {}

  of(endpoint: Endpoint, direction: Direction): Isolation {
    const known = this.#known[direction];
    let found = known.get(endpoint);
    if (found === undefined) known.set(endpoint, (found = this.#isolationOf(endpoint, direction)));
    return found;
  }

  #isolationOf(endpoint: Endpoint, direction: Direction): Isolation {
    const by: RuleRef[] = [];
    const unsure: ReadyEntry[] = [];
    eachGroupsOf(this.set, endpoint, direction, (groups) => {
      for (const { ready, surely } of this.#closingOf(groups)) {
        const selected = ready.subject(endpoint, endpoint);
        if (selected === YES && surely) by.push(ready.entry.source);
        else if (selected !== NO) unsure.push(ready);
      }
    });
    if (by.length > 0) return { isolated: 'yes', by };
    return { isolated: unsure.length > 0 ? 'unknown' : 'no', by };
  }

  /** Few entries close anything; the pods of a namespace share them. */
  #closingOf(groups: EntryGroups): readonly ClosingEntry[] {
    let found = this.#closing.get(groups);
    if (found === undefined) this.#closing.set(groups, (found = closingAmong(groups)));
    return found;
  }
}

/** Every group of entries of the endpoint's namespace or of all, in order, whether their subjects match or not. */
export function eachGroupsOf(
  set: PolicySet,
  endpoint: Endpoint,
  direction: Direction,
  visit: (groups: EntryGroups) => void,
): void {
  for (const { tiers } of set.gates) {
    for (const { groups } of tiers) visit(groups[direction].groupsFor(endpoint));
  }
}

/** An entry that closes its subjects, or may. */
interface ClosingEntry {
  readonly ready: ReadyEntry;
  readonly surely: boolean;
}

function closingAmong(groups: EntryGroups): readonly ClosingEntry[] {
  return groups.flat().flatMap((ready) => {
    const closing = closes(ready);
    return closing === 'no' ? [] : [{ ready, surely: closing === 'yes' }];
  });
}

/** Whether an entry closes its subjects by default: it isolates, or it denies everything that comes to it. */
function closes({ rule: entry }: ReadyEntry): 'yes' | 'no' | 'unknown' {
  if (entry.isolates) return 'yes';
  if (entry.action !== 'deny' || entry.peers.type !== 'any') return 'no';
  if (entry.ports.include !== 'any' || entry.ports.except.length > 0 || entry.family !== null) return 'no';
  if (entry.conditions.some((condition) => condition.type === 'unsupported')) return 'unknown';
  return entry.conditions.length === 0 ? 'yes' : 'no';
}
