import type { EdgeState } from './graph.js';

/** How an end of an edge, or of a step, is coloured in every kind of picture. */
export const STATE_COLOURS: Readonly<Record<EdgeState, string>> = {
  allowed: '#2e7d32',
  denied: '#c62828',
  unknown: '#b26a00',
  'not-reached': '#9aa4b2',
};
