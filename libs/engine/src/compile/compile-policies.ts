import type { CompiledPolicy, Diagnostic, PolicyFact, PolicyKind, Semantics, Tier } from '../model/index.js';
import { calicoImplied } from '../kinds/calico/index.js';
import { alwaysEnforced } from '../kinds/cilium/index.js';
import type { MergedRules } from '../kinds/cilium/index.js';
import { standingAllows } from './standing-allows.js';
import { FRONTENDS } from '../kinds/index.js';
import { demandedTls, ledElsewhere, sidecarConfines, waypointDetours } from '../kinds/istio/index.js';
import type { CompileEnv } from '../kinds/frontend.js';
import { isolationTier, standardTier } from '../kinds/shared/index.js';
import { UNREAD_TIER, unreadPolicy } from '../kinds/unread-policy.js';
import { policyKindOf } from '../normalise/normalise-object.js';
import type { FactsIndex } from './facts-index.js';
import type { CompileCache, CompiledUnder, EnvPart } from './compile-cache.js';
import { bearOnOthers, besideOthers, demandingAmong, mergedRules } from './merged-policies.js';
import { withMachines } from './mesh-machines.js';
import { podDefault } from './pod-default.js';
import { buildingPolicySet, editPolicySet } from './policy-set.js';
import type { PolicyEdit, PolicySet } from './policy-set.js';
import { spreadNetworkPolicy } from './spread-network-policy.js';
import type { FactEdit } from './update-index.js';

/** Policies seen to between two pauses: some milliseconds of work. */
export const POLICIES_A_STEP = 512;

/** What policies are compiled of. */
export interface Inventory {
  readonly index: FactsIndex;
  /** Namespaces with a workload in the ambient mode of a mesh. */
  readonly ambient: ReadonlySet<string>;
  /** The policies that may bear on others, in order of object. */
  readonly demanding: readonly PolicyFact[];
}

/**
 * Compiles every policy of a snapshot under one reading. Kinds that the reading leaves out are not compiled. The way there
 * may pause at each null.
 */
export function* compilingPolicies(
  inventory: Inventory,
  semantics: Semantics,
  cache: CompileCache,
  leftOut: ReadonlySet<PolicyKind> = new Set(),
): Generator<null, PolicySet> {
  const compiled = cache.under(semantics);
  const env = compileEnv(inventory, semantics, compiled.note);
  const policies: CompiledPolicy[] = [];
  const tiers = new Map<string, Tier>();
  const addTier = (tier: Tier): void => {
    if (!tiers.has(tier.id)) tiers.set(tier.id, tier);
  };
  for (const which of ['admin', 'default', 'baseline'] as const) addTier(standardTier(semantics, which));
  addTier(isolationTier(semantics));
  const merged = mergedIn(inventory, env, leftOut);
  const asked = new Set<PolicyKind>();
  for (const fact of inventory.index.policies) {
    const kind = policyKindOf(fact.meta);
    if (kind === null || isLeftOut(kind, semantics, leftOut)) continue;
    const frontend = FRONTENDS[kind];
    if (!asked.has(kind)) {
      asked.add(kind);
      for (const tier of frontend === null ? [UNREAD_TIER] : (frontend.tiers?.(env) ?? [])) addTier(tier);
    }
    policies.push(besideOthers(fact, merged, env) ?? compilePolicy(fact, kind, compiled, env));
    if (policies.length % POLICIES_A_STEP === 0) yield null;
  }
  yield null;
  const extra: CompiledPolicy[] = [
    ...(merged?.unresolved ?? []),
    ...alwaysEnforced(semantics),
    ...standingAllows(semantics),
  ];
  for (const more of [
    calicoImplied(env),
    podDefault(semantics),
    waypointDetours(env),
    sidecarConfines(env),
    ledElsewhere(env),
    demandedTls(env),
  ]) {
    extra.push(...more.policies.map((policy) => withMachines(policy, env)));
    for (const tier of more.tiers) addTier(tier);
  }
  if (semantics.knpDecidesBothDirections) extra.push(...spreadNetworkPolicy([...policies, ...extra], semantics));
  return yield* buildingPolicySet(policies, [...tiers.values()], semantics, cache.table, { extra, leftOut });
}

