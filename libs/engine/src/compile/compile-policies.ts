import { canonicalJson } from '../base/index.js';
import { objectRef } from '../model/index.js';
import type { CompiledPolicy, Diagnostic, PolicyFact, PolicyKind, Semantics, Tier } from '../model/index.js';
import { calicoImplied } from '../kinds/calico/index.js';
import { alwaysEnforced } from '../kinds/cilium/index.js';
import { FRONTENDS } from '../kinds/index.js';
import { ambientNamespaces, carriedByMesh, waypointDetours } from '../kinds/istio/index.js';
import type { CompileEnv, PolicyFrontend, PolicyPattern } from '../kinds/frontend.js';
import { standardTier } from '../kinds/shared/index.js';
import { UNREAD_TIER, unreadPolicy } from '../kinds/unread-policy.js';
import { policyKindOf } from '../normalise/normalise-object.js';
import type { FactsIndex } from './facts-index.js';
import { BoundPolicy } from './bound-policy.js';
import { podDefault } from './pod-default.js';
import { buildPolicySet } from './policy-set.js';
import type { PolicySet } from './policy-set.js';
import type { ReadyTable } from './ready-table.js';
import { spreadNetworkPolicy } from './spread-network-policy.js';

/** Compiles every policy of a snapshot under one reading. Kinds that the reading leaves out are not compiled. */
export function compilePolicies(
  index: FactsIndex,
  semantics: Semantics,
  table: ReadyTable,
  leaveOut: ReadonlySet<PolicyKind> = new Set(),
): PolicySet {
  const env = compileEnv(index, semantics);
  const compiled = compiledUnder(index, semantics);
  const policies: CompiledPolicy[] = [];
  const tiers = new Map<string, Tier>();
  const addTier = (tier: Tier): void => {
    if (!tiers.has(tier.id)) tiers.set(tier.id, tier);
  };
  for (const which of ['admin', 'default', 'baseline'] as const) addTier(standardTier(semantics, which));
  const asked = new Set<PolicyKind>();
  for (const fact of index.policies) {
    const kind = policyKindOf(fact.meta);
    if (kind === null || semantics.kinds[kind] === 'no' || leaveOut.has(kind)) continue;
    const frontend = FRONTENDS[kind];
    if (frontend === null) {
      addTier(UNREAD_TIER);
      policies.push(unreadPolicy(fact, kind));
      continue;
    }
    if (!asked.has(kind)) {
      asked.add(kind);
      for (const tier of frontend.tiers?.(env) ?? []) addTier(tier);
    }
    policies.push(compileOnce(fact, frontend, env, compiled));
  }
  policies.push(...alwaysEnforced(semantics));
  for (const implied of [calicoImplied(env), podDefault(semantics), waypointDetours(env)]) {
    policies.push(...implied.policies);
    for (const tier of implied.tiers) addTier(tier);
  }
  if (semantics.knpDecidesBothDirections) policies.push(...spreadNetworkPolicy(policies, semantics));
  return buildPolicySet(policies, [...tiers.values()], semantics, table);
}

/** What was compiled under the same switches: policies by object, patterns by the text of their specification. */
interface Compiled {
  readonly policies: Map<PolicyFact, CompiledPolicy>;
  readonly patterns: Map<string, PolicyPattern | null>;
}

const COMPILED = new WeakMap<FactsIndex, Map<string, Compiled>>();

/**
 * What was compiled of a snapshot under the same switches. Readings often differ only in the kinds they leave out, and
 * frontends do not look at those: the policy they share is compiled once.
 */
function compiledUnder(index: FactsIndex, semantics: Semantics): Compiled {
  let bySwitches = COMPILED.get(index);
  if (bySwitches === undefined) COMPILED.set(index, (bySwitches = new Map<string, Compiled>()));
  const key = canonicalJson({ ...semantics, kinds: null });
  let compiled = bySwitches.get(key);
  if (compiled === undefined) bySwitches.set(key, (compiled = { policies: new Map(), patterns: new Map() }));
  return compiled;
}

function compileOnce(fact: PolicyFact, frontend: PolicyFrontend, env: CompileEnv, compiled: Compiled): CompiledPolicy {
  let policy = compiled.policies.get(fact);
  if (policy === undefined) {
    // Patterns are of policies as written, which an ambient mesh takes apart.
    const bound = ambientNamespaces(env).size > 0 ? null : boundPolicy(fact, frontend, env, compiled.patterns);
    policy = bound ?? carriedByMesh(frontend.compile(fact, env), env);
    compiled.policies.set(fact, policy);
  }
  return policy;
}

function boundPolicy(
  fact: PolicyFact,
  frontend: PolicyFrontend,
  env: CompileEnv,
  patterns: Map<string, PolicyPattern | null>,
): BoundPolicy | null {
  if (frontend.pattern === undefined || frontend.orderOf === undefined) return null;
  const key = `${fact.meta.kind} ${JSON.stringify(fact.raw['spec'])}`;
  let pattern = patterns.get(key);
  if (pattern === undefined) patterns.set(key, (pattern = frontend.pattern(fact, env)));
  if (pattern === null) return null;
  const policy = objectRef(fact.meta);
  return new BoundPolicy(policy, pattern, frontend.orderOf(policy, env));
}

function compileEnv(index: FactsIndex, semantics: Semantics): CompileEnv {
  return {
    semantics,
    namespaces: index.namespaces,
    pods: index.pods,
    workloads: index.workloads,
    nodes: index.nodes,
    services: index.services,
    slices: index.slices,
    policies: index.policies,
    aux: (kind) => index.aux.get(kind) ?? [],
  };
}

/** What is wrong with objects that policies refer to (tiers, groups), told even when no policy uses them. */
export function auxDiagnostics(index: FactsIndex, semantics: Semantics): readonly Diagnostic[] {
  const env = compileEnv(index, semantics);
  return [...new Set(Object.values(FRONTENDS))].flatMap((frontend) => frontend?.auxProblems?.(env) ?? []);
}

/** All diagnostics of the policies of a set. */
export function policyDiagnostics(set: PolicySet): readonly Diagnostic[] {
  return set.policies.flatMap((policy) => policy.diagnostics);
}
