import type { PolicyFrontend } from '../frontend.js';
import { compileEgressFirewall, EGRESS_FIREWALL_TIER } from './egress-firewall.compile.js';
import { compileUserDefinedNetwork, NETWORK_TIER } from './user-defined-network.compile.js';

/** EgressFirewall of OVN-Kubernetes, k8s.ovn.org/v1. */
export const egressFirewall: PolicyFrontend = {
  kinds: ['EgressFirewall.k8s.ovn.org'],
  tiers: () => [EGRESS_FIREWALL_TIER],
  compile: compileEgressFirewall,
};

/** The primary networks of OVN-Kubernetes, k8s.ovn.org/v1, which keep pods apart as policy does. */
export const userDefinedNetwork: PolicyFrontend = {
  kinds: ['UserDefinedNetwork.k8s.ovn.org', 'ClusterUserDefinedNetwork.k8s.ovn.org'],
  tiers: () => [NETWORK_TIER],
  compile: compileUserDefinedNetwork,
};
