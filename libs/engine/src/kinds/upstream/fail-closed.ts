import { partition } from '../../base/index.js';
import type { Semantics } from '../../model/index.js';
import { namingContainers } from '../shared/index.js';
import type { Dialect } from './dialect.js';
import type { UpstreamKind } from './upstream-placement.js';
import type { RawPeer, RawRule } from './upstream-policy.raw.js';

/**
 * What becomes of a rule with a part that the engine cannot read. `allow` rules never match by such a part; the others:
 * `rule`: the whole rule denies everything (the API's words, and Calico).
 * `peer`: the peer denies everything on the rule's ports, the other peers keep the rule's action (Cilium).
 * `deny-only`: as `rule` with the rule's ports for a deny; a pass does not match by the peer (Antrea).
 */
export type FailClosedStyle = 'rule' | 'peer' | 'deny-only';

export function failClosedStyle(semantics: Semantics): FailClosedStyle {
  if (semantics.combination === 'cilium') return 'peer';
  return semantics.combination === 'antrea' ? 'deny-only' : 'rule';
}

/** Whether the engine behind `semantics` cannot read the peer in a rule like this. */
export function isUnreadable(peer: RawPeer, rule: RawRule, dialect: Dialect, semantics: Semantics): boolean {
  if (peer.type === 'unknown') return true;
  if (semantics.combination === 'calico') return peer.type === 'nodes' || peer.type === 'domainNames';
  // What a name resolves to is learnt from answers, so names cannot be denied reliably. Antrea does it all the same.
  if (peer.type !== 'domainNames' || semantics.combination === 'antrea') return false;
  return !dialect.domainNameActions.includes(rule.action);
}

/**
 * The ports of a rule, names as those of the containers that the engine looks at (NP-53).
 *
 * Calico reads names of ports in ClusterNetworkPolicy. What its releases for the v1alpha1 kinds make of them is open: their
 * conversion has no case for a name.
 */
export function portsAsRead({ ports }: RawRule, dialect: Dialect, semantics: Semantics): RawRule['ports'] {
  if (ports?.matches.some(isName) !== true) return ports;
  if (semantics.combination !== 'calico' || dialect.portsField !== 'ports') {
    const containers = namingContainers(semantics);
    return { ...ports, matches: ports.matches.map((match) => (isName(match) ? { ...match, ...containers } : match)) };
  }
  const [names, matches] = partition(ports.matches, isName);
  return { matches, unread: [...ports.unread, ...names.map(({ name }) => name)] };
}

type PortMatchOfRule = NonNullable<RawRule['ports']>['matches'][number];

const isName = (match: PortMatchOfRule): match is Extract<PortMatchOfRule, { type: 'named' }> => match.type === 'named';

/** Why the engine leaves the whole policy out, or null. Cilium's parser gives up on the object at the first of these. */
export function rejection(
  rules: readonly RawRule[],
  kind: UpstreamKind,
  semantics: Semantics,
): { readonly code: string; readonly message: string } | null {
  if (semantics.combination !== 'cilium' || kind !== 'ClusterNetworkPolicy') return null;
  const off = (option: string): boolean => semantics.options[option] === 'false';
  const has = (type: RawPeer['type'], rule: RawRule): boolean => rule.peers.some((peer) => peer.type === type);
  if (rules.some((rule) => has('domainNames', rule) && rule.action !== 'allow')) {
    return { code: 'adminpolicy.cilium_domain_names', message: 'Cilium takes `domainNames` in Accept rules only' };
  }
  if (rules.some((rule) => has('domainNames', rule)) && off('enable-l7-proxy')) {
    return { code: 'adminpolicy.cilium_l7_proxy', message: '`domainNames` need enable-l7-proxy, which is off' };
  }
  // Off by default, so an agent that does not say is taken to have it off.
  if (rules.some((rule) => has('nodes', rule)) && semantics.options['enable-node-selector-labels'] !== 'true') {
    return { code: 'adminpolicy.cilium_nodes', message: '`nodes` need enable-node-selector-labels, which is off' };
  }
  return null;
}
