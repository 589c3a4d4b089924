import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';

import { readFlows } from './read-flows.js';

describe('hostile flows', () => {
  it('never throw, and nothing is lost on the way', () => {
    const keys = [
      'flow',
      'IP',
      'verdict',
      'l4',
      'TCP',
      'source',
      'destination',
      'labels',
      'dest_port',
      'action',
      'reporter',
      'proto',
      'destinationTransportPort',
      'ipfix',
      'dst',
      'endpoint',
      'k8s',
      'daddr',
      'src',
      'port',
      'policies',
      'enforced',
      'time',
      '__proto__',
    ];
    const leaf = fc.oneof(
      fc.jsonValue(),
      fc.constantFrom('FORWARDED', 'allow', 'tcp', 8080, '10.0.0.1', 'shop/web', '-'),
    );
    const single = leaf.filter((value) => !Array.isArray(value));
    const record = fc.dictionary(
      fc.constantFrom(...keys),
      fc.oneof(leaf, fc.dictionary(fc.constantFrom(...keys), leaf)),
    );
    fc.assert(
      fc.property(fc.array(fc.oneof(record, single), { maxLength: 8 }), (records) => {
        const first = { src: 'shop/web', dst: 'shop/api', port: 80 };
        const read = readFlows([first, ...records].map((one) => JSON.stringify(one)).join('\n'));
        const leftOut = Object.values(read.leftOut).reduce((sum, each) => sum + each, 0);
        expect(read.flows.length + read.problemCount + leftOut).toBe(1 + records.length);
        for (const { protocol, port, count } of read.flows) {
          expect(Number.isInteger(protocol) && count >= 1 && (port === null || (port > 0 && port < 65536))).toBe(true);
        }
      }),
    );
  });
});
