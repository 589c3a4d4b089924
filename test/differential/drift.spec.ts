import { describe, expect, it } from '@jest/globals';

import { flowsBetween, hasNumber, pairVerdict, reachabilityDrift, reachMatrix } from '#engine';
import type { CompiledSnapshot, ConnectionDrift, ConnectionSet, DriftEntry, Endpoint } from '#engine';

import { compileManifests } from './engine-answers.js';
import { SPEC } from './oracle/index.js';
import { combinationOf, POLICY_MIXES, randomCluster, type Manifest, type PolicyMix } from './random-cluster.js';
import { RandomSource } from './random-source.js';

const SEED = Number(process.env['ATLAS_SEED'] ?? Date.now() % 1_000_000_000);
const CLUSTERS = 60;

interface Meta {
  readonly name: string;
  readonly labels?: Record<string, string>;
}

const metaOf = (manifest: Manifest): Meta => manifest['metadata'] as Meta;

/** Kinds of which there is but one of a name, or of a place in order. */
const SINGLE: ReadonlySet<string> = new Set(['Tier', 'BaselineAdminNetworkPolicy', 'EgressFirewall']);

/** A cluster, and the same after a policy came or went or, at times, the labels of a pod changed. */
function twoStates(random: RandomSource, mix: PolicyMix): readonly [readonly Manifest[], readonly Manifest[]] {
  const { inventory, policies } = randomCluster(random, mix);
  const others = randomCluster(random, mix)
    .policies.filter(({ kind }) => !SINGLE.has(String(kind)))
    .map((each) => ({ ...each, metadata: { ...metaOf(each), name: `new-${metaOf(each).name}` } }));
  const gone = random.chance(0.5) ? random.between(0, policies.length - 1) : -1;
  const come = gone < 0 || random.chance(0.5) ? random.between(0, others.length - 1) : -1;
  const relabelled = random.chance(0.3) ? random.between(0, inventory.length - 1) : -1;
  const after = inventory.map((each, i) =>
    i === relabelled && each['kind'] === 'Pod'
      ? { ...each, metadata: { ...metaOf(each), labels: { ...metaOf(each).labels, app: 'b' } } }
      : each,
  );
  const policiesAfter = [...policies.filter((_, i) => i !== gone), ...others.filter((_, i) => i === come)];
  return [
    [...inventory, ...policies],
    [...after, ...policiesAfter],
  ];
}

/** Rows speak of classes: what concerns single endpoints (own node, itself) is left out, and so are workloads without pods. */
function comparable(a: Endpoint, b: Endpoint): boolean {
  return a !== b && [a, b].every(({ kind, hypothetical }) => kind === 'pod' && !hypothetical);
}

const isConnection = (entry: DriftEntry): entry is ConnectionDrift => 'sources' in entry;

describe('drift', () => {
  it.each(POLICY_MIXES)(
    `tells what single questions answer differently, on random clusters of %s (ATLAS_SEED=${SEED})`,
    (mix) => {
      const random = new RandomSource(SEED + POLICY_MIXES.indexOf(mix));
      let differences = 0;
      // Some seeds have few clusters in which anything differs: then more are looked at.
      for (let round = 0; round < CLUSTERS || (differences === 0 && round < 10 * CLUSTERS); round++) {
        const conventions = { ...SPEC, combination: combinationOf(mix) };
        const [before, after] = twoStates(random, mix).map((each) => compileManifests(each, conventions)) as [
          CompiledSnapshot,
          CompiledSnapshot,
        ];
        const entries = reachabilityDrift(before, after, { reading: 'intended' }).filter(isConnection);
        const ports = [before, after].flatMap((state) => reachMatrix(state, 'intended').ports);
        for (const source of after.endpoints) {
          for (const destination of after.endpoints) {
            if (!comparable(source, destination)) continue;
            const told = entries.filter(
              (entry) => entry.sources.includes(source) && entry.destinations.includes(destination),
            );
            for (const { protocol, port } of ports) {
              // One for each family that both have: either counts.
              const flows = flowsBetween(source, destination, protocol, port);
              if (flows.length === 0) continue;
              const allows = (state: CompiledSnapshot): boolean => {
                const [from, to] = [source, destination].map((each) => state.directory.pod(each.namespace, each.name));
                return flows.some(
                  (flow) => pairVerdict(state.intended, from as Endpoint, to as Endpoint, flow) === 'allow',
                );
              };
              const has = (set: ConnectionSet): boolean => hasNumber(set.get(protocol) ?? [], port);
              const [was, is] = [allows(before), allows(after)];
              const [says] = told.filter((entry) => has(entry.before) !== has(entry.after));
              if (was !== is) differences++;
              if ((says !== undefined) === (was !== is) && (says === undefined || has(says.after) === is)) continue;
              const pair = `${source.namespace}/${source.name} → ${destination.namespace}/${destination.name}`;
              throw new Error(`ATLAS_SEED=${SEED} cluster ${round}: ${pair} ${protocol}/${port}: ${was} → ${is}`);
            }
          }
        }
      }
      expect(differences).toBeGreaterThan(0);
    },
    120_000,
  );
});
