import { finish, pushTo } from '../base/index.js';
import {
  detectCni,
  deviationsOf,
  engineDetections,
  intendedSemantics,
  KIND_GROUPS,
  lackingDiagnostic,
  lackingFields,
  possibleSemantics,
} from '../cni/index.js';
import type { SemanticsDeviation } from '../cni/index.js';
import { POLICY_KINDS } from '../model/index.js';
import type { CniDetection, Diagnostic, Fact, PolicyKind, Semantics } from '../model/index.js';
import { policyKindOf } from '../normalise/normalise-object.js';
import { buildingEndpoints } from './build-endpoints.js';
import type { BuiltEndpoints } from './build-endpoints.js';
import { CompileCache, switchesOf } from './compile-cache.js';
import { auxDiagnostics, compilingPolicies, POLICIES_A_STEP } from './compile-policies.js';
import type { Inventory } from './compile-policies.js';
import type { Endpoint } from './endpoint.js';
import type { EndpointList } from './endpoint-list.js';
import { ENFORCED_EVERYWHERE } from './enforcement.js';
import type { Enforcement } from './enforcement.js';
import { EndpointDirectory } from './endpoint-directory.js';
import { indexingFacts } from './facts-index.js';
import type { FactsIndex } from './facts-index.js';
import { demandingOf } from './merged-policies.js';
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

/** What one engine makes of policy. */
export interface EngineReading {
  /**
   * Normally one set. Several when it is not known which engine runs, or whether it enforces some kinds: with them and
   * without. A verdict on which they differ is unknown.
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
  return finish(compilingSnapshot(facts, options));
}

/** The same in steps: the way there may pause at each null. */
export function* compilingSnapshot(
  facts: Iterable<Fact>,
  options: CompileOptions = {},
): Generator<null, CompiledSnapshot> {
  const all = [...facts];
  const index = yield* indexingFacts(all);
  yield null;
  const looked = new Set<string>();
  const cni = options.cni ?? detectCni(all, options.completeness, looked);
  yield null;
  const present = kindsOf(index);
  const cache = new CompileCache();
  const built = yield* buildingEndpoints(index);
  yield null;
  const inventory = { index, ambient: built.ambient, demanding: demandingOf(index) };
  const asWritten = yield* compilingPolicies(inventory, intendedBy(cni, present, options), cache);
  return new LazySnapshot({ ...inventory, ...built, cni, looked, present, options, cache, asWritten });
}

/** Makes what every first question asks of a snapshot, in steps; without it the first one makes it all at once. */
export function* readyingSnapshot(snapshot: CompiledSnapshot): Generator<null, void> {
  if (snapshot instanceof LazySnapshot) yield* snapshot.readying();
}

/** Policy kinds of which there are objects, with their number. */
export type PresentKinds = ReadonlyMap<PolicyKind, number>;

function kindsOf(index: FactsIndex): PresentKinds {
  const out = new Map<PolicyKind, number>();
  for (const { meta } of index.policies) {
    const kind = policyKindOf(meta);
    if (kind !== null) out.set(kind, (out.get(kind) ?? 0) + 1);
  }
  return out;
}

/** How policy as written is read. */
export function intendedBy(cni: CniDetection, present: PresentKinds, options: CompileOptions): Semantics {
  return { ...intendedSemantics(cni, new Set(present.keys())), ...options.semantics };
}

/** What a snapshot is made of. */
export interface SnapshotParts extends Inventory, BuiltEndpoints {
  readonly cni: CniDetection;
  /** Kinds whose objects the detection looked at beside those that it always does. */
  readonly looked: ReadonlySet<string>;
  readonly present: PresentKinds;
  readonly options: CompileOptions;
  readonly cache: CompileCache;
  readonly asWritten: PolicySet;
  /** The reading as enforced where it is known already. */
  readonly enforced?: Reading | null;
}

const DIRECTORIES = new WeakMap<EndpointList, EndpointDirectory>();

/** A snapshot that makes what not every question needs when it is asked for. */
export class LazySnapshot implements CompiledSnapshot {
  readonly index: FactsIndex;
  readonly cni: CniDetection;
  readonly completeness: Completeness;
  readonly intended: Reading;
  readonly parts: SnapshotParts;
  #enforced: Reading | null;
  #diagnostics: readonly Diagnostic[] | null = null;

