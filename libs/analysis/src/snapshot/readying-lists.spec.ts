import { describe, expect, it } from '@jest/globals';
import { compileSnapshot } from '#engine';
import { factsOf } from '#engine/testing';
import { readyingLists } from './readying-lists.js';

const PODS = Array.from({ length: 50 }, (_, at) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: `pod-${String(at)}`, namespace: 'shop', labels: { app: String(at) } },
  status: { phase: 'Running', podIP: `10.0.0.${String(at)}` },
}));
const POLICY = {
  apiVersion: 'networking.k8s.io/v1',
  kind: 'NetworkPolicy',
  metadata: { name: 'in', namespace: 'shop' },
  spec: {
    podSelector: { matchLabels: { app: '1' } },
    ingress: [{ from: [{ podSelector: { matchLabels: { app: '2' } } }] }],
  },
};

const steps = (work: Generator<null, void>): number => [...work].length;

describe('readyingLists', () => {
  it('leaves less to do for who lists the same snapshot', () => {
    const snapshot = compileSnapshot(factsOf(...PODS, POLICY));
    const first = steps(readyingLists(snapshot));
    expect(steps(readyingLists(snapshot))).toBeLessThan(first);
    expect(steps(readyingLists(compileSnapshot([])))).toBeLessThan(first);
  });
});
