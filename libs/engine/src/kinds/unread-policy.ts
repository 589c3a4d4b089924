import { ANY_PORT } from '../model/index.js';
import type { CompiledPolicy, PolicyEntry, PolicyFact, PolicyKind, Selector, Tier } from '../model/index.js';

/** Evaluated before all others: nothing can be said of flows that an unread policy may concern. */
export const UNREAD_TIER: Tier = {
  id: 'unread',
  title: 'policies not evaluated',
  order: [-1],
  passTo: '',
  gate: 'cni',
};

/**
 * Stands in for a policy that we cannot evaluate: for every pod it may select, in both directions, it may allow or deny.
 * Its subject is its namespace, or all pods when it has none.
 */
export function unreadPolicy(fact: PolicyFact, kind: PolicyKind): CompiledPolicy {
  const { group, namespace, name } = fact.meta;
  const policy = { group, kind: fact.meta.kind, namespace, name };
  const what = `${kind} \`${namespace === '' ? name : `${namespace}/${name}`}\` is stored but not evaluated`;
  const scope: Selector =
    namespace === '' ? { type: 'kind', kinds: ['pod'] } : { type: 'namespace', names: [namespace] };
  const entries: PolicyEntry[] = [];
  for (const direction of ['ingress', 'egress'] as const) {
    for (const action of ['allow', 'deny'] as const) {
      entries.push({
        source: { policy, pointer: '', index: -1, name: '' },
        direction,
        tier: UNREAD_TIER.id,
        order: [action === 'deny' ? 0 : 1],
        tieUndefined: false,
        subject: scope,
        peers: { type: 'any' },
        ports: ANY_PORT,
        family: null,
        action,
        isolates: false,
        conditions: [{ type: 'unsupported', what }],
      });
    }
  }
  return {
    policy,
    entries,
    diagnostics: [{ code: 'policy.not_evaluated', class: 'unsupported', message: what, object: policy, pointer: '' }],
    refused: false,
  };
}
