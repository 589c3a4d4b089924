/** How long what was read answers questions: hardly to be seen, and long enough for thousands of them. */
const FRESH_MS = 100;
/** When it is read anew behind a question, so that of many in a row none has to wait. */
const RENEW_MS = 80;
/** Keys that are kept; the one that was first asked for goes first. */
const MOST_KEPT = 10_000;

interface Kept<T> {
  /** Undefined until the first read ends. */
  value: T | undefined;
  /** When the read that gave it began. */
  readAt: number;
  reading: Promise<void> | null;
}

/**
 * What the database said a moment ago, by key. Never older than `FRESH_MS`, whatever is not heard of; whoever hears of a
 * change lets go of it at once. Those who ask at the same time share one read; a read that fails is not kept.
 */
export class RecentlyRead<T> {
  private readonly kept = new Map<string, Kept<T>>();

  /**
   * `read` is given what it said before, which it may say again: who sees the same value knows that nothing changed.
   * `isThere` false: the value says that there is nothing, and is read anew by whoever asks next.
   */
  constructor(
    private readonly read: (key: string, known: T | undefined) => Promise<T>,
    private readonly isThere: (value: T) => boolean,
  ) {}

  async get(key: string): Promise<T> {
    const kept = this.kept.get(key) ?? this.keep(key);
    if (!this.isFresh(key, kept)) await kept.reading;
    return kept.value as T;
  }

  /** The value if it is at hand; undefined when it would have to be waited for. */
  peek(key: string): T | undefined {
    const kept = this.kept.get(key);
    return kept !== undefined && this.isFresh(key, kept) ? kept.value : undefined;
  }

  /** Lets go of what `isChanged` holds for, and of what is being read, which may be from before the change. */
  forget(isChanged: (value: T) => boolean): void {
    for (const [key, { value, reading }] of this.kept) {
      if (reading !== null || value === undefined || isChanged(value)) this.kept.delete(key);
    }
  }

  private isFresh(key: string, kept: Kept<T>): boolean {
    const age = performance.now() - kept.readAt;
    if (age >= RENEW_MS) kept.reading ??= this.renew(key, kept);
    return age < FRESH_MS;
  }

  private keep(key: string): Kept<T> {
    const kept: Kept<T> = { value: undefined, readAt: -Infinity, reading: null };
    this.kept.set(key, kept);
    const [oldest = key] = this.kept.keys();
    if (this.kept.size > MOST_KEPT) this.kept.delete(oldest);
    return kept;
  }

  private renew(key: string, kept: Kept<T>): Promise<void> {
    const begun = performance.now();
    const reading = this.read(key, kept.value)
      .then((value) => {
        kept.value = value;
        kept.readAt = begun;
        if (!this.isThere(value) && this.kept.get(key) === kept) this.kept.delete(key);
      })
      .finally(() => {
        kept.reading = null;
      });
    // Who waits is told; a read behind a question is tried again by the next.
    reading.catch(() => undefined);
    return reading;
  }
}
