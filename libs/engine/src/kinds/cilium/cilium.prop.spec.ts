import { describe, expect, it } from '@jest/globals';

import { compileSnapshot } from '../../compile/compile-snapshot.js';
import { factsOf, rawPod } from '../../testing/index.js';

/** A small generator with a seed, so that a failure can be repeated. */
class Dice {
  #state: number;

  constructor(seed: number) {
    this.#state = seed;
  }

  below(limit: number): number {
    this.#state = (Math.imul(this.#state, 1664525) + 1013904223) >>> 0;
    return this.#state % limit;
  }

  pick<T>(values: readonly T[]): T {
    return values[this.below(values.length)] as T;
  }
}

const KEYS = [
  ...['endpointSelector', 'nodeSelector', 'ingress', 'egress', 'ingressDeny', 'egressDeny', 'enableDefaultDeny'],
  ...['fromEndpoints', 'toEndpoints', 'fromCIDR', 'toCIDRSet', 'fromEntities', 'toEntities', 'toServices', 'toFQDNs'],
  ...['fromNodes', 'toGroups', 'fromRequires', 'toPorts', 'icmps', 'authentication', 'ports', 'rules', 'serverNames'],
  ...['listener', 'http', 'kafka', 'dns', 'l7', 'l7proto', 'port', 'endPort', 'protocol', 'fields', 'type', 'family'],
  ...['cidr', 'except', 'cidrGroupRef', 'cidrGroupSelector', 'matchLabels', 'matchExpressions', 'key', 'operator'],
  ...[
    'values',
    'matchName',
    'matchPattern',
    'k8sService',
    'k8sServiceSelector',
    'mode',
    'path',
    'headers',
    '__proto__',
  ],
];
const SCALARS: readonly unknown[] = [
  ...[
    null,
    true,
    0,
    -1,
    1e9,
    0.5,
    '',
    '0',
    '80',
    'http',
    'TCP',
    'ANY',
    'all',
    'host',
    'In',
    'Exists',
    'k8s:app',
    'reserved:host',
  ],
  ...[
    '10.0.0.0/8',
    '::/0',
    '1.2.3.4',
    '**.a.b',
    '(a',
    '(a*)*',
    'x'.repeat(300),
    'required',
    'IPv6',
    'EchoRequest',
    'app',
  ],
];

function anything(dice: Dice, depth: number): unknown {
  const choice = dice.below(depth > 5 ? 2 : 8);
  if (choice < 2) return dice.pick(SCALARS);
  if (choice < 4) return Array.from({ length: dice.below(4) }, () => anything(dice, depth + 1));
  return Object.fromEntries(
    Array.from({ length: 1 + dice.below(5) }, () => [dice.pick(KEYS), anything(dice, depth + 1)]),
  );
}

describe('Cilium policies of any content', () => {
  it('compile without throwing, and one that is refused has no entries', () => {
    const seed = 20260101;
    const dice = new Dice(seed);
    for (let run = 0; run < 3000; run++) {
      const kind = dice.pick(['CiliumNetworkPolicy', 'CiliumClusterwideNetworkPolicy']);
      const policy = {
        apiVersion: 'cilium.io/v2',
        kind,
        metadata: { name: 'p', namespace: 'n' },
        spec: anything(dice, 0),
        ...(dice.below(3) === 0 ? { specs: anything(dice, 0) } : {}),
      };
      const snapshot = compileSnapshot(factsOf(rawPod('n/a', { ip: '10.0.0.1' }), policy));
      for (const compiled of snapshot.intended.sets.flatMap((set) => set.policies)) {
        if (compiled.refused) expect([run, compiled.entries]).toEqual([run, []]);
        expect(compiled.refused).toBe(compiled.diagnostics.some((found) => found.class === 'error'));
        for (const found of compiled.diagnostics) expect(found.pointer).toMatch(/^(\/|$)/);
      }
    }
  });
});
