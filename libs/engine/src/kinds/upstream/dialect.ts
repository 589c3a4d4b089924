import type { Action } from '../../model/index.js';

/** How the kinds of the family differ in their fields; all of them are read by the same functions. */
export interface Dialect {
  readonly actions: Readonly<Record<string, Action>>;
  /** Peer fields that an egress rule may have beside `namespaces` and `pods`. */
  readonly egressPeers: readonly ('networks' | 'nodes' | 'domainNames')[];
  /** The field that holds ports, and how its items are written. */
  readonly portsField: 'ports' | 'protocols';
  readonly maxRules: number;
  readonly maxPeers: number;
  readonly maxPorts: number;
  /** Whether an empty list of ports is refused; where it is not, it means what an absent one means. */
  readonly portsMayBeEmpty: boolean;
  /** Whether `namespaceSelector` must stand beside `podSelector`. */
  readonly namespaceSelectorRequired: boolean;
  /** Actions of rules in which a `domainNames` peer means something; with the others it is a peer nobody can read. */
  readonly domainNameActions: readonly Action[];
  /** The object is refused when a `domainNames` peer stands in a rule with one of these actions. */
  readonly domainNamesRefusedFor: readonly Action[];
  /** Whether earlier versions of the API had `sameLabels`, `notSameLabels` and nested namespace selectors. */
  readonly hadNamespaceSets: boolean;
  /** A port's name beside `networks`, `nodes` or `domainNames` refuses the object. */
  readonly namedPortsOnlyForPods: boolean;
}

const V1ALPHA1: Omit<Dialect, 'actions' | 'egressPeers'> = {
  portsField: 'ports',
  maxRules: 100,
  maxPeers: 100,
  maxPorts: 100,
  portsMayBeEmpty: true,
  namespaceSelectorRequired: true,
  domainNameActions: ['allow'],
  domainNamesRefusedFor: [],
  hadNamespaceSets: true,
  namedPortsOnlyForPods: true,
};

/** AdminNetworkPolicy, policy.networking.k8s.io/v1alpha1. */
export const ADMIN_NETWORK_POLICY: Dialect = {
  ...V1ALPHA1,
  actions: { Allow: 'allow', Deny: 'deny', Pass: 'pass' },
  egressPeers: ['networks', 'nodes', 'domainNames'],
};

/** BaselineAdminNetworkPolicy, policy.networking.k8s.io/v1alpha1. */
export const BASELINE_ADMIN_NETWORK_POLICY: Dialect = {
  ...V1ALPHA1,
  actions: { Allow: 'allow', Deny: 'deny' },
  egressPeers: ['networks', 'nodes'],
};

/** ClusterNetworkPolicy, policy.networking.k8s.io/v1alpha2 and v1beta1. */
export const CLUSTER_NETWORK_POLICY: Dialect = {
  actions: { Accept: 'allow', Deny: 'deny', Pass: 'pass' },
  egressPeers: ['networks', 'nodes', 'domainNames'],
  portsField: 'protocols',
  maxRules: 25,
  maxPeers: 25,
  maxPorts: 25,
  portsMayBeEmpty: false,
  namespaceSelectorRequired: false,
  domainNameActions: ['allow'],
  domainNamesRefusedFor: [],
  hadNamespaceSets: false,
  namedPortsOnlyForPods: true,
};
