import type { Direction, PolicyEntry } from '../../model/index.js';
import type { Endpoint } from '../../compile/endpoint.js';
import { ReadyEntry } from '../../compile/ready-entry.js';
import type { WalkTier } from '../../eval/evaluate-direction.js';

/** Tells rules apart: object, direction, place in the object. */
export function ruleKey({ source, direction }: Pick<PolicyEntry, 'source' | 'direction'>): string {
  const { group, kind, namespace, name } = source.policy;
  return JSON.stringify([group, kind, namespace, name, direction, source.pointer]);
}

/** The tiers as they would be without a rule. Its policy goes on to isolate, as a policy does whatever rules it has. */
export function withoutRule(tiers: readonly WalkTier[], direction: Direction, key: string): readonly WalkTier[] {
  return tiers.map((tier) => {
    const base = tier.groups[direction];
    const groupsFor = (subject: Endpoint): readonly (readonly ReadyEntry[])[] =>
      base
        .groupsFor(subject)
        .map((group) => group.flatMap((entry) => (ruleKey(entry.entry) === key ? emptied(entry) : [entry])))
        .filter((group) => group.length > 0);
    return {
      ...tier,
      groups: { ...tier.groups, [direction]: { isEmpty: base.isEmpty, groupsFor, rulesFor: groupsFor } },
    };
  });
}

function emptied({ entry, subject }: ReadyEntry): readonly ReadyEntry[] {
  return entry.isolates ? [new ReadyEntry({ ...entry, peers: { type: 'none' } }, subject, [], null)] : [];
}
