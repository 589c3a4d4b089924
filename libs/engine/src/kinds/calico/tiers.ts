import { field, text } from '../../base/index.js';
import type { Tier } from '../../model/index.js';
import type { CompileEnv } from '../frontend.js';
import { standardTier } from '../shared/index.js';
import { canonicalGroup } from './calico-meta.js';
import type { Stage } from './calico.raw.js';
import { DEFAULT_TIER } from './policy.parse.js';

export const TIER = 'Tier.projectcalico.org';
/** Stands for +infinity: it survives JSON, and no tier or policy of a cluster comes after it. */
export const LAST = Number.MAX_VALUE;

/** Names of the tiers that Calico makes itself, this release's and those of the releases before ClusterNetworkPolicy. */
const BUILT_IN: ReadonlyMap<string, 'admin' | 'default' | 'baseline'> = new Map([
  ['kube-admin', 'admin'],
  ['adminnetworkpolicy', 'admin'],
  ['default', 'default'],
  ['kube-baseline', 'baseline'],
  ['baselineadminnetworkpolicy', 'baseline'],
]);
const STAGE_ORDER: Readonly<Record<Exclude<Stage, 'normal'>, number>> = { untracked: -20, 'pre-dnat': -10 };

/** A tier by the name that policies use. */
export interface CalicoTier {
  readonly tier: Tier;
  /** What happens to an endpoint that the tier's policies select when none of them decides. */
  readonly endsIn: 'Deny' | 'Pass';
}

export type CalicoTiers = ReadonlyMap<string, CalicoTier>;

/**
 * Tiers by name: the built-in ones, Tier objects, and those that policies name although there is no such object, which
 * come after all others. (CAL-5, CAL-6)
 */
export function readTiers(env: CompileEnv): CalicoTiers {
  const tiers = new Map<string, CalicoTier>();
  for (const [name, which] of BUILT_IN) {
    tiers.set(name, { tier: standardTier(env.semantics, which), endsIn: which === 'default' ? 'Deny' : 'Pass' });
  }
  for (const fact of env.aux(TIER)) {
    const spec = field(fact.raw, 'spec');
    const { name } = fact.meta;
    const order = field(spec, 'order');
    const endsIn = field(spec, 'defaultAction') === 'Pass' ? 'Pass' : 'Deny';
    const known = tiers.get(name);
    const place = typeof order === 'number' && Number.isFinite(order) ? order : LAST;
    if (known === undefined) tiers.set(name, { tier: userTier(name, [place]), endsIn });
    else if (name !== DEFAULT_TIER)
      tiers.set(name, { ...known, endsIn: field(spec, 'defaultAction') ? endsIn : known.endsIn });
  }
  for (const fact of env.policies) {
    if (canonicalGroup(fact.meta.group) !== 'projectcalico.org') continue;
    const name = text(field(field(fact.raw, 'spec'), 'tier'));
    if (name !== '' && !tiers.has(name)) tiers.set(name, { tier: userTier(name, [LAST, 'missing']), endsIn: 'Deny' });
  }
  return tiers;
}

const userTier = (name: string, order: Tier['order']): Tier => ({
  id: name,
  title: `${name} tier`,
  order,
  passTo: '',
  gate: 'cni',
});

/** The tier as it is walked for host traffic before connection tracking or before address translation. (CAL-61) */
export function stageTier(tier: Tier, stage: Stage): Tier {
  if (stage === 'normal') return tier;
  const title = stage === 'untracked' ? 'before connection tracking' : 'before address translation';
  return {
    ...tier,
    id: `${stage}:${tier.id}`,
    title: `${tier.title}, ${title}`,
    order: [STAGE_ORDER[stage], ...tier.order],
  };
}

/** Where a host judges what it forwards for its pods, by gate: each has the tiers anew. (CAL-64 to CAL-67) */
const FORWARDED = {
  'host-untracked': { id: 'forward-untracked', title: 'forwarded by the host' },
  'host-forward': { id: 'forward', title: 'forwarded by the host' },
  'host-inward': { id: 'inward', title: 'forwarded by the host, on the side of its pods' },
} as const;

/** The tier as it is walked for traffic that a host forwards: a gate of its own. */
export function forwardTier(tier: Tier, gate: keyof typeof FORWARDED): Tier {
  const { id, title } = FORWARDED[gate];
  const passTo = tier.passTo === '' ? '' : `${id}:${tier.passTo}`;
  return { ...tier, id: `${id}:${tier.id}`, title: `${tier.title}, ${title}`, passTo, gate };
}
