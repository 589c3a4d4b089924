import { factsOf, objectDrift, objectLabel } from '#engine';
import type { CompiledSnapshot, ObjectChange } from '#engine';

import type { RunbookStep } from '../define-runbook.js';
import type { RunbookContext } from '../runbook-context.js';
import { NO_HISTORY, type HistorySource, type PastState } from '../sources.js';
import { fail, notApplicable, pass, skip } from '../step-result.js';

const DAY_MS = 86_400_000;
/** Changed objects told one by one. */
const MOST_CHANGES = 5;

/** What a question about one state comes to; compared between states. */
export type StateQuestion = (context: RunbookContext) => string;

/** A step that finds the change which turned an answer into today's, within the day before the symptom. */
export function changeStep(options: {
  readonly id: string;
  readonly title: string;
  readonly expected: string;
  readonly ask: StateQuestion;
  /** Why there is nothing to look for; null when there is. */
  readonly idle: (context: RunbookContext) => string | null;
}): RunbookStep {
  return {
    id: options.id,
    title: options.title,
    source: 'history',
    expected: options.expected,
    async run(context) {
      const idle = options.idle(context);
      if (idle !== null) return notApplicable(idle);
      const { history, at } = context.sources;
      if (history === null) return skip(NO_HISTORY);
      const states = await history.states(new Date(at.getTime() - DAY_MS), at);
      const flip = await findFlip(history, states, (snapshot) => options.ask(context.at(snapshot)));
      if (flip === null) return pass('it was the same in every snapshot of the last 24 hours');
      const changes = flip.changes.slice(0, MOST_CHANGES);
      const rest = flip.changes.length - changes.length;
      const names = changes.map(({ type, object }) => `${object.kind} ${objectLabel(object)} ${type}`).join(', ');
      return fail(
        `it changed with snapshot ${flip.seq} at ${flip.takenAt.toISOString()}: ${names}${rest > 0 ? ` and ${rest} more` : ''}`,
        {
          evidence: changes.flatMap(describe),
          next: `undo or mend that change: compare snapshots ${flip.seq - 1} and ${flip.seq}`,
        },
      );
    },
  };
}

interface Flip extends PastState {
  readonly changes: readonly ObjectChange[];
}

/**
 * The snapshot from which on the answer is the last one. INVARIANT: the answer at `low` differs from the last and the
 * one at `high` equals it, so each halving keeps a flip between them.
 */
async function findFlip(
  history: HistorySource,
  states: readonly PastState[],
  answer: (snapshot: CompiledSnapshot) => string,
): Promise<Flip | null> {
  const [first, last] = [states[0], states.at(-1)];
  if (first === undefined || last === undefined || first === last) return null;
  const wanted = answer(await history.open(last.seq));
  if (answer(await history.open(first.seq)) === wanted) return null;
  let [low, high] = [0, states.length - 1];
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    const state = states[middle] as PastState;
    if (answer(await history.open(state.seq)) === wanted) high = middle;
    else low = middle;
  }
  const [before, after] = [states[low] as PastState, states[high] as PastState];
  const [old, now] = [await history.open(before.seq), await history.open(after.seq)];
  return { ...after, changes: byWeight(objectDrift(factsOf(old.index), factsOf(now.index))) };
}

/** What decides reachability first: policies, then namespaces, then the rest. */
function byWeight(changes: readonly ObjectChange[]): readonly ObjectChange[] {
  const weight = ({ object }: ObjectChange): number =>
    object.kind.endsWith('Policy') ? 0 : object.kind === 'Namespace' ? 1 : object.kind === 'Pod' ? 3 : 2;
  return changes.toSorted((a, b) => weight(a) - weight(b));
}

function describe({ type, object, values }: ObjectChange): { what: string; value: string }[] {
  const what = `${object.kind} ${objectLabel(object)}`;
  if (values.length === 0) return [{ what, value: type }];
  return values.slice(0, 3).map(({ pointer, before, after }) => ({
    what: `${what} ${pointer}`,
    value: `${valueText(before)} → ${valueText(after)}`,
  }));
}

function valueText(value: unknown): string {
  return value === undefined ? 'absent' : JSON.stringify(value);
}
