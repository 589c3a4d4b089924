import type { Json } from '../base/index.js';
import { objectRef } from '../model/index.js';
import type { CompiledPolicy, Diagnostic, ObjectRef, PolicyEntry, PolicyFact } from '../model/index.js';
import type { PolicyPattern } from '../kinds/frontend.js';
import { bindEntry } from '../kinds/shared/index.js';

const NOTHING: readonly Diagnostic[] = [];

/**
 * A policy that shares the pattern of its specification. A large cluster has very many, so that it holds no more than it
 * must: its reference and its own entries are made when somebody looks at them.
 */
export class BoundPolicy implements CompiledPolicy {
  readonly pattern: PolicyPattern;
  readonly order: PolicyEntry['order'];
  readonly refused = false;
  readonly #fact: PolicyFact;
  #policy: ObjectRef | null = null;
  #entries: readonly PolicyEntry[] | null = null;

  constructor(fact: PolicyFact, pattern: PolicyPattern, order: PolicyEntry['order']) {
    this.#fact = fact;
    this.pattern = pattern;
    this.order = order;
  }

  /** What the pattern is made of. */
  static specOf({ raw }: PolicyFact): Json {
    return raw['spec'] ?? null;
  }

  get spec(): Json {
    return BoundPolicy.specOf(this.#fact);
  }

  get namespace(): string {
    return this.#fact.meta.namespace;
  }

  get policy(): ObjectRef {
    return (this.#policy ??= objectRef(this.#fact.meta));
  }

  get entries(): readonly PolicyEntry[] {
    return (this.#entries ??= this.pattern.entries.map((entry) => bindEntry(entry, this.policy, this.order)));
  }

  // Where there is something to say of the object, it does not share a pattern.
  get diagnostics(): readonly Diagnostic[] {
    return NOTHING;
  }
}
