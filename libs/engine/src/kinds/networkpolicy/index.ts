import type { PolicyFrontend } from '../frontend.js';
import { networkPolicyOrder } from '../shared/index.js';
import { compileNetworkPolicy, networkPolicyPattern } from './networkpolicy.compile.js';

export { parseNetworkPolicy } from './networkpolicy.parse.js';

/** Kubernetes NetworkPolicy, networking.k8s.io/v1. */
export const networkPolicy: PolicyFrontend = {
  kinds: ['NetworkPolicy.networking.k8s.io'],
  compile: compileNetworkPolicy,
  pattern: networkPolicyPattern,
  orderOf: (policy, env) => networkPolicyOrder(env.semantics, policy),
};
