import { describe, expect, it } from '@jest/globals';

import { connectionGraph } from '../answers/connection-graph.js';
import type { Graph } from '../graph/graph.js';
import { elementsOf, readXml, type XmlElement } from '../testing/read-xml.js';
import { row } from '../testing/rows.js';
import { renderSvg } from './svg.js';

interface Box {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

/** Boxes of nodes: each is a group of its own with its full name as title. */
function nodeBoxes(svg: XmlElement): readonly Box[] {
  const nodes = elementsOf(svg, 'g').filter(({ children }) => children[0]?.name === 'title');
  return nodes.map(({ children }) => {
    const { x = '', y = '', width = '', height = '' } = children[1]?.attributes ?? {};
    return { left: Number(x), top: Number(y), right: Number(x) + Number(width), bottom: Number(y) + Number(height) };
  });
}

const overlap = (a: Box, b: Box): boolean =>
  a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;

/** Fifty workloads in ten namespaces, each connected to the next. */
const FIFTY = connectionGraph(
  Array.from({ length: 50 }, (_, index) => {
    const name = (at: number): string => `team-${String(at % 10)}/service-${String(at % 50)}`;
    return row(name(index), name(index + 1));
  }),
  'Fifty services',
);

/** Fifty namespaces in which nobody has the neighbours of another, and more lines than can be followed. */
const CROWD = connectionGraph(
  Array.from({ length: 50 }, (_, index) => {
    const name = (at: number): string => `team-${String(at % 50)}`;
    return [row(name(index), name(index + 1)), row(name(index), name(index * 7 + 3), 'TCP 443; UDP 53')];
  }).flat(),
  'Fifty teams',
);

describe('renderSvg', () => {
  it('draws fifty nodes inside the picture, none over another', async () => {
    const svg = readXml(await renderSvg(FIFTY));
    const boxes = nodeBoxes(svg);
    expect(boxes).toHaveLength(50);
    expect(boxes.flatMap((a, i) => boxes.slice(i + 1).filter((b) => overlap(a, b)))).toEqual([]);
    const [width, height] = [Number(svg.attributes['width']), Number(svg.attributes['height'])];
    expect(
      boxes.filter(({ left, top, right, bottom }) => left < 0 || top < 0 || right > width || bottom > height),
    ).toEqual([]);
    expect(elementsOf(svg, 'path').filter(({ attributes }) => attributes['marker-end'] !== undefined)).toHaveLength(
      FIFTY.edges.length,
    );
  });

  it('draws a table of what has too many lines, as wide as a screen and in letters that can be read', async () => {
    const svg = readXml(await renderSvg(CROWD));
    expect(Number(svg.attributes['width'])).toBeLessThanOrEqual(1600);
    const words = elementsOf(svg, 'text');
    const sizes = words.map(({ attributes }) => Number(attributes['font-size'] ?? '12'));
    expect(Math.min(...sizes)).toBeGreaterThanOrEqual(11);
    const cells = elementsOf(svg, 'g').flatMap(({ children }) => children.filter(({ name }) => name === 'title'));
    const told = cells.map(({ text }) => text);
    expect(told).toHaveLength(CROWD.table?.cells.length ?? 0);
    expect(told).toEqual(expect.arrayContaining(['team-2 → team-3: TCP 80', 'team-2 → team-17: TCP 443; UDP 53']));
    const labels = words.map(({ text }) => text);
    expect(labels.indexOf('team-9')).toBe(labels.indexOf('team-8') + 1);
    expect(labels).toEqual(expect.arrayContaining(['TCP 80', 'TCP 443; UDP 53']));
    expect(labels.at(-1)).toContain('`focus`');
  });

  it('turns what is wider than a screen, and says what its lines mean', async () => {
    const step = (id: string): Graph['nodes'][number] => ({
      id,
      label: `payments/policy-${id}`.padEnd(40, '-'),
      detail: '',
      kind: 'policy',
      group: '',
      state: null,
    });
    const line = { label: '', both: false } as const;
    const chain: Graph = {
      title: 'A way of many steps, in a cluster with a name that is longer than most of the steps are wide, snapshot 1',
      groups: [],
      nodes: ['1', '2', '3', '4', '5'].map(step),
      edges: ['1', '2', '3', '4'].map((from) => ({
        ...line,
        from,
        to: String(Number(from) + 1),
        state: from === '4' ? 'denied' : 'allowed',
      })),
      note: '',
    };
    const svg = readXml(await renderSvg(chain));
    const boxes = nodeBoxes(svg);
    expect(new Set(boxes.map(({ left, right }) => left + right)).size).toBe(1);
    expect(boxes.map(({ top }) => top)).toEqual(boxes.map(({ top }) => top).toSorted((a, b) => a - b));
    expect(Number(svg.attributes['width'])).toBeLessThanOrEqual(1280);
    const words = elementsOf(svg, 'text');
    expect(words.map(({ text }) => text).slice(-2)).toEqual(['allowed', 'denied']);
    const sizes = words.map(({ attributes }) => Number(attributes['font-size'] ?? '12'));
    expect(Math.min(...sizes)).toBeGreaterThanOrEqual(11);
  });

  it('explains each border that no line explains, and tells a long line to its end', async () => {
    const node = { detail: '', kind: 'policy', group: '', state: null } as const;
    const why = 'near miss payments-of-the-northern-region/gateway#0: the source is not among its peers';
    const svg = readXml(
      await renderSvg({
        title: 'A step that is not reached',
        groups: [],
        nodes: [
          {
            ...node,
            id: 'a',
            label: 'payments-of-the-northern-region/gateway-of-cards',
            remarks: [why],
            state: 'denied',
          },
          { ...node, id: 'b', label: 'b', state: 'not-reached' },
          { ...node, id: 'c', label: 'c', state: 'dangerous' },
        ],
        edges: [{ from: 'a', to: 'b', label: '', state: 'denied', both: false }],
        note: '',
      }),
    );
    const words = elementsOf(svg, 'text').map(({ text }) => text);
    expect(words.slice(-3)).toEqual(['denied', 'not reached', 'dangerous']);
    expect(words).toContain('payments-of-the-northern-region/gateway-of-cards');
    const told = words.slice(words.findIndex((text) => text.startsWith('near miss')));
    expect(told.slice(0, 2).join(' ')).toBe(why);
  });

  it('draws the same picture for the same graph', async () => {
    expect(await renderSvg(FIFTY)).toBe(await renderSvg(FIFTY));
  });

  it('is well-formed and runs nothing, whatever names say', async () => {
    const name = '"><script>alert(1)</script>&\u0000\u001b\ud800';
    const graph: Graph = {
      title: name,
      groups: [{ id: 'g', label: name }],
      nodes: [
        { id: 'a', label: name, detail: name, kind: 'workload', group: 'g', state: null },
        { id: 'b', label: 'b'.repeat(200), detail: '', kind: 'outside', group: '', state: 'denied' },
      ],
      edges: [{ from: 'a', to: 'b', label: name, state: 'unknown', both: true }],
      note: name,
    };
    const svg = readXml(await renderSvg(graph));
    expect(elementsOf(svg, 'script')).toEqual([]);
    const words = elementsOf(svg, 'text').map(({ text }) => text);
    expect(words[0]).toBe('&quot;&gt;&lt;script&gt;alert(1)&lt;/script&gt;&amp;');
    expect(words).toContain(`${'b'.repeat(43)}…`);
    expect(elementsOf(svg, 'title').map(({ text }) => text)).toContain('b'.repeat(200));
  });

  it('draws a graph of nothing', async () => {
    const svg = readXml(await renderSvg({ title: 'Nothing', groups: [], nodes: [], edges: [], note: '' }));
    expect(elementsOf(svg, 'text').map(({ text }) => text)).toEqual(['Nothing']);
  });
});
