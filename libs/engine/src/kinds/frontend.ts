import type {
  AuxFact,
  NamespaceFact,
  NodeFact,
  PodFact,
  EndpointSliceFact,
  ServiceFact,
  PolicyFact,
  WorkloadFact,
} from '../model/fact.js';
import type { Diagnostic } from '../model/diagnostic.js';
import type { ObjectRef } from '../model/object.js';
import type { CompiledPolicy, PolicyEntry, PolicyKind, Tier } from '../model/policy.js';
import type { Semantics } from '../model/profile.js';

/** What a frontend may look at beside its own object: the facts of the snapshot, indexed, and how to read them. */
export interface CompileEnv {
  readonly semantics: Semantics;
  readonly namespaces: ReadonlyMap<string, NamespaceFact>;
  readonly pods: readonly PodFact[];
  readonly workloads: readonly WorkloadFact[];
  readonly nodes: readonly NodeFact[];
  /** By `namespace/name`. */
  readonly services: ReadonlyMap<string, ServiceFact>;
  /** By `namespace/name` of the Service. */
  readonly slices: ReadonlyMap<string, readonly EndpointSliceFact[]>;
  /**
   * Policy objects of all kinds, to `compile` and `tiers` without those of patterns, which nothing else is compiled
   * differently for.
   */
  readonly policies: readonly PolicyFact[];
  /** Namespaces with a workload in the ambient mode of a mesh. */
  readonly ambient: ReadonlySet<string>;
  /** Auxiliary objects of one kind, by `kindId` such as `Tier.crd.antrea.io`, in order of key. */
  aux(kind: string): readonly AuxFact[];
}

/**
 * What a specification says in whatever namespace it stands: selectors say `same` where the policy's own namespace is
 * meant. Policies of equal specification share one pattern; `kinds/shared/bind-entry` makes a policy's entries of it.
 */
export interface PolicyPattern {
  readonly entries: readonly PolicyEntry[];
}

/** What putting a staged policy in force would do. */
export type StagedChange =
  | { readonly type: 'set'; readonly policy: PolicyFact }
  | { readonly type: 'delete'; readonly target: ObjectRef }
  /** Staged to be looked at only. */
  | { readonly type: 'nothing' };

/**
 * Reads one policy kind. A kind is a folder under `kinds/`: `<kind>.raw.ts` (fields read, as types),
 * `<kind>.parse.ts` (unknown → raw + diagnostics, never throws), `<kind>.compile.ts` (raw → entries),
 * `<kind>.semantics.md` (numbered statements with sources), and specs named after the statements.
 */
export interface PolicyFrontend {
  readonly kinds: readonly PolicyKind[];
  /** Tiers beyond those of the tier plan that this kind's objects define (Calico and Antrea tiers). */
  tiers?(env: CompileEnv): readonly Tier[];
  /** What is wrong with the auxiliary objects themselves, whether or not a policy uses them. */
  auxProblems?(env: CompileEnv): readonly Diagnostic[];
  /** The change that an object stands for which is not in force yet; null when it is. */
  staged?(fact: PolicyFact): StagedChange | null;
  /** Turns one object into entries. Never throws: what cannot be read becomes a diagnostic. */
  compile(fact: PolicyFact, env: CompileEnv): CompiledPolicy;
  /**
   * For kinds whose entries depend on `spec`, the policy's name and namespace and `env.semantics` alone: what `compile`
   * gives, namespace left open; null when there is something to say of the object itself.
   */
  pattern?(fact: PolicyFact, env: CompileEnv): PolicyPattern | null;
  /** Place of a patterned policy's entries in their tier. */
  orderOf?(policy: ObjectRef, env: CompileEnv): PolicyEntry['order'];
}
