import type { Fact } from '../model/index.js';
import { objectDrift } from '../drift/object-drift.js';
import { compileSnapshot } from '../compile/compile-snapshot.js';
import type { CompiledSnapshot } from '../compile/compile-snapshot.js';
import { factsOf } from '../compile/update-index.js';
import type { ReadingName } from '../eval/evaluate-pair.js';
import type { FixView } from '../ask/answer.js';
import { SEES_ALL, type Sees } from '../ask/visibility.js';
import { applyChanges } from './apply-changes.js';
import { driftReport } from './drift-report.js';
import { visibleDrift } from './visible-drift.js';

/** Differences told one by one. */
const MOST_TOLD = 20;

/** A fix with what it would do besides. */
export interface PredictedFix extends FixView {
  /** What it opens and closes, in words; null for a fix without a manifest. */
  readonly prediction: FixPrediction | null;
}

export interface FixPrediction {
  readonly opens: readonly string[];
  readonly closes: readonly string[];
  /** Pairs of endpoints that it opens something for, and closes something for. */
  readonly opened: number;
  readonly closed: number;
}

/** What applying `facts` to a snapshot would open and close, over all its pairs. */
export function predictApply(
  snapshot: CompiledSnapshot,
  facts: readonly Fact[],
  reading: ReadingName = 'enforced',
  sees: Sees = SEES_ALL,
): FixPrediction {
  const now = factsOf(snapshot.index);
  const then = applyChanges(now, { apply: facts, remove: [], promote: [] }).facts;
  const { cni, completeness } = snapshot;
  const after = compileSnapshot(then, { cni, completeness });
  const report = driftReport({ before: snapshot, after, objects: objectDrift(now, then), reading });
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
