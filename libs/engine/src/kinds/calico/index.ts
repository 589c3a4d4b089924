import type { Tier } from '../../model/index.js';
import type { CompileEnv, PolicyFrontend } from '../frontend.js';
import { UNREAD_TIER } from '../unread-policy.js';
import { calicoAuxProblems } from './aux-problems.js';
import { contextOf } from './calico.context.js';
import { anyPolicySays } from './host-policy.js';
import { compileCalicoPolicy } from './policy.compile.js';
import { compileStagedPolicy, stagedChange } from './staged.js';
import { forwardTier, stageTier } from './tiers.js';
import { REPLY_LOOKS, replyTier } from './untracked-replies.js';

export { calicoImplied } from './implied.js';
export { bareHosts } from './bare-hosts.js';
export { HOST_ENDPOINT } from './host-endpoint.parse.js';

/** NetworkPolicy and GlobalNetworkPolicy of projectcalico.org/v3 and crd.projectcalico.org/v1. */
export const calicoPolicy: PolicyFrontend = {
  kinds: ['NetworkPolicy.projectcalico.org', 'GlobalNetworkPolicy.projectcalico.org'],
  tiers: calicoTiers,
  auxProblems: calicoAuxProblems,
  compile: compileCalicoPolicy,
};

/** The staged kinds of the same groups. */
export const calicoStagedPolicy: PolicyFrontend = {
  kinds: [
    'StagedNetworkPolicy.projectcalico.org',
    'StagedGlobalNetworkPolicy.projectcalico.org',
    'StagedKubernetesNetworkPolicy.projectcalico.org',
  ],
  staged: stagedChange,
  compile: compileStagedPolicy,
};

const onForward = (tier: Tier): Tier[] => [forwardTier(tier, 'host-forward'), forwardTier(tier, 'host-inward')];

function untracked(tier: Tier): Tier[] {
  const first = stageTier(tier, 'untracked');
  return [first, forwardTier(first, 'host-untracked'), ...REPLY_LOOKS.map((look) => replyTier(first, look))];
}

function beforeTranslation(tier: Tier): Tier[] {
  const early = stageTier(tier, 'pre-dnat');
  return [early, ...onForward(early)];
}

/** Tiers of the cluster, and those that only policies of hosts need. */
function calicoTiers(env: CompileEnv): readonly Tier[] {
  if (env.semantics.combination !== 'calico') return [UNREAD_TIER];
  const tiers = [...contextOf(env).tiers.values()].map((known) => known.tier);
  return [
    ...tiers,
    ...(anyPolicySays('doNotTrack', env) ? tiers.flatMap(untracked) : []),
    ...(anyPolicySays('preDNAT', env) ? tiers.flatMap(beforeTranslation) : []),
    ...(anyPolicySays('applyOnForward', env) ? tiers.flatMap(onForward) : []),
  ];
}
