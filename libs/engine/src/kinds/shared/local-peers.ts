import { atLeast } from '../../cni/version.js';
import type { Selector, Semantics } from '../../model/index.js';

/**
 * Whether Cilium confines endpoint peers that name no cluster to its own: `policy-default-local-cluster`, on by default
 * from 1.19. It came with 1.18; before, no peer was confined to a cluster.
 */
export function peersAreLocal({ options }: Semantics): boolean {
  const value = options['policy-default-local-cluster'];
  const version = options['version'] ?? '';
  if (value !== undefined) return value === 'true' && atLeast(version, '1.18') !== false;
  return atLeast(version, '1.19') !== false;
}

/** Whether a selector of labels asks only for what must not be there, so that whatever has no labels passes it. */
export function asksForNoLabel(selector: Selector): boolean {
  if (selector.type === 'and') return selector.of.every(asksForNoLabel);
  return selector.type === 'label' ? selector.op === 'notIn' || selector.op === 'notExists' : selector.type === 'all';
}
