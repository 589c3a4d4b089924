import type { EdgeState, Graph, NodeState } from '../graph/graph.js';
import { STATE_COLOURS } from '../graph/state-colours.js';
import { round, WORDS_PX } from './frame.js';
import { textWidth } from './text-width.js';

const SAMPLE_WIDTH = 30;
const BEFORE_WORDS = 38;
const AFTER_WORDS = 20;

const STATE_WORDS: Readonly<Record<NodeState, string>> = {
  allowed: 'allowed',
  denied: 'denied',
  unknown: 'cannot be told',
  'not-reached': 'not reached',
  dangerous: 'dangerous',
};
const STATES = Object.keys(STATE_WORDS) as readonly NodeState[];

/** How the lines of a picture end, each way once. */
export function edgeStates({ edges }: Graph): readonly EdgeState[] {
  const drawn = new Set<NodeState>(edges.map(({ state }) => state));
  return STATES.filter((state): state is EdgeState => drawn.has(state));
}

/** The head of an arrow. */
export function headOf(state: EdgeState): string {
  return `<marker id="head-${state}" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="8" markerHeight="8" orient="auto-start-reverse"><path d="M0,0.6 L7.4,4 L0,7.4 z" fill="${STATE_COLOURS[state]}"/></marker>`;
}

/** Colour alone tells too little: whole lines are those that pass. */
export function dashed(state: EdgeState): string {
  return state === 'allowed' ? '' : ' stroke-dasharray="5 4"';
}

/** The lines that the picture has, and the borders that no line explains, each with its word; '' where there are none. */
export function legendOf(graph: Graph): string {
  const lines = edgeStates(graph);
  const told = new Set<NodeState | null>(lines);
  const bordered = new Set(graph.nodes.map(({ state }) => state).filter((state) => !told.has(state)));
  const entries: (readonly [sample: string, words: string])[] = [
    ...lines.map((state) => [lineSample(state), STATE_WORDS[state]] as const),
    ...STATES.filter((state) => bordered.has(state)).map((state) => [boxSample(state), STATE_WORDS[state]] as const),
  ];
  let x = 0;
  const parts: string[] = [];
  for (const [sample, words] of entries) {
    parts.push(`<g transform="translate(${round(x)},0)">${sample}<text x="${BEFORE_WORDS}">${words}</text></g>`);
    x += BEFORE_WORDS + textWidth(words, WORDS_PX) + AFTER_WORDS;
  }
  return parts.join('');
}

function lineSample(state: EdgeState): string {
  return `<line x1="0" y1="-4" x2="${SAMPLE_WIDTH}" y2="-4" stroke="${STATE_COLOURS[state]}" stroke-width="1.6"${dashed(state)} marker-end="url(#head-${state})"/>`;
}

function boxSample(state: NodeState): string {
  return `<rect x="1" y="-12" width="${SAMPLE_WIDTH - 2}" height="15" rx="4" fill="none" stroke="${STATE_COLOURS[state]}" stroke-width="1.8"/>`;
}
