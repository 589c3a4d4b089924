import { and, readsNamespaceAlone } from '../model/index.js';
import type { CompiledPolicy, Direction, Labels, ObjectRef, Selector } from '../model/index.js';
import { BoundPolicy } from './bound-policy.js';
import type { Endpoint } from './endpoint.js';
import { LayeredMap } from './layered-map.js';
import { compileSelector, NO } from './match-selector.js';
import type { Matcher } from './match-selector.js';
import { NamespaceMemo } from './namespace-memo.js';
import type { ReadyEntry } from './ready-entry.js';
import type { ReadyTable } from './ready-table.js';
import { strongestFirst, SubjectRules } from './subject-rules.js';
import type { EntryGroups } from './subject-rules.js';

/** An entry confined to certain namespaces, or a policy of which the entries are made when they are asked for. */
type Local = ReadyEntry | BoundPolicy;
const NOTHING: EntryGroups = [];

/** What an index holds of one namespace, and the groups made of it so far. Indices that share it share those. */
class NamespacePart {
  readonly list: readonly Local[];
  groups: EntryGroups | null = null;
  rules: SubjectRules | null = null;

  constructor(list: readonly Local[]) {
    this.list = list;
  }
}

const NO_PART = new NamespacePart([]);

/**
 * Groups of equal order, found by the subject's namespace: most policies select inside one namespace, and only those
 * of the subject's own are looked at.
 */
export class SubjectIndex {
  readonly #direction: Direction;
  readonly #table: ReadyTable;
  readonly #global: readonly ReadyEntry[];
  readonly #local: LayeredMap<string, NamespacePart>;
  readonly #known: KnownGroups;
  /** Rules of namespaces, where there are no global ones. */
  readonly #rules = new NamespaceMemo<SubjectRules>();
  /** Groups of namespaces, likewise. */
  readonly #groups = new NamespaceMemo<EntryGroups>();

  constructor(
    direction: Direction,
    table: ReadyTable,
    global: readonly ReadyEntry[],
    local: LayeredMap<string, NamespacePart>,
    known: KnownGroups = new KnownGroups(),
  ) {
    this.#direction = direction;
    this.#table = table;
    this.#global = global;
    this.#local = local;
    this.#known = known;
  }

  /** True when no policy of the snapshot says anything here. */
  get isEmpty(): boolean {
    return this.#global.length === 0 && this.#local.size === 0;
  }

