import type { PolicyFrontend } from '../frontend.js';
import { compileUpstreamPolicy } from './compile-upstream-policy.js';
import {
  parseAdminNetworkPolicy,
  parseBaselineAdminNetworkPolicy,
  parseClusterNetworkPolicy,
} from './parse-upstream-policy.js';
import { upstreamTiers } from './upstream-placement.js';

/** AdminNetworkPolicy, policy.networking.k8s.io/v1alpha1. */
export const adminNetworkPolicy: PolicyFrontend = {
  kinds: ['AdminNetworkPolicy.policy.networking.k8s.io'],
  aux: [],
  tiers: (env) => upstreamTiers(env.semantics),
  compile: (fact, env) => compileUpstreamPolicy(fact, env, 'AdminNetworkPolicy', parseAdminNetworkPolicy),
};

/** BaselineAdminNetworkPolicy, policy.networking.k8s.io/v1alpha1. */
export const baselineAdminNetworkPolicy: PolicyFrontend = {
  kinds: ['BaselineAdminNetworkPolicy.policy.networking.k8s.io'],
  aux: [],
  compile: (fact, env) =>
    compileUpstreamPolicy(fact, env, 'BaselineAdminNetworkPolicy', parseBaselineAdminNetworkPolicy),
};

/** ClusterNetworkPolicy, policy.networking.k8s.io/v1alpha2. */
export const clusterNetworkPolicy: PolicyFrontend = {
  kinds: ['ClusterNetworkPolicy.policy.networking.k8s.io'],
  aux: [],
  compile: (fact, env) => compileUpstreamPolicy(fact, env, 'ClusterNetworkPolicy', parseClusterNetworkPolicy),
};
