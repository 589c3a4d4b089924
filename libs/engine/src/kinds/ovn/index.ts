import type { PolicyFrontend } from '../frontend.js';
import { compileEgressFirewall, EGRESS_FIREWALL_TIER } from './egress-firewall.compile.js';

/** EgressFirewall of OVN-Kubernetes, k8s.ovn.org/v1. */
export const egressFirewall: PolicyFrontend = {
  kinds: ['EgressFirewall.k8s.ovn.org'],
  aux: [],
  tiers: () => [EGRESS_FIREWALL_TIER],
  compile: compileEgressFirewall,
};
