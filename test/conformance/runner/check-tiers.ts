import { evaluateDirection, type CompiledSnapshot, type Endpoint } from '#engine';

import type { ExpectedCase } from './case.js';
import { flowOf, resolvePeer } from './engine-system.js';

const TIERS: Readonly<Record<string, string>> = { adminTier: 'admin', baselineTier: 'baseline' };

/** The verdict of one tier by itself, for the question of the case: `next` when no rule of it decides. */
export function checkTiers(expected: ExpectedCase, snapshot: CompiledSnapshot): string[] {
  const query = expected.queries?.[0];
  const [source] = query === undefined ? [] : resolvePeer(snapshot, query.from);
  const [destination] = query === undefined ? [] : resolvePeer(snapshot, query.to);
  if (query === undefined || source === undefined || destination === undefined) return [];
  return Object.entries(expected.tiers ?? {}).flatMap(([name, wanted]) => {
    const found = tierVerdict(snapshot, TIERS[name] ?? name, source, destination, query.protocol, query.port);
    return found === wanted ? [] : [`${name}: expected ${wanted}, got ${found}`];
  });
}

function tierVerdict(
  snapshot: CompiledSnapshot,
  id: string,
  source: Endpoint,
  destination: Endpoint,
  protocol: string,
  port: number | null,
): string {
  const tiers = snapshot.intended.sets
    .flatMap((set) => set.gates.flatMap((gate) => gate.tiers))
    .filter(({ tier }) => tier.id === id);
  const flow = flowOf({ protocol, port }, source.ips[0]?.family ?? null);
  const sides = [
    evaluateDirection(tiers, 'egress', source, destination, flow),
    evaluateDirection(tiers, 'ingress', destination, source, flow),
  ].filter((decision) => decision.reason === 'rule-matched');
  if (sides.some((decision) => decision.verdict === 'deny')) return 'deny';
  return sides.length > 0 ? 'accept' : 'next';
}
