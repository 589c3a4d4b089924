import type { CompiledPolicy, Direction, PolicyEntry, Selector, Semantics, Tier } from '../model/index.js';
import type { Endpoint } from './endpoint.js';
import { MatcherTable } from './match-selector.js';
import type { Matcher } from './match-selector.js';

/** An entry with its selectors made ready. */
export interface ReadyEntry {
  readonly entry: PolicyEntry;
  readonly subject: Matcher;
  /** 'any', or matchers of which one must hold; empty means none. */
  readonly peers: 'any' | readonly Matcher[];
}

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
}

/**
 * Groups of equal order, found by the subject's namespace: most policies select inside one namespace, and only those
 * of the subject's own are looked at.
 */
export class SubjectIndex {
  /** Every entry, in no order that means anything. */
  readonly entries: readonly ReadyEntry[];
  readonly #global: readonly ReadyEntry[];
  readonly #local = new Map<string, ReadyEntry[]>();
  /** Ordered on first use: many namespaces are never asked about. '' holds the groups of every other subject. */
  readonly #groups = new Map<string, readonly (readonly ReadyEntry[])[]>();

  constructor(entries: readonly ReadyEntry[]) {
    this.entries = entries;
    const global: ReadyEntry[] = [];
    for (const entry of entries) {
      const names = namespacesOf(entry.entry.subject);
      if (names === null) global.push(entry);
      else for (const name of names) this.#addLocal(name, entry);
    }
    this.#global = global;
  }

  #addLocal(namespace: string, entry: ReadyEntry): void {
    const known = this.#local.get(namespace);
    if (known === undefined) this.#local.set(namespace, [entry]);
    else known.push(entry);
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
      groups = group([...this.#global, ...(this.#local.get(key) ?? [])]);
      this.#groups.set(key, groups);
    }
    return groups;
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
  const sorted = [...entries].sort((a, b) => compareOrder(a.entry.order, b.entry.order) || compareSource(a, b));
  const out: ReadyEntry[][] = [];
  for (const entry of sorted) {
    const last = out.at(-1);
    if (last !== undefined && compareOrder((last[0] as ReadyEntry).entry.order, entry.entry.order) === 0) {
      last.push(entry);
    } else out.push([entry]);
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
  const x = a.entry.source;
  const y = b.entry.source;
  return compareOrder(
    [x.policy.namespace, x.policy.name, x.policy.kind, x.policy.group, x.index],
    [y.policy.namespace, y.policy.name, y.policy.kind, y.policy.group, y.index],
  );
}

/** Whether two entries come from one policy object. */
export function samePolicy(a: ReadyEntry, b: ReadyEntry): boolean {
  const x = a.entry.source.policy;
  const y = b.entry.source.policy;
  return x === y || (x.name === y.name && x.namespace === y.namespace && x.kind === y.kind && x.group === y.group);
}

/** Orders and indexes compiled policies. Tiers that no entry uses are kept: answers name them as "not isolated". */
export function buildPolicySet(
  policies: readonly CompiledPolicy[],
  tiers: readonly Tier[],
  semantics: Semantics,
  table: MatcherTable = new MatcherTable(),
): PolicySet {
  const byTier = new Map<string, { ingress: ReadyEntry[]; egress: ReadyEntry[] }>();
  for (const policy of policies) {
    for (const entry of policy.entries) {
      const bucket = byTier.get(entry.tier) ?? { ingress: [], egress: [] };
      byTier.set(entry.tier, bucket);
      bucket[entry.direction].push(readyEntry(entry, table));
    }
  }
  const ordered = [...tiers].sort((a, b) => compareOrder(a.order, b.order) || (a.id < b.id ? -1 : 1));
  const gates: { id: Tier['gate']; tiers: ReadyTier[] }[] = [];
  for (const tier of ordered) {
    const bucket = byTier.get(tier.id);
    const ready: ReadyTier = {
      tier,
      groups: { ingress: new SubjectIndex(bucket?.ingress ?? []), egress: new SubjectIndex(bucket?.egress ?? []) },
    };
    const gate = gates.find((candidate) => candidate.id === tier.gate);
    if (gate === undefined) gates.push({ id: tier.gate, tiers: [ready] });
    else gate.tiers.push(ready);
  }
  return { semantics, gates, policies };
}

function readyEntry(entry: PolicyEntry, table: MatcherTable): ReadyEntry {
  const { peers } = entry;
  return {
    entry,
    subject: table.matcher(entry.subject),
    peers:
      peers.type === 'any' ? 'any' : peers.type === 'none' ? [] : peers.selectors.map((peer) => table.matcher(peer)),
  };
}
