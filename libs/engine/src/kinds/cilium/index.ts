import type { PolicyFrontend } from '../frontend.js';
import { compileCiliumPolicy } from './cilium.compile.js';

/** CiliumNetworkPolicy and CiliumClusterwideNetworkPolicy, cilium.io/v2. */
export const ciliumPolicy: PolicyFrontend = {
  kinds: ['CiliumNetworkPolicy.cilium.io', 'CiliumClusterwideNetworkPolicy.cilium.io'],
  compile: compileCiliumPolicy,
};

export { alwaysEnforced } from './always-enforced.js';
