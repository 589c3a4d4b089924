import { describe, expect, it } from '@jest/globals';

import { compileSnapshot } from '../compile/compile-snapshot.js';
import { factsOf, passedFlow, rawNamespace, rawPod } from '../testing/index.js';
import { asObserved, lastingFlows, seenAgain } from './lasting-flow.js';
import { placeFlows } from './place-flow.js';
import type { SeenFlow, SeenPeer } from './seen-flow.js';

const SNAPSHOT = compileSnapshot(
  factsOf(
    rawNamespace('shop'),
    rawPod('shop/api', { ip: '10.0.0.2', labels: { app: 'api' } }),
    rawPod('shop/web', { ip: '10.0.0.1', labels: { app: 'web' } }),
  ),
);
const flow = (source: Partial<SeenPeer>, destination: Partial<SeenPeer>, rest: Partial<SeenFlow> = {}): SeenFlow =>
  passedFlow(source, destination, { port: 8080, direction: 'egress', ...rest });
const lasting = (...flows: readonly SeenFlow[]) => lastingFlows(placeFlows(SNAPSHOT, flows));

describe('flows that are kept', () => {
  it('name their peers by what outlasts addresses, and are added up', () => {
    const { flows, refused } = lasting(
      flow({ address: '10.0.0.1' }, { namespace: 'shop', pod: 'api' }, { lastSeen: '2026-11-26T10:00:00.000Z' }),
      flow({ namespace: 'shop', pod: 'web' }, { address: '10.0.0.2' }, { direction: 'ingress', count: 4 }),
      flow({ asked: 'shop/web' }, { address: '203.0.113.9', hostNames: ['example.com'] }, { port: 443 }),
    );
    expect(refused).toBe(0);
    expect(flows.map(asObserved)).toEqual([
      { src: 'pod:shop/web', dst: 'pod:shop/api', protocol: 6, port: 8080 },
      { src: 'pod:shop/web', dst: 'ip:203.0.113.9', protocol: 6, port: 443 },
    ]);
    expect(flows[0]).toMatchObject({ count: 5, arrived: true, lastSeen: '2026-11-26T10:00:00.000Z' });
    expect(flows[1]?.destination).toEqual({ asked: 'ip:203.0.113.9', namespace: '', hostNames: ['example.com'] });
  });

  it('leave out those whose peers are not there, are many, or were made up', () => {
    const { flows, refused, unnamed } = lasting(
      flow({ namespace: 'shop', pod: 'gone' }, { asked: 'shop/api' }),
      flow({ asked: 'namespace:shop' }, { asked: 'shop/api' }),
      flow({ asked: 'labels:shop/app=web' }, { asked: 'shop/api' }),
    );
    expect({ flows, refused }).toEqual({ flows: [], refused: 3 });
    expect(unnamed[0]).toBe('shop/gone');
  });

  it('come to the same when they are kept again', () => {
    const { flows } = lasting(
      flow(
        { asked: 'shop/web' },
        { asked: 'shop/api' },
        { verdict: 'dropped', reason: 'POLICY_DENIED', policies: ['a/b'] },
      ),
      flow({ asked: 'shop/web' }, { address: '203.0.113.9', hostNames: ['example.com'] }, { port: 443 }),
    );
    expect(lasting(...flows.map(seenAgain))).toEqual({ flows, refused: 0, unnamed: [] });
  });
});
