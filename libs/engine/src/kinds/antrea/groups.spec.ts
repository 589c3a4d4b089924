import { describe, expect, it } from '@jest/globals';

import {
  antreaClusterGroup,
  antreaCluster,
  antreaWorld,
  drop,
  refusals,
  SERVER_PODS,
  SERVER_SERVICE,
} from '../../testing/index.js';

describe('Antrea groups', () => {
  const dropFrom = (name: string): unknown => antreaCluster('c', { ingress: [drop({ from: [{ group: name }] })] });

  it('AT-30 refuses groups that mix ways to select', () => {
    const mixed = antreaClusterGroup('g', { ...SERVER_PODS, ipBlocks: [{ cidr: '10.0.0.0/8' }] });
    expect(refusals(antreaWorld(mixed))).toEqual(['error antrea.group_mixed /spec']);
    expect(antreaWorld(mixed, dropFrom('g')).ask('b/server', 'b/other')).toBe('allow');
    expect(refusals(antreaWorld(antreaClusterGroup('g', { ...SERVER_PODS, namespaceSelector: {} })))).toEqual([]);
  });

  it('AT-31 follows Services to the pods they choose', () => {
    const w = antreaWorld(
      SERVER_SERVICE,
      antreaClusterGroup('g', { serviceReference: { name: 's', namespace: 'b' } }),
      dropFrom('g'),
    );
    expect([w.ask('b/server', 'b/other'), w.ask('a/client', 'b/other')]).toEqual(['deny', 'allow']);
  });

  it('AT-32 adds children up, one level deep', () => {
    const children = [
      antreaClusterGroup('pods', SERVER_PODS),
      antreaClusterGroup('blocks', { ipBlocks: [{ cidr: '10.0.0.1/32' }] }),
      antreaClusterGroup('both', { childGroups: ['pods', 'blocks', 'missing'] }),
    ];
    const w = antreaWorld(...children, dropFrom('both'));
    expect(['b/server', 'a/client', 'kube-system/dns'].map((from) => w.ask(from, 'b/other'))).toEqual([
      'deny',
      'deny',
      'allow',
    ]);
    const deep = antreaWorld(...children, antreaClusterGroup('outer', { childGroups: ['both'] }), dropFrom('outer'));
    expect(refusals(deep)).toEqual([
      'error antrea.group_nesting /spec/childGroups',
      'error antrea.group_nesting /spec/childGroups/0',
    ]);
    expect(deep.ask('b/server', 'b/other')).toBe('allow');
    expect(antreaWorld(antreaClusterGroup('x', { childGroups: ['x'] }), dropFrom('x')).ask('b/server', 'b/other')).toBe(
      'allow',
    );
  });

  it('AT-42 wants names of rules to be unique', () => {
    const rule = drop({ name: 'r' });
    expect(refusals(antreaWorld(antreaCluster('c', { ingress: [rule], egress: [rule] })))).toEqual([
      'error antrea.rule_name /spec/egress/0/name',
    ]);
  });
});
