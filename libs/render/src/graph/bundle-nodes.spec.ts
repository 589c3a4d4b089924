import { describe, expect, it } from '@jest/globals';

import { bundleNodes } from './bundle-nodes.js';
import type { GraphEdge, GraphNode } from './graph.js';

const node = (id: string, group = ''): GraphNode => ({
  id,
  label: id,
  detail: '',
  kind: 'namespace',
  group,
  state: null,
});
const edge = (text: string, label = 'TCP 80'): GraphEdge => {
  const [from = '', to = ''] = text.split(' ');
  return { from, to, label, state: 'allowed', both: false };
};
const told = (names: string, edges: readonly GraphEdge[]): readonly string[] => {
  const bundled = bundleNodes(
    names.split(' ').map((name) => node(name)),
    edges,
  );
  return [
    ...bundled.nodes.map(({ label, detail }) => (detail === '' ? label : `${label} (${detail})`)),
    ...bundled.edges.map(({ from, to, label }) => `${from} > ${to} ${label}`),
  ];
};

describe('bundleNodes', () => {
  it('joins nodes whose neighbours and words are the same', () => {
    expect(told('a b c hub', [edge('a hub'), edge('b hub'), edge('c hub', 'TCP 443')])).toEqual([
      'a, b',
      'c',
      'hub',
      'a > hub TCP 80',
      'c > hub TCP 443',
    ]);
  });

  it('joins nodes of which each has the same for each other, and says so', () => {
    const ring = ['a b', 'b a', 'a c', 'c a', 'b c', 'c b'].map((text) => edge(text));
    expect(told('a b c', ring)).toEqual(['a, b and 1 more (each to each: TCP 80)', 'a > a TCP 80']);
    expect(told('a b c', ring.slice(1))).toEqual(expect.arrayContaining(['a', 'b', 'c']));
  });

  it('keeps sets of nodes apart that have nothing to each other, and tells what each has to itself from the rest', () => {
    const pairs = ['a b', 'b a', 'c d', 'd c'].map((text) => edge(text));
    expect(told('a b c d', pairs).filter((text) => text.includes('each to each'))).toHaveLength(2);
    expect(told('a b', [edge('a a'), edge('b b', 'TCP 80')])).toEqual(['a, b', 'a > a TCP 80, each to itself']);
    expect(told('a b', [edge('a a'), edge('b b', 'TCP 443')])).toEqual(['a', 'b', 'a > a TCP 80', 'b > b TCP 443']);
  });

  it('joins nothing across boxes', () => {
    const nodes = [node('a', 'x'), node('b', 'y'), node('hub')];
    expect(bundleNodes(nodes, [edge('a hub'), edge('b hub')]).nodes).toEqual(nodes);
  });
});
