import { describe, expect, it } from '@jest/globals';
import { compileSnapshot } from '../../compile/index.js';
import { normaliseObject } from '../../normalise/index.js';
import type { Fact } from '../../model/index.js';
import { CALICO_CNI, factsOf, rawCalico, rawNamespace, rawPod } from '../../testing/index.js';
import { flowVerdict } from '../../eval/index.js';

const KINDS = [
  'NetworkPolicy',
  'GlobalNetworkPolicy',
  'StagedNetworkPolicy',
  'StagedKubernetesNetworkPolicy',
  'Tier',
  'NetworkSet',
  'GlobalNetworkSet',
  'HostEndpoint',
  'Profile',
  'FelixConfiguration',
];
const KEYS = [
  'selector',
  'types',
  'tier',
  'order',
  'ingress',
  'egress',
  'action',
  'source',
  'destination',
  'nets',
  'notNets',
  'ports',
  'notPorts',
  'protocol',
  'notProtocol',
  'icmp',
  'notICMP',
  'type',
  'code',
  'http',
  'methods',
  'paths',
  'exact',
  'services',
  'name',
  'namespace',
  'serviceAccounts',
  'names',
  'namespaceSelector',
  'notSelector',
  'doNotTrack',
  'preDNAT',
  'applyOnForward',
  'stagedAction',
  'defaultAction',
  'labelsToApply',
  'node',
  'interfaceName',
  'expectedIPs',
  'profiles',
  'failsafeInboundHostPorts',
  'port',
  'net',
  '__proto__',
  'constructor',
  'toString',
];
const VALUES: readonly unknown[] = [
  null,
  true,
  false,
  0,
  -1,
  1e308,
  0.5,
  65536,
  80,
  '',
  'all()',
  "a == 'b'",
  'a =',
  '((((',
  'Allow',
  'Deny',
  'Pass',
  'TCP',
  'ICMP',
  '10.0.0.0/8',
  '10.0.0.1',
  '::/0',
  '999.1.1.1',
  '1:2',
  '9:1',
  'http',
  '__proto__',
  'Ingress',
  'Egress',
  '*',
  'kns.shop',
];

/** Small and seeded, so that a failure can be made again. */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x9e3779b9) | 0;
    return ((state ^ (state >>> 13)) >>> 0) / 2 ** 32;
  };
}

function anyValue(next: () => number, depth: number): unknown {
  const pick = <T>(from: readonly T[]): T => from[Math.floor(next() * from.length)] as T;
  const roll = next();
  if (depth === 0 || roll < 0.35) return pick(VALUES);
  if (roll < 0.6) return Array.from({ length: Math.floor(next() * 4) }, () => anyValue(next, depth - 1));
  const entries = Array.from({ length: 1 + Math.floor(next() * 6) }, () => [pick(KEYS), anyValue(next, depth - 1)]);
  return Object.fromEntries(entries) as unknown;
}

describe('objects of any shape', () => {
  const world = factsOf(
    rawNamespace('shop'),
    rawNamespace('pay'),
    rawPod('shop/a', { ip: '10.0.0.1' }),
    rawPod('shop/b', { ip: '10.0.0.2' }),
    rawPod('pay/c', { ip: '10.0.1.1' }),
    rawCalico('NetworkPolicy', 'pay/deny', { order: 1e300, selector: 'all()', ingress: [{ action: 'Deny' }] }),
  );

  it('never throw, and a namespaced policy never speaks for another namespace', () => {
    for (let seed = 1; seed <= 1000; seed++) {
      const next = random(seed);
      const kind = KINDS[seed % KINDS.length] as string;
      const name = kind === 'NetworkPolicy' || kind.startsWith('Staged') ? 'shop/x' : 'x';
      const { fact } = normaliseObject(rawCalico(kind, name, anyValue(next, 6)));
      const facts: readonly Fact[] = fact === null ? world : [...world, fact];
      const snapshot = compileSnapshot(facts, { cni: CALICO_CNI });
      const [c] = snapshot.directory.namespace('pay');
      const [a] = snapshot.directory.namespace('shop');
      const set = snapshot.enforced.sets[0];
      if (a === undefined || c === undefined || set === undefined) throw new Error('the world is gone');
      const verdict = flowVerdict(set, a, c, { protocol: 6, port: 80, family: 4 });
      if (kind === 'NetworkPolicy') expect([seed, verdict]).toEqual([seed, 'deny']);
    }
  });
});
