import { standardTier } from '../kinds/shared/index.js';
import { and } from '../model/index.js';
import type { CompiledPolicy, EndpointKind, PolicyEntry, Selector, Semantics, StandingAllow } from '../model/index.js';

function peerOf(kinds: readonly EndpointKind[], ownNode: StandingAllow['ownNode']): Selector {
  const peer: Selector = { type: 'kind', kinds };
  return ownNode === undefined ? peer : and(peer, { type: 'same', as: 'node' });
}

/** What the CNI lets pass without a rule, as rules of the CNI in the place of NetworkPolicy. They isolate nobody. */
export function standingAllows(semantics: Semantics): readonly CompiledPolicy[] {
  if (semantics.standingAllows.length === 0) return [];
  const policy = { group: '', kind: 'NetworkPlugin', namespace: '', name: semantics.options['engine'] ?? '' };
  const entries = semantics.standingAllows.flatMap(
    ({ directions, ports, title, peers, ownNode, family, open }, index) =>
      directions.map((direction): PolicyEntry => ({
        source: { policy, pointer: '', index, name: title },
        direction,
        tier: standardTier(semantics, 'default').id,
        order: [1],
        tieUndefined: false,
        subject: { type: 'kind', kinds: ['pod'] },
        peers: peers === undefined ? { type: 'any' } : { type: 'of', selectors: [peerOf(peers, ownNode)] },
        ports,
        family: family ?? null,
        action: 'allow',
        isolates: false,
        conditions: open === undefined ? [] : [{ type: 'unsupported', what: open }],
      })),
  );
  return [{ policy, entries, diagnostics: [], refused: false }];
}