  constructor(parts: SnapshotParts) {
    this.parts = parts;
    this.index = parts.index;
    this.cni = parts.cni;
    this.completeness = parts.options.completeness ?? {};
    this.intended = {
      engines: [{ variants: [parts.asWritten], enforcement: ENFORCED_EVERYWHERE }],
      sets: [parts.asWritten],
      enforcement: ENFORCED_EVERYWHERE,
      deviations: [],
    };
    this.#enforced = parts.enforced ?? null;
  }

  get endpoints(): readonly Endpoint[] {
    return this.parts.endpoints.toArray();
  }

  get directory(): EndpointDirectory {
    const { endpoints } = this.parts;
    let known = DIRECTORIES.get(endpoints);
    if (known === undefined) DIRECTORIES.set(endpoints, (known = new EndpointDirectory(endpoints)));
    return known;
  }

  get enforced(): Reading {
    return (this.#enforced ??= finish(enforcedReading(this.parts)));
  }

  *readying(): Generator<null, void> {
    this.#enforced ??= yield* enforcedReading(this.parts);
    yield null;
    this.#diagnostics ??= yield* this.diagnosed();
    yield null;
  }

  /** The reading as enforced if someone has asked for it. */
  get enforcedIfMade(): Reading | null {
    return this.#enforced;
  }

  get diagnostics(): readonly Diagnostic[] {
    return (this.#diagnostics ??= finish(this.diagnosed()));
  }

  private *diagnosed(): Generator<null, readonly Diagnostic[]> {
    const out = this.index.rejected.flatMap((fact) => fact.diagnostics);
    out.push(...auxDiagnostics(this.parts, this.parts.asWritten.semantics));
    yield null;
    for (const [i, policy] of this.parts.asWritten.policies.entries()) {
      out.push(...policy.diagnostics);
      if (i % POLICIES_A_STEP === 0) yield null;
    }
    // There may be more of them than a call takes arguments.
    for (const field of lackingFields(this.cni, this.index.policies)) out.push(lackingDiagnostic(this.cni, field));
    return out;
  }
}

function* enforcedReading(parts: SnapshotParts): Generator<null, Reading> {
  const { cni, options, present } = parts;
  function* engineReading(engine: CniDetection): Generator<null, EngineReading> {
    const [first, ...others] = possibleSemantics(engine, new Set(present.keys()));
    const variants: [PolicySet, ...PolicySet[]] = [...(yield* enforcedSets(parts, { ...first, ...options.semantics }))];
    for (const other of others) variants.push(...(yield* enforcedSets(parts, { ...other, ...options.semantics })));
    return { variants, enforcement: { unenforcedNodes: new Set(engine.unenforcedNodes) } };
  }
  const [first, ...others] = engineDetections(cni);
  const engines: [EngineReading, ...EngineReading[]] = [yield* engineReading(first)];
  for (const engine of others) engines.push(yield* engineReading(engine));
  return {
    engines,
    sets: [...new Set(engines.flatMap((engine) => engine.variants))],
    enforcement: { unenforcedNodes: new Set(cni.unenforcedNodes) },
    deviations: deviationsOf(cni),
  };
}

function* enforcedSets(parts: SnapshotParts, semantics: Semantics): Generator<null, EngineReading['variants']> {
  const { asWritten, cache } = parts;
  const present = new Set(POLICY_KINDS.filter((kind) => parts.present.has(kind)));
  const alike = sameSwitches(semantics, asWritten.semantics, present);
  const withAll = alike ? asWritten : yield* compilingPolicies(parts, semantics, cache);
  const doubtful = new Map<string, PolicyKind[]>();
  for (const kind of present) {
    if (semantics.kinds[kind] === 'unknown') pushTo(doubtful, KIND_GROUPS[kind], kind);
  }
  const without: PolicySet[] = [];
  for (const kinds of leftOut([...doubtful.values()])) {
    without.push(yield* compilingPolicies(parts, semantics, cache, kinds));
  }
  return [withAll, ...without];
}

/** Two readings that switch alike and leave out the same of the kinds that are there compile to the same set. */
function sameSwitches(a: Semantics, b: Semantics, present: ReadonlySet<PolicyKind>): boolean {
  if (switchesOf(a) !== switchesOf(b)) return false;
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
