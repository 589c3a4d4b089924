import type { ObjectRef, PolicyEntry, Semantics, Tier } from '../../model/index.js';

/** The tiers that every combination has: before, at and after Kubernetes NetworkPolicy. */
export type StandardTier = 'admin' | 'default' | 'baseline';

/** Order of the tier that holds NetworkPolicy where Calico's numbers apply; vendors' tiers are placed around it. */
export const DEFAULT_TIER_ORDER = 1_000_000;

const tier = (id: string, title: string, order: number, passTo = ''): Tier => ({
  id,
  title,
  order: [order],
  passTo,
  gate: 'cni',
});

/**
 * Where the upstream kinds sit among a CNI's tiers (policy-semantics section 9). Antrea evaluates its own regular tiers
 * (50–250) around ClusterNetworkPolicy's Admin tier at 220 and sends every Pass straight to NetworkPolicy.
 */
export function standardTier(semantics: Semantics, which: StandardTier): Tier {
  switch (semantics.combination) {
    case 'calico':
      if (which === 'admin') return tier('kube-admin', 'kube-admin tier', 1000);
      if (which === 'baseline') return tier('kube-baseline', 'kube-baseline tier', 10_000_000);
      return tier('default', 'default tier', DEFAULT_TIER_ORDER);
    case 'antrea':
      if (which === 'admin') return tier('admin', 'Admin tier', 220, 'default');
      if (which === 'baseline') return tier('upstream-baseline', 'Baseline tier', 254);
      return tier('default', 'NetworkPolicy', 252);
    case 'spec':
    case 'cilium':
    case 'ovn':
    case 'aws':
    case 'knp-only':
      if (which === 'admin') return tier('admin', 'Admin tier', 1000);
      if (which === 'baseline') return tier('baseline', 'Baseline tier', 10_000_000);
      return {
        ...(semantics.isolatesLast ? { isolatesLater: true as const } : {}),
        ...tier('default', defaultTitle(semantics), DEFAULT_TIER_ORDER),
      };
  }
}

/**
 * Where pods that policies isolate are denied what no rule decides: at the end of NetworkPolicy's tier, or, on engines that
 * keep default deny for the very end, behind the baseline tier.
 */
export function isolationTier(semantics: Semantics): Tier {
  return semantics.isolatesLast ? tier('isolation', 'default deny', 11_000_000) : standardTier(semantics, 'default');
}

function defaultTitle({ combination }: Semantics): string {
  return combination === 'cilium' ? 'NetworkPolicy and Cilium policies' : 'NetworkPolicy';
}

const ADDITIVE: PolicyEntry['order'] = [1];

/**
 * The order key of NetworkPolicy allows inside the default tier. Calico places them at order 1000 among its own
 * policies, tie broken by name; Cilium evaluates every deny of the pool (order 0) before any allow (order 1).
 */
export function networkPolicyOrder(semantics: Semantics, { namespace, name }: ObjectRef): PolicyEntry['order'] {
  return semantics.combination === 'calico' ? [1000, `${name}/${namespace}/KubernetesNetworkPolicy`] : ADDITIVE;
}
