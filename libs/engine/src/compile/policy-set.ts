import { finish, pushTo } from '../base/index.js';
import type { CompiledPolicy, Direction, ObjectRef, PolicyEntry, PolicyKind, Semantics, Tier } from '../model/index.js';
import { BoundPolicy } from './bound-policy.js';
import { compareObjects } from './facts-index.js';
import type { ReadyEntry } from './ready-entry.js';
import { ReadyTable } from './ready-table.js';
import { SortedList } from './sorted-list.js';
import { compareOrder, partsOfEntry, SubjectParts } from './subject-index.js';
import type { SubjectIndex, SubjectPart } from './subject-index.js';

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
  /** In order of object, then what settings and the CNI itself add. */
  readonly policies: readonly CompiledPolicy[];
  /** Kinds that were left out although the semantics know them. */
  readonly leftOut: ReadonlySet<PolicyKind>;
  /** Every entry once that differs in more than its policy and namespace: what there is to know of ports and labels. */
  readonly rules: readonly PolicyEntry[];
}

/** Whether two entries come from one policy object. */
export function samePolicy(a: ReadyEntry, b: ReadyEntry): boolean {
  const [x, y] = [a.policy, b.policy];
  return x === y || (x.name === y.name && x.namespace === y.namespace && x.kind === y.kind && x.group === y.group);
}

/** Policies put in order between two pauses. */
const POLICIES_A_STEP = 2_048;

/** The entries of one tier by direction. */
type Bucket = Readonly<Record<Direction, SubjectParts>>;

/** What a set holds beside the policies of the cluster's objects. */
export interface SetExtras {
  /** What settings and the CNI itself add. */
  readonly extra?: readonly CompiledPolicy[];
  readonly leftOut?: ReadonlySet<PolicyKind>;
}

/**
 * Orders and indexes compiled policies, which come in order of object. Tiers that no entry uses are kept: answers name
 * them as "not isolated".
 */
export function buildPolicySet(
  objects: readonly CompiledPolicy[],
  tiers: readonly Tier[],
  semantics: Semantics,
  table: ReadyTable = new ReadyTable(),
  extras: SetExtras = {},
): PolicySet {
  return finish(buildingPolicySet(objects, tiers, semantics, table, extras));
}

/** The same in steps: the way there may pause at each null. */
export function* buildingPolicySet(
  objects: readonly CompiledPolicy[],
  tiers: readonly Tier[],
  semantics: Semantics,
  table: ReadyTable,
  { extra = [], leftOut = new Set() }: SetExtras,
): Generator<null, PolicySet> {
  const policies = extra.length === 0 ? objects : [...objects, ...extra];
  const buckets = new Map<string, Bucket>();
  const bucketOf = (tier: string): Bucket => {
    let bucket = buckets.get(tier);
    if (bucket === undefined) {
      buckets.set(tier, (bucket = { ingress: new SubjectParts(), egress: new SubjectParts() }));
    }
    return bucket;
  };
  let count = 0;
  for (const policy of policies) {
    if (count++ % POLICIES_A_STEP === 0) yield null;
    if (policy instanceof BoundPolicy) {
      const { tier, directions } = table.pattern(policy.pattern);
      for (const direction of directions) bucketOf(tier)[direction].addLocal(policy.namespace, policy);
    } else {
      for (const entry of policy.entries) bucketOf(entry.tier)[entry.direction].addEntry(table.entry(entry));
    }
  }
  const ready: ReadyTier[] = [];
  for (const tier of tiers) {
    const { ingress, egress } = bucketOf(tier.id);
    const ofIngress = ingress.index('ingress', table);
    yield null;
    ready.push({ tier, groups: { ingress: ofIngress, egress: egress.index('egress', table) } });
    yield null;
  }
  return new OrderedPolicySet(semantics, gatesOf(ready), leftOut, { table, objects: SortedList.of(objects), extra });
}

