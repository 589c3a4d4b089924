import { atLeast } from '../../cni/version.js';
import { or } from '../../model/index.js';
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

/**
 * To Cilium a peer is whoever has the labels. Pods of namespaces that are chosen by labels which they lack are therefore
 * joined by nodes and outside addresses; where the cluster's own label is asked for beside them, by its nodes alone, as
 * long as these have labels. (CNP-16, CNP-25)
 */
export function withUnlabelled(
  pods: Selector,
  peer: { readonly selector: Selector; readonly namespaces: Selector | null; readonly local: boolean },
  semantics: Semantics,
): Selector {
  const { selector, namespaces, local } = peer;
  if (semantics.combination !== 'cilium' || namespaces === null || namespaces.type === 'all') return pods;
  if (!asksForNoLabel(selector)) return pods;
  if (!local) return or(pods, { type: 'kind', kinds: ['node', 'hostpod', 'external', 'special'] });
  return nodesHaveLabels(semantics) ? or(pods, { type: 'kind', kinds: ['node', 'hostpod'] }) : pods;
}

/**
 * With `enable-node-selector-labels` nodes have labels, that of their cluster among them. Policy as it is written does not
 * speak of that.
 */
export function nodesHaveLabels({ options }: Semantics): boolean {
  return options['engine'] !== undefined && options['enable-node-selector-labels'] === 'true';
}
