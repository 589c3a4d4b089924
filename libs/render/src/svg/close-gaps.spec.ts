import { describe, expect, it } from '@jest/globals';

import { closeGaps } from './close-gaps.js';

describe('closeGaps', () => {
  it('takes height from where lines run straight down, in boxes and between them, and from nothing else', () => {
    const node = (id: string, y: number) => ({ id, x: 0, y, width: 90, height: 40 });
    const laid = closeGaps({
      id: 'root',
      width: 100,
      height: 700,
      children: [{ id: 'box', x: 0, y: 10, width: 100, height: 300, children: [node('a', 30)] }, node('b', 600)],
      edges: [
        {
          id: 'e',
          sources: ['a'],
          targets: ['b'],
          sections: [{ id: 's', startPoint: { x: 45, y: 80 }, endPoint: { x: 45, y: 600 } }],
          labels: [{ text: 'TCP 80', x: 50, y: 500, width: 40, height: 15 }],
        },
      ],
    });
    const [box, b] = laid.children ?? [];
    expect([box?.y, box?.height, box?.children?.[0]?.y, box?.children?.[0]?.height]).toEqual([10, 118, 30, 40]);
    expect(laid.edges?.[0]?.labels?.[0]).toMatchObject({ y: 176, height: 15 });
    expect(laid.edges?.[0]?.sections?.[0]).toMatchObject({ startPoint: { y: 80 }, endPoint: { y: 239 } });
    expect([b?.y, b?.height, laid.height]).toEqual([239, 40, 327]);
  });

  it('makes no node lower, however much is written in it', () => {
    const { children = [] } = closeGaps({
      id: 'root',
      width: 100,
      height: 400,
      children: [{ id: 'a', x: 0, y: 0, width: 90, height: 130 }],
      edges: [],
    });
    expect(children[0]?.height).toBe(130);
  });
});
