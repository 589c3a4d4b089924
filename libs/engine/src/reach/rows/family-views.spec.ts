import { describe, expect, it } from '@jest/globals';

import { finish } from '../../base/index.js';
import { compileSnapshot } from '../../compile/index.js';
import { factsOf, rawPod } from '../../testing/index.js';
import { ConnectionList } from '../list/index.js';
import { connectionsBetween } from '../connections-between.js';
import { formatConnections } from '../connection-set.js';

const block = (cidr: string, port: number) => ({ peers: [{ ipBlock: { cidr } }], ports: [{ port }] });
const policy = (
  name: string,
  direction: 'ingress' | 'egress',
  rules: readonly ReturnType<typeof block>[],
): unknown => ({
  apiVersion: 'networking.k8s.io/v1',
  kind: 'NetworkPolicy',
  metadata: { name: `${name}-${direction}`, namespace: 'n' },
  spec: {
    podSelector: { matchLabels: { app: name } },
    policyTypes: [direction === 'ingress' ? 'Ingress' : 'Egress'],
    [direction]: rules.map(({ peers, ports }) => ({ [direction === 'ingress' ? 'from' : 'to']: peers, ports })),
  },
});
const pod = (name: string, last: number): unknown =>
  rawPod(`n/${name}`, { ips: [`10.0.0.${String(last)}`, `fd00::${String(last)}`], node: name, labels: { app: name } });

describe('rows of endpoints with both address families', () => {
  const leaves = policy('a', 'egress', [block('10.0.0.0/8', 80), block('10.0.0.0/8', 443)]);
  const enters = policy('b', 'ingress', [block('fd00::/8', 80), block('10.0.0.0/8', 443)]);
  const snapshot = compileSnapshot(factsOf(pod('a', 1), pod('b', 2), leaves, enters), {});

  it('admit what one family admits both ways, not what each admits one way', () => {
    const list = finish(ConnectionList.open(snapshot, { reading: 'intended', by: 'pod' }));
    const rows = [...list.rows()].flatMap((some) => some ?? []);
    const told = rows
      .filter(({ source, destination }) => source.name === 'a' && destination.name === 'b')
      .map(({ connections }) => formatConnections(connections));
    expect(told).toEqual(['TCP 443']);
    const [a, b] = snapshot.endpoints as [(typeof snapshot.endpoints)[0], (typeof snapshot.endpoints)[0]];
    expect(formatConnections(connectionsBetween(snapshot, a, b, 'intended').allowed)).toBe('TCP 443');
  });
});
