import { describe, expect, it } from '@jest/globals';

import {
  hasPorts,
  hasTypes,
  ICMP,
  ICMPV6,
  otherConnections,
  pairFamilies,
  pairVerdict,
  type Endpoint,
  type Flow,
} from '#engine';

import { compileManifests } from './engine-answers.js';
import { randomCluster, type PolicyMix } from './random-cluster.js';
import { randomConventions } from './random-conventions.js';
import { RandomSource } from './random-source.js';

const SEED = Number(process.env['ATLAS_SEED'] ?? Date.now() % 1_000_000_000);
const CLUSTERS = 60;
const TYPES = [0, 3, 7, 8, 9, 17, 18, 22, 34, 128, 255] as const;

/** Single questions about one protocol of a pair, one for each family and value. */
function flowsOf(protocol: number, value: number, source: Endpoint, destination: Endpoint): readonly Flow[] {
  return pairFamilies(source, destination)
    .filter((family) => (protocol !== ICMP || family !== 6) && (protocol !== ICMPV6 || family !== 4))
    .map((family): Flow => {
      if (hasPorts(protocol)) return { protocol, port: value, family };
      const icmp = hasTypes(protocol) ? { icmp: { type: value, code: null } } : {};
      return { protocol, port: null, family, ...icmp };
    });
}

describe('connection sets over protocols without ports', () => {
  it.each(['calico', 'cilium', 'antrea'] satisfies PolicyMix[])(
    `say what single questions say, on random clusters of %s (ATLAS_SEED=${SEED})`,
    (mix) => {
      const random = new RandomSource(SEED);
      let compared = 0;
      for (let index = 0; index < CLUSTERS; index++) {
        const cluster = randomCluster(random, mix);
        const manifests = [...cluster.inventory, ...cluster.policies];
        const snapshot = compileManifests(manifests, randomConventions(random, mix));
        const pods = snapshot.endpoints.filter(({ kind }) => kind === 'pod');
        for (const source of pods) {
          for (const destination of pods) {
            const { allowed, unknown } = otherConnections(snapshot, source, destination, 'intended');
            for (const [protocol, ranges] of allowed) {
              for (const value of hasTypes(protocol) ? TYPES : [0]) {
                if (hasPorts(protocol)) continue;
                const verdicts = flowsOf(protocol, value, source, destination).map((flow) =>
                  pairVerdict(snapshot.intended, source, destination, flow),
                );
                const holds = (set: typeof ranges): boolean => set.some(([from, to]) => from <= value && value <= to);
                expect([holds(ranges), holds(unknown.get(protocol) ?? [])]).toEqual([
                  verdicts.includes('allow'),
                  verdicts.includes('unknown'),
                ]);
                compared++;
              }
            }
          }
        }
      }
      expect(compared).toBeGreaterThan(200);
    },
    60_000,
  );
});
