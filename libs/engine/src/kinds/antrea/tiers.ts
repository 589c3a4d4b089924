import { field, list, oncePer, path, pointerToMissing, text } from '../../base/index.js';
import type { Semantics, Tier } from '../../model/index.js';
import type { AuxFact, Diagnostic } from '../../model/index.js';
import { describe, ProblemList } from '../../normalise/problem-list.js';
import type { CompileEnv } from '../frontend.js';
import { UNREAD_TIER } from '../unread-policy.js';
import { DEFAULT_TIER_ORDER, standardTier } from '../shared/index.js';

const TIER = 'Tier.crd.antrea.io';
export const DEFAULT_TIER = 'application';
export const BASELINE_TIER = 'baseline';

/** The tiers that Antrea makes itself (AT-1). */
const BUILT_IN: ReadonlyMap<string, number> = new Map([
  ['emergency', 50],
  ['securityops', 100],
  ['networkops', 150],
  ['platform', 200],
  [DEFAULT_TIER, 250],
  [BASELINE_TIER, 253],
]);
/** Taken by AdminNetworkPolicy, NetworkPolicy and the upstream baseline kinds (AT-3). */
const RESERVED: ReadonlySet<number> = new Set([251, 252, 254, 255]);
const TIER_LIMIT = 20;

export interface AntreaTiers {
  /** Priorities by name, built-in tiers included; refused tiers are left out. */
  readonly priorities: ReadonlyMap<string, number>;
  /** Whether there is any Tier object: Antrea makes its own, so without one they were not listed. */
  readonly listed: boolean;
  readonly diagnostics: readonly Diagnostic[];
}

interface ReadTier {
  readonly fact: AuxFact;
  readonly problems: ProblemList;
}

/** Who has a priority; Antrea's own tiers have theirs without an object. */
interface Holder {
  readonly name: string;
  readonly read: ReadTier | null;
}

/** The tiers of a snapshot, read once. */
export const readTiers = oncePer((env: CompileEnv): AntreaTiers => read(env.aux(TIER)));

function read(facts: readonly AuxFact[]): AntreaTiers {
  const priorities = new Map(BUILT_IN);
  const taken = new Map<number, Holder>([...BUILT_IN].map(([name, priority]) => [priority, { name, read: null }]));
  const tiers = inOrderOfCreation(facts).map((fact): ReadTier => ({ fact, problems: new ProblemList(fact.meta) }));
  for (const tier of tiers) {
    const { name } = tier.fact.meta;
    const priority = tierPriority(tier, taken);
    if (priority === null) continue;
    priorities.set(name, priority);
    taken.set(priority, { name, read: tier });
  }
  const diagnostics = tiers.flatMap(({ problems }) => problems.diagnostics);
  if (facts.length > TIER_LIMIT) {
    const problems = new ProblemList(null);
    problems.suspect('antrea.tier_limit', '', `${facts.length} tiers, Antrea supports ${TIER_LIMIT}`);
    diagnostics.push(...problems.diagnostics);
  }
  return { priorities, listed: facts.length > 0, diagnostics };
}

/** Of two tiers that cannot both be, the API server refused the later one. */
function inOrderOfCreation(facts: readonly AuxFact[]): AuxFact[] {
  const rank = (fact: AuxFact): string => `${BUILT_IN.has(fact.meta.name) ? 0 : 1} ${fact.meta.createdAt}`;
  return [...facts].sort((a, b) => (rank(a) < rank(b) ? -1 : rank(a) > rank(b) ? 1 : 0));
}

