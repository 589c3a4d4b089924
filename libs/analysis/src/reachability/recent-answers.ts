import type { AskResult, CompiledSnapshot } from '#engine';

/** Answers kept of one snapshot; the oldest goes first. */
const MOST_KEPT = 500;

/** Answers that were given of late. They go with their snapshot, and never outlive what they are true of. */
export class RecentAnswers {
  private readonly bySnapshot = new WeakMap<CompiledSnapshot, Map<string, AskResult>>();

  /** The answer under `key`, which must say everything that decides it but the snapshot. */
  recall(snapshot: CompiledSnapshot, key: string, make: () => AskResult): AskResult {
    const kept = this.bySnapshot.get(snapshot) ?? new Map<string, AskResult>();
    this.bySnapshot.set(snapshot, kept);
    const known = kept.get(key);
    if (known !== undefined) return known;
    const made = make();
    kept.set(key, made);
    const [oldest = key] = kept.keys();
    if (kept.size > MOST_KEPT) kept.delete(oldest);
    return made;
  }
}
