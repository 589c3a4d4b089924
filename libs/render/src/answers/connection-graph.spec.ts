import { describe, expect, it } from '@jest/globals';

import type { ListPeer } from '#engine';

import { row } from '../testing/rows.js';
import { connectionGraph, MOST_NODES } from './connection-graph.js';

const told = (edges: ReturnType<typeof connectionGraph>['edges']): string[] =>
  edges.map(({ from, to, label, both }) => `${from} ${both ? '↔' : '→'} ${to}${label === '' ? '' : `: ${label}`}`);

/** A ring of workloads, two in each namespace. */
const ring = (workloads: number) =>
  Array.from({ length: workloads }, (_, index) => {
    const name = (at: number): string => `ns-${String(Math.floor(at / 2))}/w-${String(at)}`;
    return row(name(index), name((index + 1) % workloads));
  });

describe('connectionGraph', () => {
  it('puts workloads into boxes of their namespaces, and everything outside into one node', () => {
    const graph = connectionGraph(
      [
        row('shop/web', 'shop/api'),
        row('shop/api', 'pay/gate', 'all'),
        row('shop/web', '10.0.0.0/8'),
        row('shop/web', '192.0.2.0/24'),
      ],
      'Connections',
    );
    expect(graph.groups).toEqual([
      { id: 'namespace pay', label: 'pay' },
      { id: 'namespace shop', label: 'shop' },
    ]);
    expect(graph.nodes.map(({ label, kind, group }) => [label, kind, group])).toEqual([
      ['gate', 'workload', 'namespace pay'],
      ['api', 'workload', 'namespace shop'],
      ['web', 'workload', 'namespace shop'],
      ['outside the cluster', 'outside', ''],
    ]);
    expect(told(graph.edges)).toEqual([
      'Deployment shop/web → Addresses outside the cluster: TCP 80',
      'Deployment shop/web → Deployment shop/api: TCP 80',
      'Deployment shop/api → Deployment pay/gate',
    ]);
    expect(graph.note).toBe('a line without words stands for every port');
  });

  it('draws one line for both ways, and one to a box for all in it', () => {
    const both = connectionGraph([row('a/x', 'b/y'), row('b/y', 'a/x')], '');
    expect(told(both.edges)).toEqual(['Deployment a/x ↔ Deployment b/y: TCP 80']);
    const folded = connectionGraph([row('a/x', 'b/y'), row('a/x', 'b/z')], '');
    expect(told(folded.edges)).toEqual(['Deployment a/x → namespace b: TCP 80']);
    const each = connectionGraph([row('a/x', 'a/y'), row('a/y', 'a/x')], '');
    expect([told(each.edges), each.groups]).toEqual([
      ['Deployment a/x ↔ Deployment a/y: TCP 80'],
      [{ id: 'namespace a', label: 'a' }],
    ]);
  });

  it('draws what cannot be told as such', () => {
    expect(connectionGraph([row('a/x', 'b/y')], '', 'unknown').edges).toMatchObject([{ state: 'unknown' }]);
    expect(connectionGraph([row('a/x', 'b/y')], '').edges).toMatchObject([{ state: 'allowed' }]);
  });

  it('keeps workloads as long as there are no more of them than can be read', () => {
    const most = connectionGraph(ring(MOST_NODES), '');
    expect([most.nodes.length, most.note]).toEqual([MOST_NODES, '']);
    const more = connectionGraph(ring(MOST_NODES + 2), '');
    expect(more.nodes).toHaveLength(MOST_NODES / 2 + 1);
    expect(new Set(more.nodes.map(({ kind }) => kind))).toEqual(new Set(['namespace']));
    expect(more.note).toBe('52 workloads are told as their namespaces');
  });

  it('tells namespaces with the same neighbours as one when there are too many', () => {
    const hub = Array.from({ length: 80 }, (_, index) => row(`ns-${String(index)}/w`, 'hub/w'));
    const graph = connectionGraph([...hub, row('hub/w', '192.0.2.1')], '');
    expect(graph.nodes.map(({ label, names }) => [label, names?.length])).toEqual([
      ['hub', undefined],
      ['ns-0, ns-1 and 78 more', 80],
      ['outside the cluster', undefined],
    ]);
    expect(told(graph.edges).toSorted()).toEqual([
      'Namespace namespace hub → Addresses outside the cluster: TCP 80',
      'Namespace namespace ns-0 → Namespace namespace hub: TCP 80',
    ]);
    expect(graph.note).toBe(
      '81 workloads are told as their namespaces; those with the same neighbours are told as one',
    );
  });

  it('says nothing of workloads where rows were of namespaces', () => {
    const place = (name: string): ListPeer => ({ kind: 'Namespace', namespace: name, name });
    const rows = ring(MOST_NODES * 4).map(({ source, destination, ...rest }) => ({
      ...rest,
      source: place(source.namespace),
      destination: place(destination.namespace),
    }));
    expect(connectionGraph(rows, '').note).not.toContain('workloads');
  });

  it('tells the namespaces with the fewest neighbours as one when there are still too many', () => {
    const chain = Array.from({ length: 80 }, (_, at) => row(`ns-${String(at)}/w`, `ns-${String(at + 1)}/w`));
    const graph = connectionGraph([...chain, row('ns-40/w', '192.0.2.1')], '');
    expect(graph.nodes).toHaveLength(MOST_NODES);
    const names = graph.nodes.map(({ label }) => label);
    expect(names).toEqual(expect.arrayContaining(['ns-40', 'outside the cluster', 'others']));
    expect(graph.note).toBe(
      '81 workloads are told as their namespaces; 33 namespaces with few neighbours are told as one',
    );
  });
});
