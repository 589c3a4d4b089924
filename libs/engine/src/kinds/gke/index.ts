import type { PolicyFrontend } from '../frontend.js';
import { compileFqdnNetworkPolicy } from './fqdn-network-policy.compile.js';

/** FQDNNetworkPolicy of GKE Dataplane V2, networking.gke.io/v1alpha1. */
export const fqdnNetworkPolicy: PolicyFrontend = {
  kinds: ['FQDNNetworkPolicy.networking.gke.io'],
  compile: compileFqdnNetworkPolicy,
};
