import type { Direction } from '../../model/index.js';
import type { Endpoint } from '../../compile/endpoint.js';
import { MAYBE, NO } from '../../compile/match-selector.js';
import type { PolicySet, ReadyTier } from '../../compile/policy-set.js';
import type { SubjectIndex } from '../../compile/subject-index.js';
import type { EntryGroups } from '../../compile/subject-rules.js';
import { selecting } from '../../compile/ready-entry.js';
import type { ReadyEntry } from '../../compile/ready-entry.js';
import type { ClassTable } from './class-table.js';
import { readsTraitsAlone } from './selector-rows.js';

/** An entry that selects a class, with its place in its tier's order. */
export interface Applicable {
  readonly ready: ReadyEntry;
  readonly group: number;
  readonly certain: boolean;
}

/** The entries that select certain classes in one direction, by tier, the tiers of all gates in a row. */
export interface Profile {
  readonly number: number;
  readonly tiers: readonly (readonly Applicable[])[];
}

/** The profiles of one direction: very many classes have few of them, since namespaces are often alike. */
export interface ProfileTable {
  readonly profiles: readonly Profile[];
  /** By class, the number of its profile. */
  readonly of: Uint32Array;
}

/**
 * Groups classes by what selects them. Policies that share a pattern count as the same. On an `unenforced` node, where
 * no policy agent runs, only the mesh judges. Classes that are not asked about have no profile.
 */
export function profilesOf(
  set: PolicySet,
  classes: ClassTable,
  direction: Direction,
  unenforced: ReadonlySet<string>,
  isAsked: (id: number) => boolean = () => true,
): ProfileTable {
  const tiers = set.gates.flatMap(({ id, tiers: list }) => list.map((tier) => ({ tier, mesh: id === 'mesh' })));
  const numbers = new Map<ReadyEntry['rule'], number>();
  const known = new Map<string, Profile>();
  const profiles: Profile[] = [];
  const of = new Uint32Array(classes.count);
  const alike = new AlikeClasses(tiers.map(({ tier }) => tier.groups[direction]));
  for (let id = 0; id < classes.count; id++) {
    if (!isAsked(id)) continue;
    const subject = classes.representatives[id] as Endpoint;
    const free = unenforced.has(subject.node);
    const same = free ? null : alike.find(subject, classes.traits[id] as number);
    if (same !== null && same.profile >= 0) {
      of[id] = same.profile;
      continue;
    }
    const found = tiers.map(({ tier, mesh }) => (free && !mesh ? NOTHING : applicable(tier, direction, subject)));
    const key = found.map((entries) => entries.map((entry) => entryKey(entry, numbers)).join()).join('/');
    let profile = known.get(key);
    if (profile === undefined) {
      known.set(key, (profile = { number: profiles.length, tiers: found }));
      profiles.push(profile);
    }
    of[id] = profile.number;
    if (same !== null) same.profile = profile.number;
  }
  return { profiles, of };
}

/** Where one tier alone speaks and its rules read nothing but traits, classes of equal traits and rules are alike. */
class AlikeClasses {
  readonly #index: SubjectIndex | null;
  readonly #known = new Map<EntryGroups, Map<number, { profile: number }> | null>();

  constructor(indices: readonly SubjectIndex[]) {
    const speaking = indices.filter((index) => !index.isEmpty);
    this.#index = speaking.length === 1 ? (speaking[0] as SubjectIndex) : null;
  }

  /** The place for what is known of such classes, −1 while nothing is; null for a class that has to be looked at. */
  find(subject: Endpoint, traits: number): { profile: number } | null {
    if (this.#index === null) return null;
    const groups = this.#index.rulesFor(subject);
    let byTraits = this.#known.get(groups);
    if (byTraits === undefined) {
      const readable = groups.every((group) => group.every(({ rule }) => readsTraitsAlone(rule.subject)));
      this.#known.set(groups, (byTraits = readable ? new Map() : null));
    }
    if (byTraits === null) return null;
    let known = byTraits.get(traits);
    if (known === undefined) byTraits.set(traits, (known = { profile: -1 }));
    return known;
  }
}

function entryKey({ ready, group, certain }: Applicable, numbers: Map<ReadyEntry['rule'], number>): string | number {
  let number = numbers.get(ready.rule);
  if (number === undefined) numbers.set(ready.rule, (number = numbers.size));
  return certain && group === 0 ? number : `${number}${certain ? '' : '?'}@${group}`;
}

const NOTHING: readonly Applicable[] = [];

function applicable(tier: ReadyTier, direction: Direction, subject: Endpoint): readonly Applicable[] {
  const index = tier.groups[direction];
  if (index.isEmpty) return NOTHING;
  const out: Applicable[] = [];
  const selects = selecting(subject);
  for (const [group, entries] of index.rulesFor(subject).entries()) {
    for (const ready of entries) {
      const value = selects(ready);
      if (value !== NO) out.push({ ready, group, certain: value !== MAYBE });
    }
  }
  return out.length === 0 ? NOTHING : out;
}
