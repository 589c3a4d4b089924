import { AppError } from '#contracts';

const WINDOW_MS = 60_000;
/** Callers that are remembered; the oldest window goes first. */
const MOST_CALLERS = 100_000;

/** Where a caller stands after a request. */
export interface RateState {
  readonly limit: number;
  readonly remaining: number;
  /** Until the caller has its whole share again. */
  readonly resetSeconds: number;
}

/** Counts the requests of each caller in this process, in windows of a minute that begin with its first one. */
export class RateLimiter {
  private readonly windows = new Map<string, { count: number; readonly endsAt: number }>();

  constructor(private readonly perMinute: number) {}

  /** Counts a request. `isOver` when there is no share left for it. */
  take(caller: string, now: number): RateState & { readonly isOver: boolean } {
    const known = this.windows.get(caller);
    const window = known !== undefined && known.endsAt > now ? known : this.open(caller, now);
    window.count += 1;
    return {
      limit: this.perMinute,
      remaining: Math.max(0, this.perMinute - window.count),
      resetSeconds: Math.ceil((window.endsAt - now) / 1_000),
      isOver: window.count > this.perMinute,
    };
  }

  private open(caller: string, now: number): { count: number; readonly endsAt: number } {
    const window = { count: 0, endsAt: now + WINDOW_MS };
    this.windows.delete(caller);
    this.windows.set(caller, window);
    for (const key of this.windows.keys()) {
      if (this.windows.size <= MOST_CALLERS) break;
      this.windows.delete(key);
    }
    return window;
  }
}

export function rateLimited(seconds: number): AppError {
  return new AppError('rate.limited', `too many requests, ask again in ${String(seconds)} s`, { retryable: true });
}
