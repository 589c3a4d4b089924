import { ANY_PORT } from '../../model/index.js';
import type { CompiledPolicy, PolicyEntry, Semantics } from '../../model/index.js';
import { isolationTier } from '../shared/index.js';
import { readOptions } from './cilium.options.js';

/**
 * With `enable-policy: always` every endpoint is denied in both directions what nothing allows, whether a policy selects
 * it or not; with the host firewall a node is one too. The denial is told of the agent's configuration. (CNP-76)
 */
export function alwaysEnforced(semantics: Semantics): readonly CompiledPolicy[] {
  if (semantics.combination !== 'cilium' || semantics.podDefault !== 'deny') return [];
  const hosts = readOptions(semantics).hostFirewall ? (['node', 'hostpod'] as const) : [];
  const policy = { group: '', kind: 'ConfigMap', namespace: 'kube-system', name: 'cilium-config' };
  const entries = (['ingress', 'egress'] as const).map((direction): PolicyEntry => ({
    source: { policy, pointer: '/data/enable-policy', index: -1, name: '' },
    direction,
    tier: isolationTier(semantics).id,
    order: [1],
    tieUndefined: false,
    subject: { type: 'kind', kinds: ['pod', 'special', ...hosts] },
    peers: { type: 'none' },
    ports: ANY_PORT,
    family: null,
    action: 'allow',
    isolates: true,
    conditions: [],
  }));
  return [{ policy, entries, diagnostics: [], refused: false }];
}
