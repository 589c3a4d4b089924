import type { PolicyFrontend } from '../frontend.js';
import { compileNetworkPolicy } from './networkpolicy.compile.js';

export { parseNetworkPolicy } from './networkpolicy.parse.js';

/** Kubernetes NetworkPolicy, networking.k8s.io/v1. */
export const networkPolicy: PolicyFrontend = {
  kinds: ['NetworkPolicy.networking.k8s.io'],
  aux: [],
  compile: compileNetworkPolicy,
};
