import { podLabelTest } from '../model/index.js';
import type { PolicyEntry, Selector } from '../model/index.js';
import type { Endpoint } from './endpoint.js';
import type { ReadyEntry } from './ready-entry.js';

/** Entries in order, those of equal order together. */
export type EntryGroups = readonly (readonly ReadyEntry[])[];

/** From so many entries on, looking at them all takes longer than looking up those of a label. */
const MANY = 12;
/** A test of more values than this is asked by itself, so that entries are not listed under very many. */
const MOST_VALUES = 16;

/**
 * Groups of entries, of which a subject is shown those that its value of one label leaves: where there are many policies,
 * each mostly selects the pods of one app. That label is the one which the most subjects ask for.
 */
export class SubjectRules {
  readonly #all: EntryGroups;
  /** Null where no label tells enough of the entries apart. */
  readonly #key: string | null;
  readonly #values: ReadonlySet<string>;
  readonly #byValue = new Map<string, EntryGroups>();
  #others: EntryGroups | null = null;

  constructor(groups: EntryGroups) {
    this.#all = groups;
    this.#key = tellingKey(groups.flat().map(({ rule }) => rule.subject));
    this.#values = new Set(this.#key === null ? [] : groups.flat().flatMap((ready) => this.#valuesOf(ready) ?? []));
  }

  /** The groups without entries that cannot select an endpoint. */
  for({ labels }: Endpoint): EntryGroups {
    if (this.#key === null) return this.#all;
    const value = labels[this.#key];
    if (value === undefined || !this.#values.has(value)) return (this.#others ??= this.#leftBy(null));
    let known = this.#byValue.get(value);
    if (known === undefined) this.#byValue.set(value, (known = this.#leftBy(value)));
    return known;
  }

  #leftBy(value: string | null): EntryGroups {
    const stays = (ready: ReadyEntry): boolean => {
      const values = this.#valuesOf(ready);
      return values === null || (value !== null && values.includes(value));
    };
    return this.#all.map((group) => group.filter(stays)).filter((group) => group.length > 0);
  }

  /** The values of the label that an entry may select; null for any. */
  #valuesOf({ rule }: ReadyEntry): readonly string[] | null {
    return valuesOf(rule.subject, this.#key as string);
  }
}

function valuesOf(subject: Selector, key: string): readonly string[] | null {
  const test = podLabelTest(subject, (tested) => tested === key);
  return test === null || test.values.length > MOST_VALUES ? null : test.values;
}

/** The label that the most of many subjects ask for, where these are three quarters of them: others are shown to all. */
function tellingKey(subjects: readonly Selector[]): string | null {
  if (subjects.length < MANY) return null;
  const counts = new Map<string, number>();
  for (const subject of subjects) {
    // Who asks for several labels is listed under the first of them that there is.
    const test = podLabelTest(subject);
    if (test !== null) counts.set(test.key, (counts.get(test.key) ?? 0) + 1);
  }
  const [key, count] = [...counts].reduce((a, b) => (b[1] > a[1] ? b : a), ['', 0]);
  return count * 4 >= subjects.length * 3 ? key : null;
}

/** The same groups, each with what has no order first, then what denies, allows and passes. */
export function strongestFirst(groups: EntryGroups): EntryGroups {
  const rank = ({ rule }: ReadyEntry): number => (rule.tieUndefined ? -1 : STRENGTH.indexOf(rule.action));
  return groups.map((entries) => [...entries].sort((a, b) => rank(a) - rank(b)));
}

const STRENGTH: readonly PolicyEntry['action'][] = ['deny', 'allow', 'pass'];
