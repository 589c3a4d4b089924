import type { Semantics, Tier } from '../../model/index.js';
import { standardTier } from '../shared/index.js';
import type { RawUpstreamPolicy } from './upstream-policy.raw.js';

export type UpstreamKind =
  | 'AdminNetworkPolicy'
  | 'BaselineAdminNetworkPolicy'
  | 'ClusterNetworkPolicy'
  /** The kind of the same name in group networking.k8s.aws. */
  | 'AwsClusterNetworkPolicy';

/** Where the rules of one policy stand, and what breaks a tie with another policy. */
export interface Placement {
  readonly tier: string;
  readonly order: (ruleIndex: number) => readonly (number | string)[];
  readonly tieUndefined: boolean;
}

/** Antrea evaluates AdminNetworkPolicy after all its regular tiers, apart from ClusterNetworkPolicy's Admin tier. */
const ANTREA_ADMIN_NETWORK_POLICY: Tier = {
  id: 'admin-network-policy',
  title: 'AdminNetworkPolicy',
  order: [251],
  passTo: 'default',
  gate: 'cni',
};

/** Tiers of these kinds beyond the standard ones. */
export function upstreamTiers(semantics: Semantics): readonly Tier[] {
  return semantics.combination === 'antrea' ? [ANTREA_ADMIN_NETWORK_POLICY] : [];
}

/**
 * Places a policy among the others of its tier (policy-semantics sections 5.10, 6.9, 7.6, 9). The specification leaves
 * equal priorities open; some engines settle them.
 */
export function placement(semantics: Semantics, kind: UpstreamKind, raw: RawUpstreamPolicy, name: string): Placement {
  const tier = tierOf(semantics, kind, raw);
  const priority = kind === 'BaselineAdminNetworkPolicy' ? baselinePriority(semantics) : raw.priority;
  switch (tieRule(semantics, kind)) {
    case 'calico-name': {
      const key = `${name}//Kubernetes${kind}`;
      return { tier, order: (index) => [priority, key, index], tieUndefined: false };
    }
    case 'name':
      return { tier, order: (index) => [priority, name, index], tieUndefined: false };
    case 'deny-per-rule':
      return { tier, order: (index) => [priority, index], tieUndefined: false };
    case 'open-per-rule':
      return { tier, order: (index) => [priority, index], tieUndefined: true };
    case 'deny-per-priority':
      return { tier, order: () => [priority], tieUndefined: false };
    case 'open':
      // One key for all rules: inside a policy they go by their position, between policies nothing is promised.
      return { tier, order: () => [priority], tieUndefined: true };
  }
}

function tierOf(semantics: Semantics, kind: UpstreamKind, raw: RawUpstreamPolicy): string {
  if (semantics.combination === 'antrea' && kind === 'AdminNetworkPolicy') return ANTREA_ADMIN_NETWORK_POLICY.id;
  return standardTier(semantics, raw.tier).id;
}

/** The kind without a priority: Calico gives it order 1000, Antrea priority 1. */
function baselinePriority(semantics: Semantics): number {
  if (semantics.combination === 'calico') return 1000;
  return semantics.combination === 'antrea' ? 1 : 0;
}

type TieRule = 'calico-name' | 'name' | 'deny-per-rule' | 'deny-per-priority' | 'open-per-rule' | 'open';

function tieRule(semantics: Semantics, kind: UpstreamKind): TieRule {
  // Only the priority reaches its datapath: rules of one priority have no order, not even inside a policy.
  if (kind === 'AwsClusterNetworkPolicy') return 'deny-per-priority';
  switch (semantics.combination) {
    case 'calico':
      return 'calico-name';
    case 'cilium':
      return kind === 'ClusterNetworkPolicy' ? 'deny-per-rule' : 'open';
    case 'antrea':
    case 'ovn':
      return 'open-per-rule';
    case 'spec':
    case 'aws':
    case 'knp-only':
      return semantics.options['engine'] === 'kube-network-policies' ? 'name' : 'open';
  }
}

/** The highest priority that the engine accepts, or null when it takes all of the API's. */
export function priorityLimit(semantics: Semantics, kind: UpstreamKind): number | null {
  if (kind === 'AdminNetworkPolicy' && semantics.combination === 'ovn') return 99;
  if (semantics.options['engine'] !== 'kube-ovn') return null;
  return kind === 'AdminNetworkPolicy' ? 99 : kind === 'ClusterNetworkPolicy' ? 399 : null;
}
