import { describe, expect, it } from '@jest/globals';
import { ask } from '../ask/index.js';
import { finish } from '../base/index.js';
import { compileSnapshot } from '../compile/index.js';
import { TCP } from '../model/index.js';
import { factsOf, knownCni, namedPeer, rawNamespace, rawNetworkPolicy, rawPod } from '../testing/index.js';
import { predictingFixes } from './predict-fixes.js';

const policy = (name: string, app: string, spec: object): unknown =>
  rawNetworkPolicy(`shop/${name}`, { podSelector: { matchLabels: { app } }, ...spec });
const CLOSED = [
  rawNamespace('shop'),
  rawPod('shop/web', { labels: { app: 'web' }, ip: '10.0.0.1' }),
  rawPod('shop/db', { labels: { app: 'db' }, ip: '10.0.0.2' }),
  policy('web', 'web', { policyTypes: ['Egress'] }),
  policy('db', 'db', { policyTypes: ['Ingress'] }),
];
const port = { protocol: 'TCP', port: 5432 };
const OUT = policy('out', 'web', {
  policyTypes: ['Egress'],
  egress: [{ to: [{ podSelector: { matchLabels: { app: 'db' } } }], ports: [port] }],
});
const IN = policy('in', 'db', {
  policyTypes: ['Ingress'],
  ingress: [{ from: [{ podSelector: { matchLabels: { app: 'web' } } }], ports: [port] }],
});

describe('predictingFixes', () => {
  it('applies them one after the other, as each alone opens nothing where both sides deny', () => {
    const snapshot = compileSnapshot(factsOf(...CLOSED), { cni: knownCni('calico') });
    const question = { source: namedPeer('shop/web'), destination: namedPeer('shop/db'), protocol: TCP, port: 5432 };
    const result = ask(snapshot, question);
    if (result.type !== 'answer') throw new Error('not found');
    const [egress, ingress, ...more] = result.answer.fixes;
    if (egress === undefined || ingress === undefined) throw new Error('two fixes are missing');
    expect(more).toEqual([]);
    const given = [
      { fix: egress, facts: factsOf(OUT) },
      { fix: ingress, facts: factsOf(IN) },
    ];
    const predicted = finish(predictingFixes(snapshot, given));
    expect(predicted.map(({ prediction }) => prediction)).toEqual([
      { opens: [], closes: [], opened: 0, closed: 0 },
      { opens: ['shop/web → shop/db: none → TCP 5432'], closes: [], opened: 1, closed: 0 },
    ]);
  });

  it('predicts nothing of a fix without a manifest', () => {
    const snapshot = compileSnapshot(factsOf(...CLOSED), { cni: knownCni('calico') });
    const fix = { title: 'change it', why: 'it decides', action: 'change', manifest: '' } as const;
    expect(finish(predictingFixes(snapshot, [{ fix, facts: [] }]))).toEqual([{ ...fix, prediction: null }]);
  });
});
