import { describe, expect, it } from '@jest/globals';

import type { BlastView } from '#engine';

import { peer } from '../testing/rows.js';
import { blastGraph } from './blast-graph.js';
import { blastHeadline } from './outside-tables.js';

const target = (name: string, ...path: readonly string[]): BlastView['targets'][number] => ({
  ...{ peer: peer(name), endpoints: 1, hop: path.length - 1, sensitive: false, path },
});

function blast(direction: BlastView['direction'], targets: BlastView['targets'], via: readonly string[]): BlastView {
  const namespaces = [...new Set(targets.map(({ peer: { namespace } }) => namespace))];
  return {
    ...{
      direction,
      hops: 3,
      start: 'Deployment shop/web (1 pod)',
      starts: 1,
      reached: 3,
      of: 9,
      weight: 3,
      sensitive: 0,
    },
    byHop: [],
    byNamespace: namespaces.map((namespace) => ({ namespace, reached: 1, total: 2 })),
    landmarks: [{ name: 'internet', state: 'reachable', hop: via.length, via }],
    ...{ targets, targetsLeftOut: 0, caveat: null },
  };
}

const linesOf = (view: BlastView): readonly string[] => {
  const { nodes, edges } = blastGraph(view, 'shop');
  const name = (id: string): string => nodes.find((node) => node.id === id)?.label ?? '?';
  return edges.map(({ from, to, label }) => `${name(from)} → ${name(to)}: ${label}`);
};

describe('the picture of a blast radius', () => {
  it('draws what is several hops away behind what lies between', () => {
    const targets = [
      target('shop/api', 'shop/web-0', 'shop/api-0'),
      target('pay/gateway', 'shop/web-0', 'shop/api-0', 'pay/gateway-0'),
      target('vault/keys', 'shop/web-0', 'shop/api-0', 'pay/gateway-0', 'vault/keys-0'),
    ];
    expect(linesOf(blast('from', targets, ['shop/web-0', 'shop/api-0']))).toEqual([
      'Deployment shop/web (1 pod) → shop: hop 1',
      'shop → pay: hop 2',
      'pay → vault: hop 3',
      'shop → the internet: hop 2',
    ]);
  });

  it('draws the way in the direction of the connections', () => {
    const targets = [
      target('mon/grafana', 'mon/grafana-0', 'shop/web-0'),
      target('edge/proxy', 'edge/proxy-0', 'mon/grafana-0', 'shop/web-0'),
    ];
    expect(linesOf(blast('to', targets, ['mon/grafana-0', 'shop/web-0']))).toEqual([
      'mon → Deployment shop/web (1 pod): hop 1',
      'edge → mon: hop 2',
      'the internet → mon: hop 2',
    ]);
  });

  it('takes a step that may not be seen for no namespace', () => {
    const targets = [
      target('/node n1', 'shop/web-0', 'node n1'),
      target('pay/gateway', 'shop/web-0', 'something you may not see', 'pay/gateway-0'),
    ];
    expect(linesOf(blast('from', targets, ['shop/web-0']))).toContain('Deployment shop/web (1 pod) → pay: hop 2');
  });

  it('tells many namespaces that lead nowhere in one box for each place they hang on', () => {
    const names = [...Array(20).keys()].map((at) => `team-${at}`);
    const targets = [
      ...names.map((name) => target(`${name}/app`, 'shop/web-0', `${name}/app-0`)),
      target('pay/gateway', 'shop/web-0', 'team-3/app-0', 'pay/gateway-0'),
    ];
    const view = blast('from', targets, ['shop/web-0']);
    expect(linesOf(view)).toEqual([
      'Deployment shop/web (1 pod) → 19 namespaces: hop 1',
      'Deployment shop/web (1 pod) → team-3: hop 1',
      'team-3 → pay: hop 2',
      'Deployment shop/web (1 pod) → the internet: hop 1',
    ]);
    expect(blastGraph(view, 'shop').nodes.find(({ label }) => label === '19 namespaces')).toMatchObject({
      detail: '19 of 38',
      remarks: [
        'team-0, team-1, team-2, team-4',
        'team-5, team-6, team-7, team-8',
        'team-9, team-10, team-11, team-12',
        'team-13, team-14, team-15, team-16',
        'and 3 more',
      ],
    });
    expect(linesOf(blast('from', targets, ['shop/web-0', 'team-7/app-0']))).toContain('team-7 → the internet: hop 2');
    expect(linesOf(blast('from', targets.slice(0, 11), ['shop/web-0']))).toHaveLength(12);
  });
});

describe('the headline of a blast radius', () => {
  it('says how many are taken as one where they are several', () => {
    const one = blast('from', [], []);
    expect(blastHeadline(one).split('\n')[0]).toBe('Deployment shop/web (1 pod) can reach 3 of 9 endpoints');
    expect(blastHeadline({ ...one, starts: 2 }).split('\n')[0]).toMatch(/ 3 of 9 endpoints \(2 taken as one\)$/);
  });
});
