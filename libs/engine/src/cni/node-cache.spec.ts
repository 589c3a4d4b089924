import { describe, expect, it } from '@jest/globals';

import { nodeCacheAddresses } from './node-cache.js';

const cache = (args: readonly string[], more: object = {}) => {
  const container = { name: 'node-cache', image: 'i', role: 'main', args, env: {} } as const;
  return { kind: 'DaemonSet', name: 'nodelocaldns', hostNetwork: true, containers: [container], ...more };
};

describe('nodeCacheAddresses', () => {
  it('are where the cache is told to listen of its own, else the usual one', () => {
    expect(nodeCacheAddresses([cache(['-localip', '169.254.25.10,10.96.0.10', '-conf', 'f'])])).toEqual([
      '169.254.25.10',
    ]);
    expect(nodeCacheAddresses([cache(['--localip=fe80::10'])])).toEqual(['fe80::10']);
    expect(nodeCacheAddresses([cache(['-localip'])])).toEqual(['169.254.20.10']);
    expect(nodeCacheAddresses([cache([])])).toEqual(['169.254.20.10']);
  });

  it('are none of a cache with addresses of pods, and of others', () => {
    expect(nodeCacheAddresses([cache([], { hostNetwork: false })])).toEqual([]);
    expect(nodeCacheAddresses([cache([], { name: 'coredns' }), cache([], { kind: 'Deployment' })])).toEqual([]);
  });
});