  /** Groups that may concern a subject, in order. */
  groupsFor(subject: Endpoint): EntryGroups {
    if (this.#global.length > 0) return this.#amongGlobal(subject, this.#partOf(subject)).groups;
    if (this.#local.size === 0) return NOTHING;
    return this.#groups.get(subject) ?? this.#groups.set(subject, this.#localGroups(subject));
  }

  /**
   * The same for those who do not ask which policy: entries of a pattern stand for all policies that share it, namespaces
   * with the same patterns share their groups, in each group stands first what beats the others, and most of what cannot
   * select the subject is left out.
   */
  rulesFor(subject: Endpoint): EntryGroups {
    if (this.#global.length > 0) return this.#amongGlobal(subject, this.#partOf(subject)).rules.for(subject);
    if (this.#local.size === 0) return NOTHING;
    return (this.#rules.get(subject) ?? this.#rules.set(subject, this.#localRules(subject))).for(subject);
  }

  #localGroups(subject: Endpoint): EntryGroups {
    const part = this.#partOf(subject);
    return (part.groups ??= group(part.list.flatMap((each) => this.#entriesOf(each))));
  }

  #localRules(subject: Endpoint): SubjectRules {
    const part = this.#partOf(subject);
    return (part.rules ??= this.#sharedRules(part.list) ?? rulesOf(this.groupsFor(subject)));
  }

  #partOf({ namespace }: Endpoint): NamespacePart {
    return this.#local.size === 0 ? NO_PART : (this.#local.get(namespace) ?? NO_PART);
  }

  /** The groups of a namespace without the entries whose subjects its name and labels rule out. */
  #amongGlobal(subject: Endpoint, part: NamespacePart): MadeGroups {
    const { namespace, namespaceLabels } = subject;
    const known = this.#known.byLabels.get(namespaceLabels);
    if (known?.part === part && known.namespace === namespace) return known;
    const made = this.#known.made(this.#global, subject, part, (global) =>
      group([...global, ...part.list.flatMap((each) => this.#entriesOf(each))]),
    );
    this.#known.byLabels.set(namespaceLabels, made);
    return made;
  }

  /** Null where a policy shares nothing, or the order among policies depends on their names. */
  #sharedRules(list: readonly Local[]): SubjectRules | null {
    let key = '';
    const entries: (readonly ReadyEntry[])[] = [];
    const [first] = list;
    for (const policy of list) {
      if (!(policy instanceof BoundPolicy) || policy.order !== (first as BoundPolicy).order) return null;
      const pattern = this.#table.pattern(policy.pattern);
      key += `${pattern.number},`;
      entries.push(pattern.entries[this.#direction]);
    }
    let rules = this.#known.byPatterns.get(key);
    if (rules === undefined) this.#known.byPatterns.set(key, (rules = rulesOf([entries.flat()])));
    return rules;
  }

  #entriesOf(local: Local): readonly ReadyEntry[] {
    if (!(local instanceof BoundPolicy)) return [local];
    return this.#table.pattern(local.pattern).entries[this.#direction].map((ready) => ready.boundTo(local));
  }

  /** The index with some policies in the place of others; shares with this one what they do not concern. */
  with(removed: readonly CompiledPolicy[], added: readonly SubjectPart[]): SubjectIndex {
    let local = this.#local;
    const change = (namespace: string, edit: (list: readonly Local[]) => readonly Local[]): void => {
      const before = local.get(namespace)?.list ?? NO_PART.list;
      const list = edit(before);
      if (list.length === before.length) return;
      local = local.with(namespace, list.length === 0 ? undefined : new NamespacePart(list));
    };
    const gone = new Set<CompiledPolicy['entries'][number] | CompiledPolicy>();
    for (const policy of removed) {
      gone.add(policy);
      if (!(policy instanceof BoundPolicy)) for (const entry of policy.entries) gone.add(entry);
    }
    const stays = (each: Local): boolean => !gone.has(each instanceof BoundPolicy ? each : each.rule);
    for (const namespace of new Set(removed.flatMap(namespacesOfPolicy))) {
      change(namespace, (list) => list.filter(stays));
    }
    const global = this.#global.filter(stays);
    const more: ReadyEntry[] = [];
    for (const { namespace, part } of added) {
      if (namespace === null) more.push(part as ReadyEntry);
      else change(namespace, (list) => [...list, part].sort(compareParts));
    }
    const sameGlobal = more.length === 0 && global.length === this.#global.length;
    return new SubjectIndex(
      this.#direction,
      this.#table,
      sameGlobal ? this.#global : [...global, ...more],
      local,
      sameGlobal ? this.#known : new KnownGroups(),
    );
  }
}

/** Groups made so far: by patterns, and where there are global entries. Indices that share entries share them. */
class KnownGroups {
  readonly byPatterns = new Map<string, SubjectRules>();
  /** Where there are global entries: by the labels of a namespace. */
  readonly byLabels = new WeakMap<Labels, MadeGroups>();
  /** Of namespaces without entries of their own, by the places of the global entries that may concern them. */
  readonly #byPlaces = new Map<string, Pick<MadeGroups, 'groups' | 'rules'>>();
  /** What the subjects of global entries say of the namespace alone. */
  #tests: readonly Matcher[] | null = null;

  /** Groups of the global entries that may concern a subject, with those of its namespace. */
  made(
    global: readonly ReadyEntry[],
    subject: Endpoint,
    part: NamespacePart,
    group: (global: readonly ReadyEntry[]) => EntryGroups,
  ): MadeGroups {
    const tests = (this.#tests ??= global.map(({ rule }) => namespaceTest(rule.subject)));
    const places = [...global.keys()].filter((i) => tests[i]?.(subject, subject) !== NO);
    const key = places.join();
    let known = part === NO_PART ? this.#byPlaces.get(key) : undefined;
    if (known === undefined) {
      const groups = group(places.map((i) => global[i] as ReadyEntry));
      known = { groups, rules: rulesOf(groups) };
      if (part === NO_PART) this.#byPlaces.set(key, known);
    }
    return { namespace: subject.namespace, part, ...known };
  }
}

/** The groups of a namespace, with what they were made for. */
interface MadeGroups {
  readonly namespace: string;
  readonly part: NamespacePart;
  readonly groups: EntryGroups;
  readonly rules: SubjectRules;
}

const rulesOf = (groups: EntryGroups): SubjectRules => new SubjectRules(strongestFirst(groups));

function namespaceTest(subject: Selector): Matcher {
  return compileSelector(and(...(subject.type === 'and' ? subject.of : [subject]).filter(readsNamespaceAlone)));
}

/** Something that a `SubjectIndex` holds; null is every namespace. */
export interface SubjectPart {
  readonly namespace: string | null;
  readonly part: Local;
}

/** Where an entry belongs. */
export function partsOfEntry(entry: ReadyEntry): readonly SubjectPart[] {
  const names = namespacesOfSubject(entry.rule.subject);
  return names === null ? [{ namespace: null, part: entry }] : names.map((namespace) => ({ namespace, part: entry }));
}

/** Collects the parts of an index, in order of policy. */
export class SubjectParts {
  readonly #global: ReadyEntry[] = [];
  readonly #local = new Map<string, NamespacePart>();
  /** What came last, all of one namespace. */
  readonly #run: Local[] = [];
  #home = '';

  addEntry(entry: ReadyEntry): void {
    for (const { namespace, part } of partsOfEntry(entry)) {
      if (namespace === null) this.#global.push(entry);
      else this.addLocal(namespace, part);
    }
  }

  addLocal(namespace: string, local: Local): void {
    if (namespace !== this.#home) this.#settle();
    this.#home = namespace;
    this.#run.push(local);
  }

  /** Mostly what is of one namespace comes together: its list then has the room that it needs and no more. */
  #settle(): void {
    const known = this.#local.get(this.#home)?.list as Local[] | undefined;
    if (known !== undefined) for (const local of this.#run) known.push(local);
    else if (this.#run.length > 0) this.#local.set(this.#home, new NamespacePart(this.#run.slice()));
    this.#run.length = 0;
  }

  index(direction: Direction, table: ReadyTable): SubjectIndex {
    this.#settle();
    return new SubjectIndex(direction, table, this.#global, LayeredMap.of<string, NamespacePart>(this.#local));
  }
}

function namespacesOfPolicy(policy: CompiledPolicy): readonly string[] {
  if (policy instanceof BoundPolicy) return [policy.namespace];
  return policy.entries.flatMap((entry) => namespacesOfSubject(entry.subject) ?? []);
}

/** The namespaces a subject is confined to, or null when it is not confined to any. */
export function namespacesOfSubject(subject: Selector): readonly string[] | null {
  if (subject.type === 'namespace') return subject.names;
  if (subject.type !== 'and') return null;
  for (const member of subject.of) if (member.type === 'namespace') return member.names;
  return null;
}

function group(entries: readonly ReadyEntry[]): ReadyEntry[][] {
  const sorted = [...entries].sort((a, b) => compareOrder(a.order, b.order) || compareSource(a, b));
  const out: ReadyEntry[][] = [];
  for (const entry of sorted) {
    const last = out.at(-1);
    if (last !== undefined && compareOrder((last[0] as ReadyEntry).order, entry.order) === 0) last.push(entry);
    else out.push([entry]);
  }
  return out;
}

/** Element by element; numbers before text; a prefix comes first. */
export function compareOrder(a: readonly (number | string)[], b: readonly (number | string)[]): number {
  for (let i = 0; i < Math.max(a.length, b.length); i++) {
    const x = a[i];
    const y = b[i];
    if (x === y) continue;
    if (x === undefined) return -1;
    if (y === undefined) return 1;
    if (typeof x !== typeof y) return typeof x === 'number' ? -1 : 1;
    return x < y ? -1 : 1;
  }
  return 0;
}

/** A stable order among entries of one group, so that explanations do not depend on the order of objects. */
function compareSource(a: ReadyEntry, b: ReadyEntry): number {
  return compareRefs(a.policy, b.policy) || a.rule.source.index - b.rule.source.index;
}

function compareRefs(x: ObjectRef, y: ObjectRef): number {
  return (
    compareText(x.namespace, y.namespace) ||
    compareText(x.name, y.name) ||
    compareText(x.kind, y.kind) ||
    compareText(x.group, y.group)
  );
}

/** The policies of a namespace stand in the order of the snapshot's. */
function compareParts(a: Local, b: Local): number {
  return compareRefs(a.policy, b.policy);
}

const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
