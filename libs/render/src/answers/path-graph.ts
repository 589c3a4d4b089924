import type { Answer, FlowView, StepView } from '#engine';

import type { EdgeState, Graph, GraphEdge, GraphNode } from '../graph/graph.js';

const STATE_OF: Readonly<Record<StepView['decision'], EdgeState>> = {
  allow: 'allowed',
  deny: 'denied',
  pass: 'allowed',
  'no-match': 'allowed',
  'not-isolated': 'allowed',
  isolated: 'denied',
  unknown: 'unknown',
  info: 'allowed',
};

/** What a picture tells of an answer. */
type Drawn = Pick<
  Answer,
  'verdict' | 'summary' | 'intended' | 'source' | 'destination' | 'steps' | 'flows' | 'protocol' | 'port' | 'fixes'
>;

/**
 * The way of an answer from source to destination, step by step; what is not reached behind a step that denies is pale.
 * The lines are the packets: where policy denies and nothing enforces it they go on. `place` says which state of which
 * cluster it is about. Title, steps and note are the answer, its evidence and its fix.
 */
export function pathGraph(answer: Drawn, place: string): Graph {
  const { steps, source, destination } = answer;
  const drawn = drawnFlow(answer);
  const stop = steps.findIndex(({ decision }) => STATE_OF[decision] === 'denied');
  const beyond = BEYOND[drawn?.enforced.verdict ?? answer.verdict];
  const nodes = steps.map((step, index): GraphNode => ({
    ...nodeOf(step, answer),
    id: String(index),
    state: stateOf(step, beyond === 'denied' && stop >= 0 && index > stop),
  }));
  const edges = nodes.slice(1).map((_, index): GraphEdge => ({
    from: String(index),
    to: String(index + 1),
    label: '',
    state: edgeState(steps, index, stop, beyond),
    both: false,
  }));
  const port = answer.port === 'any' ? `any ${answer.protocol} port` : `${answer.protocol} ${answer.port}`;
  return {
    title: `${answer.verdict}: ${source.label} → ${destination.label} on ${port}, in ${place}`,
    groups: [],
    nodes,
    edges,
    isChain: true,
    note: [...remarksOf(answer, drawn), ...fixWords(answer)].join('\n'),
  };
}

/** How it goes on behind the step where policy denies. */
const BEYOND: Readonly<Record<Answer['verdict'], EdgeState>> = {
  allowed: 'allowed',
  denied: 'denied',
  mixed: 'unknown',
  undetermined: 'unknown',
};

/** The flow whose steps these are, by what they say: an answer may have been JSON. Of very many not all are listed. */
function drawnFlow({ flows, steps }: Drawn): FlowView | undefined {
  const drawn = JSON.stringify(steps);
  return flows.find((flow) => JSON.stringify(flow.steps) === drawn);
}

/** What the steps do not show: that they are those of one flow of several, or of what policy alone says. */
function remarksOf({ verdict, summary, intended }: Drawn, drawn: FlowView | undefined): readonly string[] {
  if (verdict !== 'mixed') return intended.verdict === verdict ? [] : [summary];
  const differ = summary.replace(SEE_FLOWS, '');
  if (drawn === undefined) return [differ];
  const on = drawn.ports === '' ? '' : ` on port ${drawn.ports}`;
  return [differ, `drawn is ${drawn.source.label} → ${drawn.destination.label}${on}`];
}

const SEE_FLOWS = /; see flows$/;

function fixWords({ fixes }: Drawn): readonly string[] {
  const [only] = fixes;
  if (only !== undefined && fixes.length === 1) return [`fix: ${only.title}`];
  return fixes.map(({ title }, index) => `fix ${index + 1} of ${fixes.length}: ${title}`);
}

function nodeOf(
  step: StepView,
  { source, destination }: Pick<Answer, 'source' | 'destination'>,
): Omit<GraphNode, 'id' | 'state'> {
  const base = { group: '', kind: 'policy' as const };
  if (step.hop === 'source') return endOf(step, source.label);
  if (step.hop === 'destination') return endOf(step, destination.label);
  if (step.hop === 'translation') return { ...base, kind: 'service', label: 'translation', detail: step.why };
  const rules = step.rules.map(({ label }) => label).join(', ');
  const where = step.tier === '' ? step.hop : `${step.hop}, ${step.tier}`;
  const remarks = nearMisses(step);
  if (rules === '') return { ...base, label: where, detail: step.why, remarks };
  return { ...base, label: rules, detail: where, remarks: [step.why, ...remarks] };
}

/** An end as asked, and which of its endpoints the steps are about. */
function endOf({ hop, why }: StepView, label: string): Omit<GraphNode, 'id' | 'state'> {
  // `Pod shop/web-0` is `shop/web-0`: that is said above.
  const remarks =
    why === '' ? [] : why.split(BEFORE_PLACE).filter((line) => line !== label && !label.endsWith(` ${line}`));
  return { kind: 'start', group: '', label, detail: hop, remarks };
}

/** A line for what it is, one for where: a box has no room for both. */
const BEFORE_PLACE = / (?=at \S+ on node )|(?<! at \S+) (?=on node )/;

/** What would have matched but for one thing; the first few where there are many. */
function nearMisses({ nearMisses: all }: StepView): readonly string[] {
  const shown = all.length > MOST_NEAR_MISSES + 1 ? all.slice(0, MOST_NEAR_MISSES) : all;
  const left = all.length - shown.length;
  return [
    ...shown.map(({ rule, why }) => `near miss ${rule.label}: ${why}`),
    ...(left > 0 ? [`and ${left} more near misses`] : []),
  ];
}

const MOST_NEAR_MISSES = 3;

function stateOf({ hop, decision }: StepView, isBeyond: boolean): EdgeState | null {
  if (hop === 'source' || hop === 'destination' || hop === 'translation') return null;
  return isBeyond ? 'not-reached' : STATE_OF[decision];
}

function edgeState(steps: readonly StepView[], index: number, stop: number, beyond: EdgeState): EdgeState {
  const isLast = index === steps.length - 2;
  if ((stop >= 0 && index >= stop) || (isLast && beyond === 'denied')) return beyond;
  const isTold = beyond === 'allowed' || steps.slice(0, index + 1).every(({ decision }) => decision !== 'unknown');
  return isTold ? 'allowed' : 'unknown';
}
