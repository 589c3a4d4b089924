import type { Json } from '../base/index.js';
import type { CompiledPolicy, Diagnostic, ObjectRef, PolicyEntry } from '../model/index.js';
import type { PolicyPattern } from '../kinds/frontend.js';
import { bindEntry } from '../kinds/shared/index.js';

const NOTHING: readonly Diagnostic[] = [];

/** A policy that shares the pattern of its specification. Its own entries are made when somebody looks at them. */
export class BoundPolicy implements CompiledPolicy {
  readonly policy: ObjectRef;
  readonly pattern: PolicyPattern;
  /** What the pattern was made of. */
  readonly spec: Json;
  readonly order: PolicyEntry['order'];
  // Where there is something to say of the object, it does not share a pattern.
  readonly diagnostics = NOTHING;
  readonly refused = false;
  #entries: readonly PolicyEntry[] | null = null;

  constructor(policy: ObjectRef, pattern: PolicyPattern, spec: Json, order: PolicyEntry['order']) {
    this.policy = policy;
    this.pattern = pattern;
    this.spec = spec;
    this.order = order;
  }

  get entries(): readonly PolicyEntry[] {
    return (this.#entries ??= this.pattern.entries.map((entry) => bindEntry(entry, this.policy, this.order)));
  }
}
