import { and, ANY_PORT, not, or } from '../model/index.js';
import type { CompiledPolicy, Direction, Semantics } from '../model/index.js';
import { standardTier } from '../kinds/shared/index.js';

/**
 * On some engines a pod that a NetworkPolicy isolates in one direction is decided in both: in the other direction it is
 * admitted and never reaches the baseline tier (policy-semantics section 9, "KNP isolating only one direction").
 * Each such policy gets an allow at the end of its tier for the pods that nothing isolates in that other direction.
 */
export function spreadNetworkPolicy(policies: readonly CompiledPolicy[], semantics: Semantics): CompiledPolicy[] {
  const tier = standardTier(semantics, 'default').id;
  const isolating = (direction: Direction): CompiledPolicy['entries'] =>
    policies.flatMap((policy) =>
      policy.entries.filter((entry) => entry.tier === tier && entry.isolates && entry.direction === direction),
    );
  const out: CompiledPolicy[] = [];
  for (const [from, to] of [
    ['ingress', 'egress'],
    ['egress', 'ingress'],
  ] as const) {
    const isolatedThere = or(...isolating(to).map((entry) => entry.subject));
    for (const entry of isolating(from)) {
      out.push({
        policy: entry.source.policy,
        entries: [
          {
            ...entry,
            direction: to,
            order: [Number.MAX_SAFE_INTEGER],
            subject: and(entry.subject, not(isolatedThere)),
            peers: { type: 'any' },
            ports: ANY_PORT,
            isolates: false,
          },
        ],
        diagnostics: [],
        refused: false,
      });
    }
  }
  return out;
}
