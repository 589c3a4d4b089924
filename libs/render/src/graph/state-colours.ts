import type { NodeState } from './graph.js';

/** How an end of an edge, or the border of a node, is coloured in every kind of picture. */
export const STATE_COLOURS: Readonly<Record<NodeState, string>> = {
  allowed: '#2e7d32',
  denied: '#c62828',
  unknown: '#b26a00',
  'not-reached': '#9aa4b2',
  dangerous: '#c62828',
};
