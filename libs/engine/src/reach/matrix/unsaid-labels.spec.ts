import { describe, expect, it } from '@jest/globals';

import { compileSnapshot } from '../../compile/index.js';
import { evaluatePair, flowsBetween, pairVerdict } from '../../eval/index.js';
import { TCP } from '../../model/index.js';
import { factsOf, rawNamespace, rawNetworkPolicy, rawPod } from '../../testing/index.js';
import { reachMatrix } from './index.js';

const NAME = 'statefulset.kubernetes.io/pod-name';

function workload(kind: string, name: string): unknown {
  const spec = { template: { metadata: { labels: { app: 'a' } }, spec: { containers: [{ name: 'c', image: 'i' }] } } };
  return { apiVersion: 'apps/v1', kind, metadata: { name, namespace: 'shop' }, spec };
}

/** As many policies for single pods of one StatefulSet as there must be for an index by their label. */
const policies = Array.from({ length: 14 }, (_, i) =>
  rawNetworkPolicy(`shop/only-${i}`, { podSelector: { matchLabels: { [NAME]: `db-${i}` } }, policyTypes: ['Ingress'] }),
);

describe('labels that a template leaves to its controller (NP-54)', () => {
  const snapshot = compileSnapshot(
    factsOf(
      rawNamespace('shop'),
      workload('Deployment', 'web'),
      workload('StatefulSet', 'db'),
      workload('StatefulSet', 'db-replica'),
      rawPod('shop/db-3', { labels: { app: 'a', [NAME]: 'db-3' }, ip: '10.0.0.1' }),
      rawPod('shop/other', { labels: { app: 'a' }, ip: '10.0.0.2' }),
      ...policies,
    ),
  );
  const matrix = reachMatrix(snapshot, 'intended');
  const { endpoints, classes, ports } = matrix;
  const source = endpoints.find(({ name }) => name === 'other');
  const port = ports.find(({ protocol }) => protocol === TCP);

  function byRows(from: number, to: number, bracket: 'certain' | 'possible'): boolean {
    let isSet = false;
    matrix.forEachSource(
      ports,
      (id, rows) => {
        const row = rows[port?.index ?? 0] as Uint32Array;
        if (id === from) isSet = ((row[to >>> 5] as number) & (1 << (to & 31))) !== 0;
      },
      bracket,
    );
    return isSet;
  }

  it.each([
    ['web', 'allow'],
    ['db', 'unknown'],
    ['db-replica', 'allow'],
    ['db-3', 'deny'],
  ])('are open where pods of it may have them, for questions, traces and rows alike: %s is %s', (name, expected) => {
    const at = endpoints.findIndex((endpoint) => endpoint.name === name);
    const destination = endpoints[at];
    if (source === undefined || destination === undefined || port === undefined) throw new Error('not there');
    const [flow] = flowsBetween(source, destination, TCP, port.port);
    if (flow === undefined) throw new Error('no flow');
    expect(pairVerdict(snapshot.intended, source, destination, flow)).toBe(expected);
    expect(evaluatePair(snapshot, source, destination, flow, 'intended').verdict).toBe(expected);
    const from = classes.classOf[endpoints.indexOf(source)] as number;
    const to = classes.classOf[at] as number;
    const [isCertain, isPossible] = [byRows(from, to, 'certain'), byRows(from, to, 'possible')];
    expect(isCertain ? 'allow' : isPossible ? 'unknown' : 'deny').toBe(expected);
  });
});
