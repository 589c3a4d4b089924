import type { CompiledPolicy, Direction, PolicyEntry, Selector, Semantics, Tier } from '../model/index.js';
import { BoundPolicy } from './bound-policy.js';
import type { Endpoint } from './endpoint.js';
import type { ReadyEntry } from './ready-entry.js';
import { ReadyTable } from './ready-table.js';

/** A tier with its entries in order; entries with equal keys stand together in one group. */
export interface ReadyTier {
  readonly tier: Tier;
  readonly groups: Readonly<Record<Direction, SubjectIndex>>;
}

/** All entries of one snapshot under one reading, ordered and indexed. */
export interface PolicySet {
  readonly semantics: Semantics;
  /** Tiers of each gate, in order of evaluation. */
  readonly gates: readonly { readonly id: Tier['gate']; readonly tiers: readonly ReadyTier[] }[];
  readonly policies: readonly CompiledPolicy[];
  /** Every entry once that differs in more than its policy and namespace: what there is to know of ports and labels. */
  readonly rules: readonly PolicyEntry[];
}

/** An entry confined to certain namespaces, or a policy of which the entries are made when they are asked for. */
type Local = ReadyEntry | BoundPolicy;

/**
 * Groups of equal order, found by the subject's namespace: most policies select inside one namespace, and only those
 * of the subject's own are looked at.
 */
export class SubjectIndex {
  readonly #direction: Direction;
  readonly #table: ReadyTable;
  readonly #global: readonly ReadyEntry[];
  readonly #local: ReadonlyMap<string, readonly Local[]>;
  /** Ordered on first use: many namespaces are never asked about. '' holds the groups of every other subject. */
  readonly #groups = new Map<string, readonly (readonly ReadyEntry[])[]>();
  /** Groups that namespaces share, by the numbers of their patterns. */
  readonly #rules = new Map<string, readonly (readonly ReadyEntry[])[]>();
  #lastRules: { readonly namespace: string; readonly groups: readonly (readonly ReadyEntry[])[] } | null = null;

  constructor(direction: Direction, table: ReadyTable, parts: SubjectParts) {
    this.#direction = direction;
    this.#table = table;
    this.#global = parts.global;
    this.#local = parts.local;
  }

  /** True when no policy of the snapshot says anything here. */
  get isEmpty(): boolean {
    return this.#global.length === 0 && this.#local.size === 0;
  }

