import type { PolicyFrontend } from '../frontend.js';
import { compileAntreaPolicy } from './antrea.compile.js';
import { readGroups } from './groups.js';
import { antreaTiers, readTiers } from './tiers.js';

/** ClusterNetworkPolicy and NetworkPolicy of Antrea, crd.antrea.io/v1beta1, with its tiers and groups. */
export const antreaPolicy: PolicyFrontend = {
  kinds: ['ClusterNetworkPolicy.crd.antrea.io', 'NetworkPolicy.crd.antrea.io'],
  tiers: antreaTiers,
  auxProblems: (env) => [...readTiers(env).diagnostics, ...readGroups(env).diagnostics],
  compile: compileAntreaPolicy,
};
