import { describe, expect, it } from '@jest/globals';

import { idleRules, type IdleRule } from '#engine';

import { compileManifests, TwoAnswers } from './engine-answers.js';
import { SPEC } from './oracle/index.js';
import { randomCluster, type Manifest, type PolicyMix } from './random-cluster.js';
import { placesOf, randomFlow } from './random-question.js';
import { RandomSource } from './random-source.js';

const SEED = Number(process.env['ATLAS_SEED'] ?? Date.now() % 1_000_000_000);
const CLUSTERS = 25;
const QUESTIONS = 60;
/** Kinds of which a rule can be taken out without moving another one. */
const MIXES: readonly PolicyMix[] = ['networkpolicy', 'v1alpha1', 'v1alpha2'];

type Fields = Readonly<Record<string, unknown>>;

/** The manifests without a rule. Its policy keeps its directions: those of a NetworkPolicy follow its rules else. */
function without({ rule, direction }: IdleRule, manifests: readonly Manifest[]): readonly Manifest[] {
  return manifests.map((manifest) => {
    const { name, namespace = '' } = manifest['metadata'] as { name: string; namespace?: string };
    if (manifest['kind'] !== rule.policy.kind || name !== rule.policy.name || namespace !== rule.policy.namespace) {
      return manifest;
    }
    const spec = manifest['spec'] as Fields;
    const egress = (spec['egress'] ?? []) as readonly unknown[];
    const types = spec['policyTypes'] ?? (egress.length > 0 ? ['Ingress', 'Egress'] : ['Ingress']);
    const rules = (spec[direction] as readonly unknown[]).toSpliced(rule.index, 1);
    const stated = manifest['kind'] === 'NetworkPolicy' ? { policyTypes: types } : {};
    return { ...manifest, spec: { ...spec, ...stated, [direction]: rules } };
  });
}

describe('rules that are told to change nothing', () => {
  it.each(MIXES)(
    `change nothing when they are taken out of random clusters of %s (ATLAS_SEED=${SEED})`,
    (mix) => {
      const random = new RandomSource(SEED);
      let found = 0;
      for (let round = 0; round < CLUSTERS; round++) {
        const cluster = randomCluster(random, mix);
        const manifests = [...cluster.inventory, ...cluster.policies];
        const { rules } = idleRules(compileManifests(manifests, SPEC));
        found += rules.length;
        if (rules.length === 0) continue;
        const before = new TwoAnswers(manifests, SPEC);
        const gone = random.pick(rules);
        const after = new TwoAnswers(without(gone, manifests), SPEC);
        const places = placesOf(cluster);
        for (let asked = 0; asked < QUESTIONS; asked++) {
          const question = randomFlow(random, places);
          const told = { seed: SEED, rule: gone.rule, question };
          expect({ ...told, verdict: after.engine(question) }).toEqual({ ...told, verdict: before.oracle(question) });
        }
      }
      expect(found).toBeGreaterThan(0);
    },
    120_000,
  );
});
