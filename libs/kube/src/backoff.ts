import { setTimeout as sleep } from 'node:timers/promises';

export interface BackoffOptions {
  readonly minMs: number;
  readonly maxMs: number;
}

/** Waits that double with each failure, with jitter so that many watchers do not return in step. */
export class Backoff {
  private failures = 0;

  constructor(private readonly options: BackoffOptions) {}

  reset(): void {
    this.failures = 0;
  }

  /** The next wait in milliseconds: between half and all of the doubled one, but no less than the server asked for. */
  next(retryAfterMs = 0): number {
    const full = Math.min(this.options.maxMs, this.options.minMs * 2 ** Math.min(this.failures, 30));
    this.failures += 1;
    return Math.max(retryAfterMs, full / 2 + Math.random() * (full / 2));
  }
}

/** Whether `signal` was aborted by now. A call, because a loop over `signal.aborted` makes the compiler think it never is. */
export function isAborted(signal: AbortSignal): boolean {
  return signal.aborted;
}

/** Sleeps; returns early, without an error, when `signal` is aborted. */
export async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await sleep(ms, undefined, { signal }).catch(() => undefined);
}
