import { describe, expect, it } from '@jest/globals';

import { evaluatePair, flowsBetween, pairVerdict, reachMatrix, SUPPORTED_KINDS } from '#engine';
import type { Endpoint, Verdict } from '#engine';

import { compileManifests } from './engine-answers.js';
import { POLICY_MIXES, randomCluster } from './random-cluster.js';
import { randomConventions } from './random-conventions.js';
import { RandomSource } from './random-source.js';

const SEED = Number(process.env['ATLAS_SEED'] ?? Date.now() % 1_000_000_000);
const CLUSTERS = 150;

/** Rows speak of classes: what concerns single endpoints (own node, itself) or both families at once is left out. */
function comparable(a: Endpoint, b: Endpoint): boolean {
  const nodal = [a, b].some((endpoint) => endpoint.kind === 'node' || endpoint.kind === 'hostpod');
  const single = [a, b].every((endpoint) => new Set(endpoint.ips.map((ip) => ip.family)).size <= 1);
  return a !== b && !nodal && single;
}

describe('rows and single questions', () => {
  it.each(POLICY_MIXES.filter(() => SUPPORTED_KINDS.length > 0))(
    `agree on every pair and port of random clusters of %s (ATLAS_SEED=${SEED})`,
    (mix) => {
      const random = new RandomSource(SEED + POLICY_MIXES.indexOf(mix));
      let compared = 0;
      for (let round = 0; round < CLUSTERS; round++) {
        const cluster = randomCluster(random, mix);
        const snapshot = compileManifests([...cluster.inventory, ...cluster.policies], randomConventions(random, mix));
        const matrix = reachMatrix(snapshot, 'intended');
        const certain = matrixRows(matrix, 'certain');
        const possible = matrixRows(matrix, 'possible');
        for (const [i, source] of matrix.endpoints.entries()) {
          for (const [j, destination] of matrix.endpoints.entries()) {
            for (const port of matrix.ports) {
              const [flow] = flowsBetween(source, destination, port.protocol, port.port);
              if (flow === undefined) continue;
              const byQuestion = pairVerdict(snapshot.intended, source, destination, flow);
              const explained = evaluatePair(snapshot, source, destination, flow, 'intended').verdict;
              if (byQuestion !== explained) {
                throw new Error(
                  `ATLAS_SEED=${SEED} cluster ${round}: ${i} → ${j}: ${byQuestion}, explained ${explained}`,
                );
              }
              if (!comparable(source, destination)) continue;
              const bit = (rows: readonly (readonly Uint32Array[])[]): boolean => {
                const row = rows[matrix.classes.classOf[i] as number]?.[port.index] as Uint32Array;
                const id = matrix.classes.classOf[j] as number;
                return ((row[id >>> 5] as number) & (1 << (id & 31))) !== 0;
              };
              const byRows: Verdict = bit(certain) ? 'allow' : bit(possible) ? 'unknown' : 'deny';
              compared++;
              if (byRows !== byQuestion) {
                const names = `${source.namespace}/${source.name} → ${destination.namespace}/${destination.name}`;
                const where = `${names} protocol ${port.protocol} port ${port.port}`;
                throw new Error(
                  `ATLAS_SEED=${SEED} cluster ${round}: ${where}: rows say ${byRows}, the question ${byQuestion}`,
                );
              }
            }
          }
        }
      }
      expect(compared).toBeGreaterThan(1000);
    },
    120_000,
  );
});

function matrixRows(matrix: ReturnType<typeof reachMatrix>, bracket: 'certain' | 'possible'): Uint32Array[][] {
  const out: Uint32Array[][] = [];
  matrix.forEachSource(matrix.ports, (source, rows) => (out[source] = rows.map((row) => row.slice())), bracket);
  return out;
}
