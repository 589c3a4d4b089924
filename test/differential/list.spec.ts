import { describe, expect, it } from '@jest/globals';

import {
  ConnectionList,
  connectionsBetween,
  finish,
  formatConnections,
  isEmpty,
  listPeerOf,
  otherConnections,
  otherProtocols,
  outsidePeers,
  peerLabel,
  rangesName,
  unionConnections,
} from '#engine';
import type { CompiledSnapshot, Endpoint, RowVerdict } from '#engine';

import { compileManifests } from './engine-answers.js';
import { POLICY_MIXES, randomCluster } from './random-cluster.js';
import { randomConventions } from './random-conventions.js';
import { RandomSource } from './random-source.js';

const SEED = Number(process.env['ATLAS_SEED'] ?? Date.now() % 1_000_000_000);
const CLUSTERS = 40;

function listed(snapshot: CompiledSnapshot, verdict: RowVerdict): string[] {
  const list = finish(ConnectionList.open(snapshot, { reading: 'enforced', by: 'pod', nodes: true, verdict }));
  return [...list.rows()]
    .flatMap((rows) => rows ?? [])
    .map((row) => ({ ...row, from: peerLabel(row.source), to: peerLabel(row.destination) }))
    .map(({ from, to, connections }) => `${from} > ${to} ${formatConnections(connections)}`);
}

/** Every pair by itself, as rows tell them. */
function asked(snapshot: CompiledSnapshot, verdict: RowVerdict): string[] {
  const outside = finish(outsidePeers(snapshot, 'enforced'));
  const names = new Map(outside.map(({ endpoint, ranges }) => [endpoint, rangesName(ranges)]));
  const endpoints = [...snapshot.endpoints, ...names.keys()];
  const label = (endpoint: Endpoint): string => names.get(endpoint) ?? peerLabel(listPeerOf(endpoint, 'pod'));
  const others = otherProtocols(snapshot.enforced.sets);
  const out: string[] = [];
  for (const source of endpoints) {
    for (const destination of endpoints) {
      const isPair = source !== destination && !(names.has(source) && names.has(destination));
      if (!isPair) continue;
      const connections = [
        connectionsBetween(snapshot, source, destination, 'enforced'),
        otherConnections(snapshot, source, destination, 'enforced', others),
      ]
        .map(({ allowed, unknown }) => (verdict === 'allow' ? allowed : unknown))
        .reduce(unionConnections);
      if (!isEmpty(connections)) out.push(`${label(source)} > ${label(destination)} ${formatConnections(connections)}`);
    }
  }
  return out;
}

describe('the list of all connections', () => {
  it.each(POLICY_MIXES.flatMap((mix) => (['allow', 'unknown'] as const).map((verdict) => [mix, verdict] as const)))(
    `has what each pair is told by itself in random clusters of %s: %s (ATLAS_SEED=${SEED})`,
    (mix, verdict) => {
      const random = new RandomSource(SEED + POLICY_MIXES.indexOf(mix));
      let compared = 0;
      for (let round = 0; round < CLUSTERS; round++) {
        const cluster = randomCluster(random, mix);
        const snapshot = compileManifests([...cluster.inventory, ...cluster.policies], randomConventions(random, mix));
        const rows = listed(snapshot, verdict);
        expect(rows.toSorted()).toEqual(asked(snapshot, verdict).toSorted());
        compared += rows.length;
      }
      expect(compared).toBeGreaterThan(100);
    },
    60_000,
  );
});
