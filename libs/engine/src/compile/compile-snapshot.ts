import {
  detectCni,
  deviationsOf,
  engineDetections,
  intendedSemantics,
  KIND_GROUPS,
  semanticsOf,
} from '../cni/index.js';
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
import type { PolicySet } from './policy-set.js';
import { ReadyTable } from './ready-table.js';

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

/** What one engine makes of policy. */
export interface EngineReading {
  /**
   * Normally one set. Several when it is not known whether some kinds are enforced: with them and without. A verdict on
   * which they differ is unknown.
   */
  readonly variants: readonly [PolicySet, ...PolicySet[]];
  readonly enforcement: Enforcement;
}

/** One of the two readings of policy. */
export interface Reading {
  /** Normally one. Where several engines enforce at once, a flow must pass all of them. */
  readonly engines: readonly [EngineReading, ...EngineReading[]];
  /** Every set of every engine, for those that look for all rules there are. */
  readonly sets: readonly PolicySet[];
  /** Nodes on which no engine enforces. */
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
  const table = new ReadyTable();
  const asWritten = compilePolicies(index, intendedBy, table);
  const intended: Reading = {
    engines: [{ variants: [asWritten], enforcement: ENFORCED_EVERYWHERE }],
    sets: [asWritten],
    enforcement: ENFORCED_EVERYWHERE,
    deviations: [],
  };
  let enforced: Reading | null = null;
  let directory: EndpointDirectory | null = null;
  let diagnostics: readonly Diagnostic[] | null = null;
  const endpoints = buildEndpoints(index);
  return {
    index,
    endpoints,
    get directory() {
      return (directory ??= new EndpointDirectory(endpoints));
    },
    cni,
    intended,
    // Made on first use, as the directory is: all pairs of policy as written need neither.
    get enforced() {
      return (enforced ??= enforcedReading(index, cni, options.semantics ?? {}, intendedBy, asWritten, table));
    },
    completeness,
    get diagnostics() {
      return (diagnostics ??= [
        ...index.rejected.flatMap((fact) => fact.diagnostics),
        ...auxDiagnostics(index, intendedBy),
        ...policyDiagnostics(asWritten),
      ]);
    },
  };
}

function enforcedReading(
  index: FactsIndex,
  cni: CniDetection,
  overrides: Partial<Semantics>,
  intendedBy: Semantics,
  asWritten: PolicySet,
  table: ReadyTable,
): Reading {
  const engineReading = (engine: CniDetection): EngineReading => {
    const semantics: Semantics = { ...semanticsOf(engine).semantics, ...overrides };
    return {
      variants: enforcedSets(index, semantics, intendedBy, asWritten, table),
      enforcement: { unenforcedNodes: new Set(engine.unenforcedNodes) },
    };
  };
  const [first, ...others] = engineDetections(cni);
  const engines: Reading['engines'] = [engineReading(first), ...others.map(engineReading)];
  return {
    engines,
    sets: [...new Set(engines.flatMap((engine) => engine.variants))],
    enforcement: { unenforcedNodes: new Set(cni.unenforcedNodes) },
    deviations: deviationsOf(cni),
  };
}

function enforcedSets(
  index: FactsIndex,
  semantics: Semantics,
  intendedBy: Semantics,
  intended: PolicySet,
  table: ReadyTable,
): EngineReading['variants'] {
  const present = new Set(index.policies.map((fact) => policyKindOf(fact.meta)).filter((kind) => kind !== null));
  const alike = sameSwitches(semantics, intendedBy, present);
  const withAll = alike ? intended : compilePolicies(index, semantics, table);
  const doubtful = new Map<string, PolicyKind[]>();
  for (const kind of present) {
    if (semantics.kinds[kind] !== 'unknown') continue;
    const group = KIND_GROUPS[kind];
    doubtful.set(group, [...(doubtful.get(group) ?? []), kind]);
  }
  const without = leftOut([...doubtful.values()]).map((kinds) => compilePolicies(index, semantics, table, kinds));
  return [withAll, ...without];
}

/** Two readings that switch alike and leave out the same of the kinds that are there compile to the same set. */
function sameSwitches(a: Semantics, b: Semantics, present: ReadonlySet<PolicyKind>): boolean {
  const switches = (semantics: Semantics): string => canonicalJson({ ...semantics, kinds: null });
  if (switches(a) !== switches(b)) return false;
  return [...present].every((kind) => (a.kinds[kind] === 'no') === (b.kinds[kind] === 'no'));
}

/** Groups of which every combination is tried; each one more doubles the work. */
const EVERY_COMBINATION = 3;

/**
 * Which kinds an engine may leave out, by groups that it enforces or not as one: every choice but that of leaving out
 * none. Of many groups only all, each one, and all but one.
 */
function leftOut(groups: readonly (readonly PolicyKind[])[]): readonly ReadonlySet<PolicyKind>[] {
  const choices: (readonly PolicyKind[])[][] = [];
  if (groups.length <= EVERY_COMBINATION) {
    for (let bits = 1; bits < 1 << groups.length; bits++)
      choices.push(groups.filter((_, i) => (bits & (1 << i)) !== 0));
  } else {
    choices.push([...groups]);
    for (const group of groups)
      choices.push(
        [group],
        groups.filter((other) => other !== group),
      );
  }
  return choices.map((choice) => new Set(choice.flat()));
}
