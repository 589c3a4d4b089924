import { describe, expect, it } from '@jest/globals';

import { compileSnapshot } from '../compile/index.js';
import { TCP, UDP } from '../model/index.js';
import { factsOf, namedPeer } from '../testing/index.js';
import { MESH, networking } from '../testing/mesh.js';
import { ask } from './ask.js';
import type { Answer } from './answer.js';
import { verdictOf } from './verdict-of.js';

const machine = (spec: object, labels: object = {}, namespace = 'side'): unknown =>
  networking('WorkloadEntry', namespace, 'vm', { address: '10.9.0.7', serviceAccount: 'legacy', ...spec }, { labels });

function asked(client: string, selector: object, entry: unknown, { spec = {}, protocol = TCP } = {}): Answer {
  const service = {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'db', namespace: 'side' },
    spec: {
      clusterIP: '10.96.0.9',
      selector,
      ports: [80, 80].map((port, i) => ({ name: `p${i}`, port, protocol: ['TCP', 'UDP'][i] })),
      ...spec,
    },
  };
  const snapshot = compileSnapshot(factsOf(...MESH, service, entry));
  const question = { source: namedPeer(client), destination: namedPeer('svc:side/db'), protocol, port: 80 };
  const result = ask(snapshot, question);
  const alone = verdictOf(snapshot, question, 'intended');
  if (result.type !== 'answer' || alone.type !== 'verdict') throw new Error('not found');
  expect(alone.verdict).toBe(result.answer.verdict);
  return result.answer;
}

describe('a Service that chooses workloads outside the cluster (IM-62)', () => {
  const old = { app: 'old' };

  it('is undetermined for members where it chooses nothing else', () => {
    const verdicts = (entry: unknown, more: Parameters<typeof asked>[3] = {}): readonly string[] =>
      ['side/fe', 'amb/fe', 'plain/fe'].map((client) => asked(client, old, entry, more).verdict);
    expect(verdicts(machine({ labels: old }))).toEqual(['undetermined', 'undetermined', 'denied']);
    expect(verdicts(machine({ labels: { app: 'new' } }, old))[0]).toBe('undetermined');
    expect(verdicts(machine({ labels: old }, { app: 'new' }))[0]).toBe('denied');
    expect(verdicts(machine({ labels: old }, {}, 'plain'))[0]).toBe('denied');
    expect(verdicts(machine({ labels: old }), { protocol: UDP })[0]).toBe('denied');
    expect(verdicts(machine({ labels: old }), { spec: { clusterIP: 'None' } })[0]).toBe('denied');
    const { summary } = asked('side/fe', old, machine({ labels: old }));
    expect(summary).toContain('WorkloadEntry side/vm (10.9.0.7)');
  });

  it('is judged by its pods where it has some, and says what is left out', () => {
    const web = { app: 'web' };
    const tells = (client: string, entry: unknown): boolean => {
      const { verdict, assumptions } = asked(client, web, entry);
      expect(verdict).toBe('allowed');
      return assumptions.some((one) => one.includes('WorkloadEntry side/vm'));
    };
    expect(['side/fe', 'plain/fe'].map((client) => tells(client, machine({ labels: web })))).toEqual([true, false]);
    expect(tells('side/fe', machine({ labels: old }))).toBe(false);
  });
});
