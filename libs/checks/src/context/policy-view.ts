import { field, list, pointer } from '#engine';
import type {
  CompiledPolicy,
  Direction,
  Endpoint,
  Json,
  ObjectRef,
  PolicyEntry,
  PolicyFact,
  RuleRef,
  Selector,
} from '#engine';

/** One rule of a NetworkPolicy: as written, and as the engine reads it. */
export interface RuleView {
  readonly policy: PolicyView;
  readonly direction: Direction;
  readonly index: number;
  readonly pointer: string;
  readonly raw: Json;
  /** Peers as written; empty for a rule without any. */
  readonly peers: readonly Json[];
  readonly ports: readonly Json[];
  /** The compiled rule; null when the policy does not speak for the direction, so that the rule does nothing. */
  readonly entry: PolicyEntry | null;
  /** One compiled selector for each of `peers`. */
  readonly selectors: readonly Selector[];
}

/** One NetworkPolicy of a snapshot with its rules and the pods that it selects. */
export interface PolicyView {
  readonly ref: ObjectRef;
  readonly fact: PolicyFact;
  readonly spec: Json;
  /** Directions in force, whether written or by default. */
  readonly directions: ReadonlySet<Direction>;
  readonly subject: Selector;
  /** Everything that the engine makes of it. */
  readonly entries: readonly PolicyEntry[];
  readonly rules: readonly RuleView[];
  /** Pods, and templates without pods, that it selects. */
  readonly selected: readonly Endpoint[];
  /** The policy as a whole, to name it. */
  readonly whole: RuleRef;
}

export const DIRECTIONS: readonly Direction[] = ['ingress', 'egress'];

/** `Ingress` or `Egress`, as policies write it. */
export function typeName(direction: Direction): 'Ingress' | 'Egress' {
  return direction === 'ingress' ? 'Ingress' : 'Egress';
}

/** `from` or `to`. */
export function peersKey(direction: Direction): 'from' | 'to' {
  return direction === 'ingress' ? 'from' : 'to';
}

/** Puts an object and what became of it together. Null for a policy that the API server would refuse. */
export function viewPolicy(
  fact: PolicyFact,
  compiled: CompiledPolicy,
  select: (subject: Selector) => readonly Endpoint[],
): PolicyView | null {
  const first = compiled.entries[0];
  if (compiled.refused || first === undefined) return null;
  const { group, kind, namespace, name } = fact.meta;
  const ref = { group, kind, namespace, name };
  const spec = field(fact.raw, 'spec') ?? {};
  const rules: RuleView[] = [];
  const view: PolicyView = {
    ref,
    fact,
    spec,
    directions: new Set(compiled.entries.map((entry) => entry.direction)),
    subject: first.subject,
    entries: compiled.entries,
    rules,
    selected: select(first.subject),
    whole: { policy: ref, pointer: '', index: -1, name: '' },
  };
  for (const direction of DIRECTIONS) {
    const entries = firstByIndex(compiled.entries.filter((entry) => entry.direction === direction));
    for (const [index, raw] of list(field(spec, direction)).entries()) {
      rules.push(viewRule(view, direction, index, raw, entries.get(index) ?? null));
    }
  }
  return view;
}

function firstByIndex(entries: readonly PolicyEntry[]): ReadonlyMap<number, PolicyEntry> {
  return new Map(entries.toReversed().map((entry) => [entry.source.index, entry]));
}

function viewRule(
  policy: PolicyView,
  direction: Direction,
  index: number,
  raw: Json,
  entry: PolicyEntry | null,
): RuleView {
  const peers = list(field(raw, peersKey(direction)));
  const at = pointer('/spec', direction, index);
  return {
    policy,
    direction,
    index,
    pointer: at,
    raw,
    peers,
    ports: list(field(raw, 'ports')),
    entry,
    selectors: entry?.peers.type === 'of' ? entry.peers.selectors : [],
  };
}

/** JSON pointer of one peer of a rule. */
export function peerPointer(rule: RuleView, peer: number): string {
  return pointer(rule.pointer, peersKey(rule.direction), peer);
}
