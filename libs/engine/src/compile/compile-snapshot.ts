import { detectCni, intendedSemantics, semanticsOf } from '../cni/index.js';
import type { SemanticsDeviation } from '../cni/index.js';
import { canonicalJson } from '../base/index.js';
import type { CniDetection, Diagnostic, Fact, PolicyKind, Semantics } from '../model/index.js';
import { policyKindOf } from '../normalise/normalise-object.js';
import { buildEndpoints } from './build-endpoints.js';
import { auxDiagnostics, compilePolicies, policyDiagnostics } from './compile-policies.js';
import type { Endpoint } from './endpoint.js';
import { ENFORCED_EVERYWHERE } from './enforcement.js';
import type { Enforcement } from './enforcement.js';
import { EndpointDirectory } from './endpoint-directory.js';
import { indexFacts } from './facts-index.js';
import type { FactsIndex } from './facts-index.js';
import { MatcherTable } from './match-selector.js';
import type { PolicySet } from './policy-set.js';

/** Which kinds were fully listed; a kind that is not named counts as complete. */
export type Completeness = Readonly<
  Record<string, { readonly complete: boolean; readonly reason?: string | undefined }>
>;

export interface CompileOptions {
  /** Overrides switches of both readings, for tools and corpora with a convention of their own. */
  readonly semantics?: Partial<Semantics>;
  /** What was detected elsewhere; without it the facts are searched. */
  readonly cni?: CniDetection;
  readonly completeness?: Completeness;
}

/** One of the two readings of policy. */
export interface Reading {
  /**
   * Normally one set. Two when it is not known whether some kinds are enforced: with them and without; a verdict on
   * which they differ is unknown.
   */
  readonly sets: readonly PolicySet[];
  readonly enforcement: Enforcement;
  /** Where this reading leaves the specification, in words. */
  readonly deviations: readonly SemanticsDeviation[];
}

/** Everything the engine answers questions from. Immutable; equal facts and options give an equal value. */
export interface CompiledSnapshot {
  readonly index: FactsIndex;
  readonly endpoints: readonly Endpoint[];
  readonly directory: EndpointDirectory;
  readonly cni: CniDetection;
  readonly intended: Reading;
  readonly enforced: Reading;
  readonly completeness: Completeness;
  readonly diagnostics: readonly Diagnostic[];
}

/** Compiles the facts of one snapshot. Pure: the order of facts does not matter, nothing outside is read. */
export function compileSnapshot(facts: Iterable<Fact>, options: CompileOptions = {}): CompiledSnapshot {
  const all = [...facts];
  const index = indexFacts(all);
  const completeness = options.completeness ?? {};
  const cni = options.cni ?? detectCni(all, completeness);
  const present = new Set(index.policies.map((fact) => policyKindOf(fact.meta)).filter((kind) => kind !== null));
  const intendedBy: Semantics = { ...intendedSemantics(cni, present), ...options.semantics };
  const enforcing = semanticsOf(cni);
  const enforcedBy: Semantics = { ...enforcing.semantics, ...options.semantics };
  const table = new MatcherTable();
  const intended: Reading = {
    sets: [compilePolicies(index, intendedBy, table)],
    enforcement: ENFORCED_EVERYWHERE,
    deviations: [],
  };
  const enforced: Reading = {
    sets: enforcedSets(index, enforcedBy, intendedBy, intended.sets[0] as PolicySet, table),
    enforcement: { unenforcedNodes: new Set(cni.unenforcedNodes) },
    deviations: enforcing.deviations,
  };
  const endpoints = buildEndpoints(index);
  return {
    index,
    endpoints,
    directory: new EndpointDirectory(endpoints),
    cni,
    intended,
    enforced,
    completeness,
    diagnostics: [
      ...index.rejected.flatMap((fact) => fact.diagnostics),
      ...auxDiagnostics(index, intendedBy),
      ...policyDiagnostics(intended.sets[0] as PolicySet),
    ],
  };
}

function enforcedSets(
  index: FactsIndex,
  semantics: Semantics,
  intendedBy: Semantics,
  intended: PolicySet,
  table: MatcherTable,
): readonly PolicySet[] {
  if (canonicalJson(semantics) === canonicalJson(intendedBy)) return [intended];
  const withAll = compilePolicies(index, semantics, table);
  const doubtful = new Set<PolicyKind>(
    index.policies
      .map((fact) => policyKindOf(fact.meta))
      .filter((kind): kind is PolicyKind => kind !== null && semantics.kinds[kind] === 'unknown'),
  );
  return doubtful.size === 0 ? [withAll] : [withAll, compilePolicies(index, semantics, table, doubtful)];
}
