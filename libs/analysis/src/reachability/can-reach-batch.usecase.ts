import { setImmediate as nextTurn } from 'node:timers/promises';
import { Inject, Injectable } from '@nestjs/common';
import {
  isAppError,
  parseInput,
  reachabilityInput,
  type AppError,
  type ReachabilityBatchInput,
  type ReachabilityInput,
} from '#contracts';
import type { LocatedSnapshot } from '../snapshot/snapshot-reader.js';
import { CanReach, notFoundError, type CanReachOutcome } from './can-reach.usecase.js';

/** How long questions are answered in a row before others get a turn. */
const SLICE_MS = 12;

type ItemOutcome =
  | { readonly type: 'answer'; readonly outcome: Extract<CanReachOutcome, { type: 'answer' }> }
  | { readonly type: 'error'; readonly error: AppError };

/** What came of one question of a batch. */
export type BatchOutcome = { readonly ref: string | null } & ItemOutcome;

type Locate = (input: ReachabilityInput) => Promise<LocatedSnapshot>;

/** Many questions at once, each with an outcome of its own. */
@Injectable()
export class CanReachBatch {
  constructor(@Inject(CanReach) private readonly canReach: CanReach) {}

  /** One outcome for each item, in order. Only what is no expected failure is thrown. */
  async execute({ items }: ReachabilityBatchInput): Promise<readonly BatchOutcome[]> {
    const outcomes: BatchOutcome[] = [];
    const locate = this.locator();
    let start = performance.now();
    for (const { ref = null, ...question } of items) {
      outcomes.push({ ref, ...(await this.one(question, locate)) });
      if (performance.now() - start < SLICE_MS) continue;
      await nextTurn();
      start = performance.now();
    }
    return outcomes;
  }

  /** Questions about one cluster and time share one snapshot, also when another is taken meanwhile. */
  private locator(): Locate {
    const known = new Map<string, Promise<LocatedSnapshot>>();
    return (input) => {
      const key = JSON.stringify([input.cluster, input.at]);
      const found = known.get(key) ?? this.canReach.locate(input);
      known.set(key, found);
      return found;
    };
  }

  private async one(question: unknown, locate: Locate): Promise<ItemOutcome> {
    try {
      const outcome = await this.canReach.execute(parseInput(reachabilityInput, question), locate);
      if (outcome.type === 'answer') return { type: 'answer', outcome };
      return { type: 'error', error: notFoundError(outcome.notFound) };
    } catch (error) {
      if (isAppError(error)) return { type: 'error', error };
      throw error;
    }
  }
}
