import type { PolicyFrontend } from '../frontend.js';
import { compileUpstreamPolicy } from './compile-upstream-policy.js';
import type { KindReader } from './compile-upstream-policy.js';
import { ADMIN_NETWORK_POLICY, BASELINE_ADMIN_NETWORK_POLICY, CLUSTER_NETWORK_POLICY } from './dialect.js';
import {
  parseAdminNetworkPolicy,
  parseBaselineAdminNetworkPolicy,
  parseClusterNetworkPolicy,
} from './parse-upstream-policy.js';
import { upstreamTiers } from './upstream-placement.js';

export { compileUpstreamPolicy } from './compile-upstream-policy.js';
export type { KindReader } from './compile-upstream-policy.js';
export type { Dialect } from './dialect.js';
export { domainNameSelector, readDomainName } from './read-domain-name.js';
export { parseClusterNetworkPolicy } from './parse-upstream-policy.js';

const ADMIN: KindReader = {
  kind: 'AdminNetworkPolicy',
  dialect: ADMIN_NETWORK_POLICY,
  parse: parseAdminNetworkPolicy,
};
const BASELINE: KindReader = {
  kind: 'BaselineAdminNetworkPolicy',
  dialect: BASELINE_ADMIN_NETWORK_POLICY,
  parse: parseBaselineAdminNetworkPolicy,
};
const CLUSTER: KindReader = {
  kind: 'ClusterNetworkPolicy',
  dialect: CLUSTER_NETWORK_POLICY,
  parse: (fact, problems) => parseClusterNetworkPolicy(fact, problems, CLUSTER_NETWORK_POLICY),
};

/** AdminNetworkPolicy, policy.networking.k8s.io/v1alpha1. */
export const adminNetworkPolicy: PolicyFrontend = {
  kinds: ['AdminNetworkPolicy.policy.networking.k8s.io'],
  tiers: (env) => upstreamTiers(env.semantics),
  compile: (fact, env) => compileUpstreamPolicy(fact, env, ADMIN),
};

/** BaselineAdminNetworkPolicy, policy.networking.k8s.io/v1alpha1. */
export const baselineAdminNetworkPolicy: PolicyFrontend = {
  kinds: ['BaselineAdminNetworkPolicy.policy.networking.k8s.io'],
  compile: (fact, env) => compileUpstreamPolicy(fact, env, BASELINE),
};

/** ClusterNetworkPolicy, policy.networking.k8s.io/v1alpha2 and v1beta1. */
export const clusterNetworkPolicy: PolicyFrontend = {
  kinds: ['ClusterNetworkPolicy.policy.networking.k8s.io'],
  compile: (fact, env) => compileUpstreamPolicy(fact, env, CLUSTER),
};