function tierPriority(tier: ReadTier, taken: ReadonlyMap<number, Holder>): number | null {
  const { fact, problems } = tier;
  const at = pointerToMissing(fact.raw, 'spec', 'priority');
  const value = path(fact.raw, 'spec', 'priority');
  if (typeof value !== 'number' || !Number.isInteger(value) || value < 0 || value > 255) {
    problems.error('antrea.tier_priority', at, `expected a number from 0 to 255, found ${describe(value)}`);
    return null;
  }
  const { name } = fact.meta;
  if (BUILT_IN.has(name)) return value;
  if (RESERVED.has(value)) {
    problems.error('antrea.tier_reserved', at, `priority ${value} is reserved, choose one below 250`);
    return null;
  }
  const other = taken.get(value);
  if (other !== undefined && other.name !== name) {
    problems.error('antrea.tier_overlap', at, `priority ${value} is that of tier \`${other.name}\` already`);
    tellTie(other, tier, value);
    return null;
  }
  if (value === 220) {
    problems.suspect('antrea.tier_admin', at, 'priority 220 keeps ClusterNetworkPolicy of the Kubernetes project out');
  }
  return value;
}

/** Without times of creation, as in manifests, either of two tiers may be the refused one, so both are told. */
function tellTie({ read }: Holder, later: ReadTier, value: number): void {
  if (read?.fact.meta.createdAt !== later.fact.meta.createdAt) return;
  const at = pointerToMissing(read.fact.raw, 'spec', 'priority');
  read.problems.error('antrea.tier_overlap', at, `tier \`${later.fact.meta.name}\` has priority ${value} as well`);
}

/** The tier's name as Antrea looks it up: the first release wrote built-in names with capitals. */
export function tierName(written: string): string {
  if (written === '') return DEFAULT_TIER;
  const lower = written.toLowerCase();
  return BUILT_IN.has(lower) ? lower : written;
}

/** Antrea's tiers that policies of the snapshot use. */
export function antreaTiers(env: CompileEnv): readonly Tier[] {
  const { priorities, listed } = readTiers(env);
  const used = new Map<string, Tier>();
  const unplaced: Tier[] = [];
  let atServices = false;
  const use = (name: string): void => {
    const priority = priorities.get(name);
    if (priority !== undefined) used.set(name, regularTier(name, priority, env.semantics));
    else if (!listed) unplaced.push(UNREAD_TIER);
  };
  for (const fact of env.policies) {
    if (fact.meta.group !== 'crd.antrea.io') continue;
    const spec = field(fact.raw, 'spec');
    use(tierName(text(field(spec, 'tier'))));
    atServices ||= appliesToService(spec);
  }
  if (!atServices) return [...unplaced, ...used.values()];
  use(BASELINE_TIER);
  return [...unplaced, ...used.values(), ...[...used.values()].map(serviceTier)];
}

function appliesToService(spec: unknown): boolean {
  const holders = [spec, ...list(field(spec, 'ingress'))];
  return holders.some((holder) =>
    list(field(holder, 'appliedTo')).some((entry) => field(entry, 'service') !== undefined),
  );
}

export const tierId = (name: string): string => `antrea/${name}`;

/**
 * Pass skips the remaining regular tiers and leads to NetworkPolicy (AT-11). Where another vendor's order applies, the
 * regular tiers still come before NetworkPolicy and `baseline` after it.
 */
function regularTier(name: string, priority: number, semantics: Semantics): Tier {
  const base = { id: tierId(name), title: `${name} tier (Antrea)`, gate: 'cni' } as const;
  if (name === BASELINE_TIER) {
    const order = semantics.combination === 'antrea' ? [priority] : [DEFAULT_TIER_ORDER, 'antrea'];
    return { ...base, order, passTo: '' };
  }
  return { ...base, order: [priority], passTo: standardTier(semantics, 'default').id };
}

export const serviceTierId = (name: string): string => `service/${tierId(name)}`;

/** The same tier for rules that apply to a Service, before its backend is chosen (AT-20). */
function serviceTier(tier: Tier): Tier {
  return {
    ...tier,
    id: `service/${tier.id}`,
    title: `${tier.title}, at the Service`,
    gate: 'service-entry',
    passTo: tier.passTo === '' ? '' : serviceTierId(BASELINE_TIER),
  };
}