function gatesOf(tiers: readonly ReadyTier[]): PolicySet['gates'] {
  const gates = new Map<Tier['gate'], ReadyTier[]>();
  for (const ready of [...tiers].sort(
    (a, b) => compareOrder(a.tier.order, b.tier.order) || (a.tier.id < b.tier.id ? -1 : 1),
  )) {
    pushTo(gates, ready.tier.gate, ready);
  }
  return [...gates].map(([id, list]) => ({ id, tiers: list }));
}

/** How a set was made. */
interface Making {
  readonly table: ReadyTable;
  readonly objects: SortedList<CompiledPolicy>;
  readonly extra: readonly CompiledPolicy[];
}

class OrderedPolicySet implements PolicySet {
  readonly semantics: Semantics;
  readonly gates: PolicySet['gates'];
  readonly leftOut: ReadonlySet<PolicyKind>;
  readonly making: Making;
  #policies: readonly CompiledPolicy[] | null = null;
  #rules: readonly PolicyEntry[] | null = null;

  constructor(semantics: Semantics, gates: PolicySet['gates'], leftOut: ReadonlySet<PolicyKind>, making: Making) {
    this.semantics = semantics;
    this.gates = gates;
    this.leftOut = leftOut;
    this.making = making;
  }

  get policies(): readonly CompiledPolicy[] {
    const { objects, extra } = this.making;
    return (this.#policies ??= extra.length === 0 ? objects.toArray() : [...objects.toArray(), ...extra]);
  }

  get rules(): readonly PolicyEntry[] {
    return (this.#rules ??= [
      ...new Set(this.policies.map((policy) => (policy instanceof BoundPolicy ? policy.pattern : policy))),
    ].flatMap(({ entries }) => entries));
  }
}

/** A policy of an object that changes: what it compiles to now, null where it is gone or left out. */
export interface PolicyEdit {
  readonly policy: ObjectRef;
  readonly after: CompiledPolicy | null;
}

/**
 * The set that `buildPolicySet` gives for the same policies with some of them changed, at the cost of the changes.
 * Its tiers must be those of the set. Null for a set that was not built by it.
 */
export function editPolicySet(set: PolicySet, edits: readonly PolicyEdit[]): PolicySet | null {
  if (!(set instanceof OrderedPolicySet)) return null;
  const { table, extra } = set.making;
  let { objects } = set.making;
  const removed: CompiledPolicy[] = [];
  const added: CompiledPolicy[] = [];
  for (const { policy, after } of edits) {
    const place = (known: CompiledPolicy): number => compareObjects(known.policy, policy);
    const before = objects.at(place);
    if (before !== undefined) removed.push(before);
    if (after !== null) added.push(after);
    objects = objects.with(place, after);
  }
  const touched = new Set([...removed, ...added].flatMap((policy) => placesOf(policy, table).map(placeKey)));
  const parts = added.flatMap((policy) => placesOf(policy, table));
  const edited = (tier: string, direction: Direction, index: SubjectIndex): SubjectIndex => {
    const key = placeKey({ tier, direction });
    return touched.has(key)
      ? index.with(
          removed,
          parts.filter((part) => placeKey(part) === key),
        )
      : index;
  };
  const gates = set.gates.map(({ id, tiers }) => ({
    id,
    tiers: tiers.map(({ tier, groups: { ingress, egress } }) => ({
      tier,
      groups: { ingress: edited(tier.id, 'ingress', ingress), egress: edited(tier.id, 'egress', egress) },
    })),
  }));
  return new OrderedPolicySet(set.semantics, gates, set.leftOut, { table, objects, extra });
}

interface IndexPlace {
  readonly tier: string;
  readonly direction: Direction;
}

const placeKey = ({ tier, direction }: IndexPlace): string => `${direction} ${tier}`;

/** Which indices a policy has parts in, and the parts. */
function placesOf(policy: CompiledPolicy, table: ReadyTable): readonly (IndexPlace & SubjectPart)[] {
  if (!(policy instanceof BoundPolicy)) {
    return policy.entries.flatMap((entry) =>
      partsOfEntry(table.entry(entry)).map((part) => ({ tier: entry.tier, direction: entry.direction, ...part })),
    );
  }
  const { tier, directions } = table.pattern(policy.pattern);
  return directions.map((direction) => ({ tier, direction, namespace: policy.namespace, part: policy }));
}
