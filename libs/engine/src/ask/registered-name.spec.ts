import { describe, expect, it } from '@jest/globals';

import { compileSnapshot } from '../compile/index.js';
import { TCP } from '../model/index.js';
import { factsOf, namedPeer } from '../testing/index.js';
import { MESH, networking } from '../testing/mesh.js';
import { ask } from './ask.js';
import { verdictOf } from './verdict-of.js';

function asked(client: string, host: string, spec: object, ...more: readonly unknown[]): string {
  const entry = networking('ServiceEntry', 'side', 'vm', { hosts: ['vm.example', '*.old.example'], ...spec });
  const snapshot = compileSnapshot(factsOf(...MESH, entry, ...more));
  const question = {
    source: namedPeer(client),
    destination: namedPeer(host.includes(':') ? host : `host:${host}`),
    protocol: TCP,
    port: 80,
  };
  const result = ask(snapshot, question);
  const alone = verdictOf(snapshot, question, 'intended');
  if (result.type !== 'answer' || alone.type !== 'verdict') throw new Error('not found');
  expect(alone.verdict).toBe(result.answer.verdict);
  return result.answer.verdict;
}

describe('a name in the registry of the mesh (IM-54)', () => {
  const chosen = { workloadSelector: { labels: { app: 'web' } } };

  it('is undetermined for members where a ServiceEntry leads to workloads from there', () => {
    for (const client of ['side/fe', 'amb/fe']) expect(asked(client, 'vm.example', chosen)).toBe('undetermined');
    expect(asked('side/fe', 'a.old.example', chosen)).toBe('undetermined');
    expect(asked('plain/fe', 'vm.example', chosen)).toBe('allowed');
    expect(asked('side/fe', 'other.example', chosen)).toBe('allowed');
    expect(asked('amb/fe', 'vm.example', { ...chosen, exportTo: ['.'] })).toBe('allowed');
  });

  it('is what it is elsewhere where the endpoints are outside too', () => {
    const at = (address: string, more: object = {}): object => ({ endpoints: [{ address, ...more }] });
    expect(asked('side/fe', 'vm.example', at('203.0.113.9'))).toBe('allowed');
    expect(asked('side/fe', 'vm.example', at('10.2.1.1'))).toBe('undetermined');
    expect(asked('side/fe', 'vm.example', at('203.0.113.9', { serviceAccount: 'vm' }))).toBe('undetermined');
    const machine = networking('WorkloadEntry', 'side', 'vm', { address: '203.0.113.9' });
    expect(asked('side/fe', 'vm.example', at('203.0.113.9'), machine)).toBe('undetermined');
    expect(asked('side/fe', 'vm.example', { resolution: 'DNS' })).toBe('allowed');
  });

  it('is the same with a dot at its end, as an alias may have it', () => {
    const alias = {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'alias', namespace: 'side' },
      spec: { type: 'ExternalName', externalName: 'vm.example.' },
    };
    expect(asked('side/fe', 'svc:side/alias', chosen, alias)).toBe('undetermined');
  });
});