/**
 * What `compilingPolicies` gives after some policies changed, where nothing else that the set depends on did; null where it
 * has to be made anew.
 */
export function recompilePolicies(
  set: PolicySet,
  inventory: Inventory,
  changed: readonly FactEdit[],
  cache: CompileCache,
): PolicySet | null {
  const { semantics, leftOut } = set;
  // What is added for the directions that policies leave alone depends on all of them.
  if (semantics.knpDecidesBothDirections) return null;
  if (changed.length === 0) return set;
  const compiled = cache.under(semantics);
  const env = compileEnv(inventory, semantics, compiled.note);
  if (bearOnOthers(inventory.demanding, changed)) {
    // Where no policy bears on another with those of before among them, none did and none does.
    const gone = changed.flatMap(({ before }) => (before?.type === 'policy' ? [before] : []));
    if (mergedIn(inventory, env, leftOut, gone) !== null) return null;
  }
  const edits = changed.map(({ ref, after }): PolicyEdit => {
    const kind = policyKindOf(ref);
    const stays = kind !== null && after?.type === 'policy' && !isLeftOut(kind, semantics, leftOut);
    return { policy: ref, after: stays ? compilePolicy(after, kind, compiled, env) : null };
  });
  return editPolicySet(set, edits);
}

/** What rules of several policies are to each other, with those of some that are gone. */
function mergedIn(
  { index, demanding }: Inventory,
  env: CompileEnv,
  leftOut: ReadonlySet<PolicyKind>,
  gone: readonly PolicyFact[] = [],
): MergedRules | null {
  const isRead = ({ meta }: PolicyFact): boolean => {
    const kind = policyKindOf(meta);
    return kind !== null && !isLeftOut(kind, env.semantics, leftOut);
  };
  return mergedRules([...demanding, ...demandingAmong(gone)], () => [...index.policies, ...gone], isRead, env);
}

function isLeftOut(kind: PolicyKind, semantics: Semantics, leftOut: ReadonlySet<PolicyKind>): boolean {
  return semantics.kinds[kind] === 'no' || leftOut.has(kind);
}

function compilePolicy(fact: PolicyFact, kind: PolicyKind, compiled: CompiledUnder, env: CompileEnv): CompiledPolicy {
  const frontend = FRONTENDS[kind];
  return frontend === null ? unreadPolicy(fact, kind) : compiled.policy(fact, frontend, env);
}

/** True for kinds of which a policy speaks for itself: no other one is compiled differently for its sake. */
export function standsAlone(kind: PolicyKind | null): boolean {
  return kind !== null && FRONTENDS[kind]?.pattern !== undefined;
}

/** The environment of one compilation; notes what is looked at. */
function compileEnv({ index, ambient }: Inventory, semantics: Semantics, note: (part: EnvPart) => void): CompileEnv {
  const noting = <T>(part: EnvPart, value: T): T => {
    note(part);
    return value;
  };
  let others: readonly PolicyFact[] | null = null;
  return {
    semantics,
    get namespaces() {
      return noting('namespaces', index.namespaces);
    },
    get pods() {
      return noting('pods', index.pods);
    },
    get workloads() {
      return noting('workloads', index.workloads);
    },
    get nodes() {
      return noting('nodes', index.nodes);
    },
    get services() {
      return noting('services', index.services);
    },
    get slices() {
      return noting('slices', index.slices);
    },
    get policies() {
      others ??= index.policies.filter(({ meta }) => !standsAlone(policyKindOf(meta)));
      return noting('policies', others);
    },
    get ambient() {
      return noting('ambient', ambient);
    },
    aux: (kind) => noting('aux', index.aux.get(kind) ?? []),
  };
}

/** What is wrong with objects that policies refer to (tiers, groups), told even when no policy uses them. */
export function auxDiagnostics(inventory: Inventory, semantics: Semantics): readonly Diagnostic[] {
  const env = { ...compileEnv(inventory, semantics, () => undefined), policies: inventory.index.policies };
  return [...new Set(Object.values(FRONTENDS))].flatMap((frontend) => frontend?.auxProblems?.(env) ?? []);
}
