import type { Direction, ObjectRef } from '../model/index.js';
import { objectKey, objectRef } from '../model/index.js';
import type { CompiledSnapshot } from './compile-snapshot.js';
import type { Endpoint } from './endpoint.js';
import { compileSelector, MAYBE, NO, YES } from './match-selector.js';
import type { Tri } from './match-selector.js';
import type { PolicySet } from './policy-set.js';

const DIRECTIONS: readonly Direction[] = ['ingress', 'egress'];

/** A policy that speaks for an endpoint in one direction. */
export interface SelectingPolicy {
  readonly policy: ObjectRef;
  readonly direction: Direction;
  /** Title of the tier that its rules are in. */
  readonly tier: string;
  /** False when it cannot be told from the inventory whether it selects the endpoint. */
  readonly certain: boolean;
  /** The endpoint is closed for what no rule of the tier allows. */
  readonly isolates: boolean;
  /** JSON pointers of its rules, in order of evaluation; empty when it has none in this direction. */
  readonly rules: readonly string[];
  /** Whether this cluster's network plugin enforces it for the endpoint. */
  readonly enforced: 'yes' | 'no' | 'unknown';
}

/** The policies that select an endpoint, ingress first, each direction in the order that they are evaluated in. */
export function selectingPolicies(snapshot: CompiledSnapshot, endpoint: Endpoint): readonly SelectingPolicy[] {
  const [asWritten] = snapshot.intended.sets as readonly [PolicySet];
  const { enforcement, sets } = snapshot.enforced;
  const enforcedBy = sets.map((set) => new Set(selections(set, endpoint).map(({ key }) => key)));
  const isOpenNode = endpoint.node !== '' && enforcement.unenforcedNodes.has(endpoint.node);
  return selections(asWritten, endpoint).map(({ key, found }) => {
    const count = isOpenNode ? 0 : enforcedBy.filter((keys) => keys.has(key)).length;
    return { ...found, enforced: count === 0 ? 'no' : count === enforcedBy.length ? 'yes' : 'unknown' };
  });
}

type Found = Omit<SelectingPolicy, 'enforced'>;

function selections(set: PolicySet, endpoint: Endpoint): { readonly key: string; readonly found: Found }[] {
  const found = new Map<string, Found>();
  for (const direction of DIRECTIONS) {
    for (const { tiers } of set.gates) {
      for (const { tier, groups } of tiers) {
        for (const ready of groups[direction].groupsFor(endpoint).flat()) {
          const selected = ready.subject(endpoint, endpoint);
          if (selected === NO) continue;
          const { source, isolates } = ready.entry;
          const key = `${direction} ${tier.id} ${objectKey(ready.policy)}`;
          const before = found.get(key);
          found.set(key, {
            policy: objectRef(ready.policy),
            direction,
            tier: tier.title,
            certain: selected === YES || before?.certain === true,
            isolates: isolates || before?.isolates === true,
            rules: [...(before?.rules ?? []), ...(source.index < 0 ? [] : [source.pointer])],
          });
        }
      }
    }
  }
  return [...found].map(([key, value]) => ({ key, found: value }));
}

/** An endpoint that a policy selects. */
export interface SelectedEndpoint {
  readonly endpoint: Endpoint;
  readonly directions: readonly Direction[];
  /** False when it cannot be told from the inventory whether it is selected. */
  readonly certain: boolean;
}

/** The endpoints that a policy selects, in the order of the snapshot; null when there is no such policy. */
export function selectedEndpoints(snapshot: CompiledSnapshot, policy: ObjectRef): readonly SelectedEndpoint[] | null {
  const [asWritten] = snapshot.intended.sets as readonly [PolicySet];
  const compiled = asWritten.policies.find((candidate) => objectKey(candidate.policy) === objectKey(policy));
  if (compiled === undefined) return null;
  const subjects = compiled.entries.map(({ direction, subject }) => ({ direction, matcher: compileSelector(subject) }));
  return snapshot.endpoints.flatMap((endpoint) => {
    const held = subjects.map(({ direction, matcher }) => ({ direction, selected: matcher(endpoint, endpoint) }));
    const best = held.reduce<Tri>((so, { selected }) => (so === YES || selected === NO ? so : selected), NO);
    if (best === NO) return [];
    const directions = DIRECTIONS.filter((one) =>
      held.some(({ direction, selected }) => direction === one && selected !== NO),
    );
    return [{ endpoint, directions, certain: best !== MAYBE }];
  });
}
