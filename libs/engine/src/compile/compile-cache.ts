import { canonicalJson, ValueMap } from '../base/index.js';
import type { CompiledPolicy, PolicyFact, Semantics } from '../model/index.js';
import type { CompileEnv, PolicyFrontend, PolicyPattern } from '../kinds/frontend.js';
import { carriedByMesh } from '../kinds/istio/index.js';
import { BoundPolicy } from './bound-policy.js';
import { withMachines } from './mesh-machines.js';
import { ReadyTable } from './ready-table.js';

/** The parts of a snapshot that frontends may look at beside their own object. */
export type EnvPart =
  'ambient' | 'namespaces' | 'pods' | 'workloads' | 'nodes' | 'services' | 'slices' | 'policies' | 'aux';

/** What was compiled under the same switches: policies by object, patterns by their specification. */
export class CompiledUnder {
  readonly #policies: Map<PolicyFact, CompiledPolicy>;
  readonly #patterns: Patterns;
  readonly #reads: Set<EnvPart>;
  #makesPattern = false;

  constructor(
    policies = new Map<PolicyFact, CompiledPolicy>(),
    patterns: Patterns = { known: new Map(), reads: new Set() },
    reads = new Set<EnvPart>(),
  ) {
    this.#policies = policies;
    this.#patterns = patterns;
    this.#reads = reads;
  }

  /** Notes that something which is compiled here looks at a part. */
  readonly note = (part: EnvPart): void => {
    this.#reads.add(part);
    if (this.#makesPattern) this.#patterns.reads.add(part);
  };

  policy(fact: PolicyFact, frontend: PolicyFrontend, env: CompileEnv): CompiledPolicy {
    let policy = this.#policies.get(fact);
    if (policy === undefined) {
      // Patterns are of policies as written, which an ambient mesh takes apart.
      const bound = env.ambient.size > 0 ? null : this.#bound(fact, frontend, env);
      policy = bound ?? withMachines(carriedByMesh(frontend.compile(fact, env), env), env);
      this.#policies.set(fact, policy);
    }
    return policy;
  }

  #bound(fact: PolicyFact, frontend: PolicyFrontend, env: CompileEnv): BoundPolicy | null {
    if (frontend.pattern === undefined || frontend.orderOf === undefined) return null;
    let known = this.#patterns.known.get(frontend);
    if (known === undefined) this.#patterns.known.set(frontend, (known = new ValueMap()));
    const pattern = known.for(BoundPolicy.specOf(fact), () => this.#patternOf(fact, frontend, env));
    return pattern === null ? null : new BoundPolicy(fact, pattern, frontend.orderOf(fact.meta, env));
  }

  #patternOf(fact: PolicyFact, frontend: PolicyFrontend, env: CompileEnv): PolicyPattern | null {
    this.#makesPattern = true;
    const pattern = frontend.pattern?.(fact, env) ?? null;
    this.#makesPattern = false;
    return pattern;
  }

  /** What of it still holds where some parts are not what they were. The policies of `gone` are let go of. */
  after(changed: ReadonlySet<EnvPart>, gone: readonly PolicyFact[]): CompiledUnder {
    for (const fact of gone) this.#policies.delete(fact);
    if (!this.looksAt(changed)) return this;
    if (meets(changed, this.#patterns.reads)) return new CompiledUnder();
    const kept = changed.has('ambient') ? [] : [...this.#policies];
    const bound = kept.filter(([, policy]) => policy instanceof BoundPolicy);
    return new CompiledUnder(new Map(bound), this.#patterns, new Set([...this.#patterns.reads, 'ambient']));
  }

  looksAt(changed: ReadonlySet<EnvPart>): boolean {
    return meets(changed, this.#reads);
  }
}

/** Patterns by their specification, and the parts of the snapshot that some of them look at beside it. */
interface Patterns {
  readonly known: Map<PolicyFrontend, ValueMap<PolicyPattern | null>>;
  readonly reads: Set<EnvPart>;
}

function meets(changed: ReadonlySet<EnvPart>, read: ReadonlySet<EnvPart>): boolean {
  for (const part of changed) if (read.has(part)) return true;
  return false;
}

/**
 * What compilations of one snapshot share, and hand on to the next state of the same cluster. Readings often differ only
 * in the kinds they leave out, and frontends do not look at those: the policy they share is compiled once.
 */
export class CompileCache {
  readonly table: ReadyTable;
  readonly #bySwitches: Map<string, CompiledUnder>;

  constructor(table = new ReadyTable(), bySwitches = new Map<string, CompiledUnder>()) {
    this.table = table;
    this.#bySwitches = bySwitches;
  }

  under(semantics: Semantics): CompiledUnder {
    const key = switchesOf(semantics);
    let known = this.#bySwitches.get(key);
    if (known === undefined) this.#bySwitches.set(key, (known = new CompiledUnder()));
    return known;
  }

  after(changed: ReadonlySet<EnvPart>, gone: readonly PolicyFact[]): CompileCache {
    const next = [...this.#bySwitches].map(([key, under]) => [key, under.after(changed, gone)] as const);
    return new CompileCache(this.table, new Map(next));
  }
}

const SWITCHES = new WeakMap<Semantics, string>();

/** The switches of a reading without the kinds that it leaves out, as text to compare. */
export function switchesOf(semantics: Semantics): string {
  let text = SWITCHES.get(semantics);
  if (text === undefined) SWITCHES.set(semantics, (text = canonicalJson({ ...semantics, kinds: null })));
  return text;
}
