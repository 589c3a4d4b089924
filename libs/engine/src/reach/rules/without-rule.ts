import type { Direction, PolicyEntry } from '../../model/index.js';
import type { Endpoint } from '../../compile/endpoint.js';
import { ReadyEntry } from '../../compile/ready-entry.js';
import { strongestFirst } from '../../compile/subject-rules.js';
import type { EntryGroups } from '../../compile/subject-rules.js';
import type { WalkTier } from '../../eval/walk-tiers.js';

/** Tells rules apart: object, direction, place in the object. */
export function ruleKey({ source, direction }: Pick<PolicyEntry, 'source' | 'direction'>): string {
  const { group, kind, namespace, name } = source.policy;
  return JSON.stringify([group, kind, namespace, name, direction, source.pointer]);
}

/** What a tier says of a subject without a rule, as `SubjectIndex` tells it. */
interface Cut {
  readonly groups: EntryGroups;
  readonly rules: EntryGroups;
}

/** The tiers as they would be without a rule. Its policy goes on to isolate, as a policy does whatever rules it has. */
export function withoutRule(tiers: readonly WalkTier[], direction: Direction, key: string): readonly WalkTier[] {
  return tiers.map((tier) => {
    const base = tier.groups[direction];
    const made = new Map<EntryGroups, Cut>();
    const cut = (subject: Endpoint): Cut => {
      const all = base.groupsFor(subject);
      let known = made.get(all);
      if (known === undefined) {
        const groups = all
          .map((group) => group.flatMap((entry) => (ruleKey(entry.entry) === key ? emptied(entry) : [entry])))
          .filter((group) => group.length > 0);
        made.set(all, (known = { groups, rules: strongestFirst(groups) }));
      }
      return known;
    };
    const groups = {
      isEmpty: base.isEmpty,
      groupsFor: (subject: Endpoint) => cut(subject).groups,
      rulesFor: (subject: Endpoint) => cut(subject).rules,
    };
    return { ...tier, groups: { ...tier.groups, [direction]: groups } };
  });
}

function emptied({ entry, subject }: ReadyEntry): readonly ReadyEntry[] {
  return entry.isolates ? [new ReadyEntry({ ...entry, peers: { type: 'none' } }, subject, [], null)] : [];
}
