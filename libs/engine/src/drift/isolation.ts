import type { Direction, ObjectRef } from '../model/index.js';
import { objectKey } from '../model/index.js';
import type { CompiledSnapshot, Reading } from '../compile/compile-snapshot.js';
import type { Endpoint } from '../compile/endpoint.js';
import { MAYBE, NO, YES } from '../compile/match-selector.js';
import type { ReadingName } from '../eval/evaluate-pair.js';

/** The policies that certainly isolate an endpoint in one direction, each once, in order of key. */
export function isolatingPolicies(
  snapshot: CompiledSnapshot,
  reading: ReadingName,
  endpoint: Endpoint,
  direction: Direction,
): readonly ObjectRef[] {
  const found = new Map<string, ObjectRef>();
  const { sets, enforcement } = snapshot[reading];
  const unenforced = enforcement.unenforcedNodes.has(endpoint.node);
  for (const set of sets) {
    for (const gate of set.gates) {
      if (unenforced && gate.id !== 'mesh') continue;
      for (const tier of gate.tiers) {
        for (const group of tier.groups[direction].groupsFor(endpoint)) {
          for (const { rule, policy, subject } of group) {
            if (!rule.isolates || subject(endpoint, endpoint) !== YES) continue;
            found.set(objectKey(policy), policy);
          }
        }
      }
    }
  }
  return [...found].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, policy]) => policy);
}

/** How far each tier isolates an endpoint in one direction, as a text that is equal where nothing differs. */
export function isolationOf({ sets }: Reading, endpoint: Endpoint, direction: Direction): string {
  const tiers = sets.flatMap(({ gates }) => gates.flatMap((gate) => gate.tiers));
  return tiers
    .map(({ groups }) => {
      const isolating = groups[direction]
        .groupsFor(endpoint)
        .flatMap((group) => group.filter(({ rule }) => rule.isolates));
      const found = new Set(isolating.map(({ subject }) => subject(endpoint, endpoint)));
      return found.has(YES) ? YES : found.has(MAYBE) ? MAYBE : NO;
    })
    .join();
}
