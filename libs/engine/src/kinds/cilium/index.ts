import type { PolicyFrontend } from '../frontend.js';
import { compileCiliumPolicy } from './cilium.compile.js';
import { localRedirectProblems } from './local-redirect.parse.js';

/** CiliumNetworkPolicy and CiliumClusterwideNetworkPolicy, cilium.io/v2. */
export const ciliumPolicy: PolicyFrontend = {
  kinds: ['CiliumNetworkPolicy.cilium.io', 'CiliumClusterwideNetworkPolicy.cilium.io'],
  compile: (fact, env) => compileCiliumPolicy(fact, env),
  auxProblems: localRedirectProblems,
};

export { LOCAL_REDIRECT, parseLocalRedirect } from './local-redirect.parse.js';
export type { LocalRedirect, RedirectPort } from './local-redirect.parse.js';
export { compileCiliumPolicy } from './cilium.compile.js';
export { asksForMore, mergeRules, namesServers } from './merged-rules.js';
export type { MergedRules } from './merged-rules.js';
export { alwaysEnforced } from './always-enforced.js';
