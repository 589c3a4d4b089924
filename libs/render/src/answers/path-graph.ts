import type { Answer, StepView } from '#engine';

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

/**
 * The way of an answer from source to destination, step by step; what comes after the step that denies is pale. `place`
 * says which state of which cluster it is about. Title, steps and note are the answer, its evidence and its fix.
 */
export function pathGraph(
  answer: Pick<Answer, 'verdict' | 'source' | 'destination' | 'steps' | 'protocol' | 'port' | 'fixes'>,
  place: string,
): Graph {
  const { steps, source, destination, fixes } = answer;
  const stop = steps.findIndex(({ decision }) => STATE_OF[decision] === 'denied');
  const nodes = steps.map((step, index): GraphNode => ({
    ...nodeOf(step, answer),
    id: String(index),
    ...reach(step, index, stop),
  }));
  const edges = nodes.slice(1).map((_, index): GraphEdge => ({
    from: String(index),
    to: String(index + 1),
    label: '',
    state: edgeState(steps, index, stop),
    both: false,
  }));
  const port = answer.port === 'any' ? `any ${answer.protocol} port` : `${answer.protocol} ${answer.port}`;
  return {
    title: `${answer.verdict}: ${source.label} → ${destination.label} on ${port}, in ${place}`,
    groups: [],
    nodes,
    edges,
    note: fixes.map(({ title }, index) => `${index === 0 ? 'fix' : 'then'}: ${title}`).join('; '),
  };
}

function nodeOf(
  step: StepView,
  { source, destination }: Pick<Answer, 'source' | 'destination'>,
): Omit<GraphNode, 'id' | 'state'> {
  const base = { group: '', kind: 'policy' as const };
  if (step.hop === 'source') return { ...base, kind: 'start', label: source.label, detail: 'source' };
  if (step.hop === 'destination') return { ...base, kind: 'start', label: destination.label, detail: 'destination' };
  if (step.hop === 'translation') return { ...base, kind: 'service', label: 'translation', detail: step.why };
  const rules = step.rules.map(({ label }) => label).join(', ');
  const where = step.tier === '' ? step.hop : `${step.hop}, ${step.tier}`;
  const remarks = nearMisses(step);
  if (rules === '') return { ...base, label: where, detail: step.why, remarks };
  return { ...base, label: rules, detail: where, remarks: [step.why, ...remarks] };
}

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

function reach(step: StepView, index: number, stop: number): Pick<GraphNode, 'state'> {
  if (step.hop === 'source' || step.hop === 'destination' || step.hop === 'translation') return { state: null };
  return { state: stop >= 0 && index > stop ? 'not-reached' : STATE_OF[step.decision] };
}

function edgeState(steps: readonly StepView[], index: number, stop: number): EdgeState {
  if (stop >= 0 && index >= stop) return 'denied';
  return steps.slice(0, index + 1).some(({ decision }) => decision === 'unknown') ? 'unknown' : 'allowed';
}