  /** Groups that may concern a subject, in order. */
  groupsFor(subject: Endpoint): readonly (readonly ReadyEntry[])[] {
    const key = this.#local.has(subject.namespace) ? subject.namespace : '';
    let groups = this.#groups.get(key);
    if (groups === undefined) {
      groups = group([...this.#global, ...(this.#local.get(key) ?? []).flatMap((local) => this.#entriesOf(local))]);
      this.#groups.set(key, groups);
    }
    return groups;
  }

  /**
   * The same for those who do not ask which policy: entries of a pattern stand for all policies that share it, and
   * namespaces with the same patterns share their groups.
   */
  rulesFor(subject: Endpoint): readonly (readonly ReadyEntry[])[] {
    if (this.#lastRules?.namespace === subject.namespace) return this.#lastRules.groups;
    const groups = this.#sharedRules(subject) ?? this.groupsFor(subject);
    this.#lastRules = { namespace: subject.namespace, groups };
    return groups;
  }

  /** Null where a policy of the namespace shares nothing, or the order among its policies depends on their names. */
  #sharedRules({ namespace }: Endpoint): readonly (readonly ReadyEntry[])[] | null {
    const local = this.#local.get(namespace);
    if (local === undefined || this.#global.length > 0) return null;
    let key = '';
    const entries: (readonly ReadyEntry[])[] = [];
    const [first] = local;
    for (const policy of local) {
      if (!(policy instanceof BoundPolicy) || policy.order !== (first as BoundPolicy).order) return null;
      const pattern = this.#table.pattern(policy.pattern);
      key += `${pattern.number},`;
      entries.push(pattern.entries[this.#direction]);
    }
    let groups = this.#rules.get(key);
    if (groups === undefined) this.#rules.set(key, (groups = [entries.flat()]));
    return groups;
  }

  #entriesOf(local: Local): readonly ReadyEntry[] {
    if (!(local instanceof BoundPolicy)) return [local];
    return this.#table.pattern(local.pattern).entries[this.#direction].map((ready) => ready.boundTo(local));
  }
}

/** What a `SubjectIndex` is made of. */
class SubjectParts {
  readonly global: ReadyEntry[] = [];
  readonly local = new Map<string, Local[]>();

  addEntry(entry: ReadyEntry): void {
    const names = namespacesOf(entry.rule.subject);
    if (names === null) this.global.push(entry);
    else for (const name of names) this.addLocal(name, entry);
  }

  addLocal(namespace: string, local: Local): void {
    const known = this.local.get(namespace);
    if (known === undefined) this.local.set(namespace, [local]);
    else known.push(local);
  }
}

/** The namespaces a subject is confined to, or null when it is not confined to any. */
function namespacesOf(subject: Selector): readonly string[] | null {
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
  const [x, y] = [a.policy, b.policy];
  return (
    compareText(x.namespace, y.namespace) ||
    compareText(x.name, y.name) ||
    compareText(x.kind, y.kind) ||
    compareText(x.group, y.group) ||
    a.rule.source.index - b.rule.source.index
  );
}

const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** Whether two entries come from one policy object. */
export function samePolicy(a: ReadyEntry, b: ReadyEntry): boolean {
  const [x, y] = [a.policy, b.policy];
  return x === y || (x.name === y.name && x.namespace === y.namespace && x.kind === y.kind && x.group === y.group);
}

/** The entries of one tier by direction. */
type Bucket = Readonly<Record<Direction, SubjectParts>>;

/** Orders and indexes compiled policies. Tiers that no entry uses are kept: answers name them as "not isolated". */
export function buildPolicySet(
  policies: readonly CompiledPolicy[],
  tiers: readonly Tier[],
  semantics: Semantics,
  table: ReadyTable = new ReadyTable(),
): PolicySet {
  const buckets = new Map<string, Bucket>();
  const bucketOf = (tier: string): Bucket => {
    let bucket = buckets.get(tier);
    if (bucket === undefined) {
      buckets.set(tier, (bucket = { ingress: new SubjectParts(), egress: new SubjectParts() }));
    }
    return bucket;
  };
  for (const policy of policies) {
    if (policy instanceof BoundPolicy) {
      const { tier, directions } = table.pattern(policy.pattern);
      for (const direction of directions) bucketOf(tier)[direction].addLocal(policy.policy.namespace, policy);
    } else {
      for (const entry of policy.entries) bucketOf(entry.tier)[entry.direction].addEntry(table.entry(entry));
    }
  }
  const ready = tiers.map((tier): ReadyTier => {
    const bucket = bucketOf(tier.id);
    const index = (direction: Direction): SubjectIndex => new SubjectIndex(direction, table, bucket[direction]);
    return { tier, groups: { ingress: index('ingress'), egress: index('egress') } };
  });
  return new OrderedPolicySet(semantics, policies, gatesOf(ready));
}

function gatesOf(tiers: readonly ReadyTier[]): PolicySet['gates'] {
  const gates = new Map<Tier['gate'], ReadyTier[]>();
  for (const ready of [...tiers].sort(
    (a, b) => compareOrder(a.tier.order, b.tier.order) || (a.tier.id < b.tier.id ? -1 : 1),
  )) {
    const known = gates.get(ready.tier.gate);
    if (known === undefined) gates.set(ready.tier.gate, [ready]);
    else known.push(ready);
  }
  return [...gates].map(([id, list]) => ({ id, tiers: list }));
}

class OrderedPolicySet implements PolicySet {
  readonly semantics: Semantics;
  readonly policies: readonly CompiledPolicy[];
  readonly gates: PolicySet['gates'];
  #rules: readonly PolicyEntry[] | null = null;

  constructor(semantics: Semantics, policies: readonly CompiledPolicy[], gates: PolicySet['gates']) {
    this.semantics = semantics;
    this.policies = policies;
    this.gates = gates;
  }

  get rules(): readonly PolicyEntry[] {
    return (this.#rules ??= [
      ...new Set(this.policies.map((policy) => (policy instanceof BoundPolicy ? policy.pattern : policy))),
    ].flatMap(({ entries }) => entries));
  }
}
