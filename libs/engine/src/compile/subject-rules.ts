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
  /** By group and place, the values of the label that an entry may select; null for any. */
  readonly #values: readonly (readonly (readonly string[] | null)[])[];
  /** Made when asked for; null until then. */
  readonly #byValue: Map<string, EntryGroups | null>;
  #others: EntryGroups | null = null;

  constructor(groups: EntryGroups) {
    const key = tellingKey(groups.flat());
    this.#all = groups;
    this.#key = key;
    this.#values = key === null ? [] : groups.map((group) => group.map(({ rule }) => valuesOf(rule.subject, key)));
    const values = this.#values.flat(2).filter((value) => value !== null);
    this.#byValue = new Map(values.map((value) => [value, null]));
  }

  /** The groups without entries that cannot select an endpoint. */
  for({ labels }: Endpoint): EntryGroups {
    if (this.#key === null) return this.#all;
    const value = labels[this.#key];
    if (value === undefined) return this.#rest;
    const known = this.#byValue.get(value);
    if (known === undefined) return this.#rest;
    if (known !== null) return known;
    const made = this.#leftBy(value);
    this.#byValue.set(value, made);
    return made;
  }

  /** Those for values that no entry asks for. */
  get #rest(): EntryGroups {
    return (this.#others ??= this.#leftBy(null));
  }

  #leftBy(value: string | null): EntryGroups {
    return this.#all
      .map((group, g) =>
        group.filter((_, i) => {
          const values = this.#values[g]?.[i] ?? null;
          return values === null || (value !== null && values.includes(value));
        }),
      )
      .filter((group) => group.length > 0);
  }
}

function valuesOf(subject: Selector, key: string): readonly string[] | null {
  const test = podLabelTest(subject, (tested) => tested === key);
  return test === null || test.values.length > MOST_VALUES ? null : test.values;
}

/** The label that the most of many entries ask for, where these are three quarters of them: others are shown to all. */
function tellingKey(entries: readonly ReadyEntry[]): string | null {
  if (entries.length < MANY) return null;
  const counts = new Map<string, number>();
  for (const { rule } of entries) {
    // Who asks for several labels counts for the first of them alone.
    const test = podLabelTest(rule.subject);
    if (test !== null) counts.set(test.key, (counts.get(test.key) ?? 0) + 1);
  }
  const [key, count] = [...counts].reduce((a, b) => (b[1] > a[1] ? b : a), ['', 0]);
  return count * 4 >= entries.length * 3 ? key : null;
}

/** The same groups, each with what has no order first, then what denies, allows and passes. */
export function strongestFirst(groups: EntryGroups): EntryGroups {
  const rank = ({ rule }: ReadyEntry): number => (rule.tieUndefined ? -1 : STRENGTH.indexOf(rule.action));
  return groups.map((entries) => [...entries].sort((a, b) => rank(a) - rank(b)));
}

const STRENGTH: readonly PolicyEntry['action'][] = ['deny', 'allow', 'pass'];
