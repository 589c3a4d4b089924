import { describe, expect, it } from '@jest/globals';

import { finish } from '../../base/index.js';
import { compileSnapshot } from '../../compile/index.js';
import { factsOf, rawPod } from '../../testing/index.js';
import { ConnectionList } from '../list/index.js';

/** Pairs of pods that the list shows when a rule allows one address family alone. */
function listed(ipVersion: 4 | 6): string {
  const pods = { a: '10.0.0.1', b: '10.0.0.2', c: 'fd00::1', d: 'fd00::2' };
  const policy = {
    apiVersion: 'projectcalico.org/v3',
    kind: 'NetworkPolicy',
    metadata: { name: 'p', namespace: 'n' },
    spec: { types: ['Ingress'], ingress: [{ action: 'Allow', ipVersion }] },
  };
  const raws = Object.entries(pods).map(([name, ip]) => rawPod(`n/${name}`, { ip, node: `on-${name}` }));
  const snapshot = compileSnapshot(factsOf(...raws, policy), {});
  const list = finish(ConnectionList.open(snapshot, { reading: 'intended', by: 'pod' }));
  return [...list.rows()]
    .flatMap((rows) => rows ?? [])
    .map(({ source, destination }) => `${source.name}${destination.name}`)
    .filter((pair) => /^[a-d]{2}$/.test(pair))
    .join(' ');
}

describe('rows of rules about one address family', () => {
  it('hold pairs that meet in it, and no others', () => {
    expect(listed(4)).toBe('ab ba');
    expect(listed(6)).toBe('cd dc');
  });
});
