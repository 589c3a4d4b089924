import type { Fact } from '../model/index.js';
import type { CompiledSnapshot } from '../compile/compile-snapshot.js';
import type { ReadingName } from '../eval/evaluate-pair.js';
import type { FixView } from '../ask/answer.js';
import { SEES_ALL, type Sees } from '../ask/visibility.js';
import { changingSnapshot, type ChangedSnapshot } from './changed-snapshot.js';
import { makingDriftReport } from './drift-report.js';
import { visibleDrift } from './visible-drift.js';

/** Differences told one by one. */
const MOST_TOLD = 20;

/** A fix with what it would do besides. */
export interface PredictedFix extends FixView {
  /** What it opens and closes where those before it were applied; null for a fix without a manifest. */
  readonly prediction: FixPrediction | null;
}

export interface FixPrediction {
  readonly opens: readonly string[];
  readonly closes: readonly string[];
  /** Pairs of endpoints that it opens something for, and closes something for. */
  readonly opened: number;
  readonly closed: number;
}

/**
 * What each of the fixes of an answer would open and close, over all pairs of a snapshot, applied one after the other:
 * where both sides deny, the first alone opens nothing. `facts` are those of a fix's manifest. May pause at each null.
 */
export function* predictingFixes(
  snapshot: CompiledSnapshot,
  fixes: readonly { readonly fix: FixView; readonly facts: readonly Fact[] }[],
  reading: ReadingName = 'enforced',
  sees: Sees = SEES_ALL,
): Generator<null, readonly PredictedFix[]> {
  const out: PredictedFix[] = [];
  let before = snapshot;
  for (const { fix, facts } of fixes) {
    if (facts.length === 0) {
      out.push({ ...fix, prediction: null });
      continue;
    }
    const changed = yield* changingSnapshot(before, { apply: facts, remove: [], promote: [] });
    out.push({ ...fix, prediction: yield* predicting(before, changed, reading, sees) });
    before = changed.after;
  }
  return out;
}

function* predicting(
  before: CompiledSnapshot,
  { after, objects }: ChangedSnapshot,
  reading: ReadingName,
  sees: Sees,
): Generator<null, FixPrediction> {
  const report = yield* makingDriftReport({ before, after, objects, reading });
  const entries = visibleDrift(report, sees).entries.filter(({ sources }) => sources !== null);
  const opens = entries.filter(({ dangerous }) => dangerous);
  const closes = entries.filter(({ breaking }) => breaking);
  const pairs = (list: typeof entries): number => list.reduce((sum, entry) => sum + entry.pairs, 0);
  return {
    opens: opens.slice(0, MOST_TOLD).map(({ summary }) => summary),
    closes: closes.slice(0, MOST_TOLD).map(({ summary }) => summary),
    opened: pairs(opens),
    closed: pairs(closes),
  };
}
