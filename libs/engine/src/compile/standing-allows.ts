import { standardTier } from '../kinds/shared/index.js';
import type { CompiledPolicy, PolicyEntry, Semantics } from '../model/index.js';

/** What the CNI lets pass without a rule, as rules of the CNI in the place of NetworkPolicy. They isolate nobody. */
export function standingAllows(semantics: Semantics): readonly CompiledPolicy[] {
  if (semantics.standingAllows.length === 0) return [];
  const policy = { group: '', kind: 'NetworkPlugin', namespace: '', name: semantics.options['engine'] ?? '' };
  const entries = semantics.standingAllows.flatMap(({ directions, ports, title }, index) =>
    directions.map((direction): PolicyEntry => ({
      source: { policy, pointer: '', index, name: title },
      direction,
      tier: standardTier(semantics, 'default').id,
      order: [1],
      tieUndefined: false,
      subject: { type: 'kind', kinds: ['pod'] },
      peers: { type: 'any' },
      ports,
      family: null,
      action: 'allow',
      isolates: false,
      conditions: [],
    })),
  );
  return [{ policy, entries, diagnostics: [], refused: false }];
}
