import { isDeepStrictEqual } from 'node:util';

import { describe, expect, it } from '@jest/globals';

import { idleRules, type IdleRule } from '#engine';

import { compileManifests, TwoAnswers } from './engine-answers.js';
import { randomCluster, type Manifest, type PolicyMix } from './random-cluster.js';
import { placesOf, randomQuestion } from './random-question.js';
import { randomConventions } from './random-conventions.js';
import { RandomSource } from './random-source.js';

const SEED = Number(process.env['ATLAS_SEED'] ?? Date.now() % 1_000_000_000);
const CLUSTERS = 15;
const QUESTIONS = 60;
/** Kinds of which a rule can be taken out without moving another one. */
const MIXES: readonly PolicyMix[] = [
  'networkpolicy',
  'v1alpha1',
  'v1alpha2',
  'calico',
  'antrea',
  'ovn',
  'aws',
  'istio',
];
/** Kinds whose directions follow from their rules where they do not say them, and the field that says them. */
const DIRECTIONS: Readonly<Record<string, string>> = {
  'networking.k8s.io/v1': 'policyTypes',
  'projectcalico.org/v3': 'types',
};

type Fields = Readonly<Record<string, unknown>>;

/** What a policy says of its directions, which it keeps without the rule. */
function directionsOf({ apiVersion, spec }: Manifest): Fields {
  const field = DIRECTIONS[apiVersion as string];
  if (field === undefined) return {};
  const { ingress = [], egress = [], [field]: types } = spec as Record<string, readonly unknown[] | undefined>;
  const onlyEgress = field === 'types' && ingress.length === 0;
  const told = onlyEgress ? ['Egress'] : ['Ingress', 'Egress'];
  return { [field]: types ?? (egress.length > 0 ? told : ['Ingress']) };
}

const rulesOf = ({ ingress = [], egress = [] }: Fields): unknown[] => [
  ...(ingress as unknown[]),
  ...(egress as unknown[]),
];

/** The manifests without a rule, and without a policy of Antrea that had no other: it may say in rules whom it is about. */
function without({ rule }: IdleRule, manifests: readonly Manifest[]): readonly Manifest[] {
  return manifests.flatMap((manifest): Manifest[] => {
    const { name, namespace = '' } = manifest['metadata'] as { name: string; namespace?: string };
    const [group] = (manifest['apiVersion'] as string).split('/', 1);
    if (!isDeepStrictEqual({ group, kind: manifest['kind'], namespace, name }, rule.policy)) return [manifest];
    const spec = manifest['spec'] as Fields;
    // What a rule about hosts lets in is judged on the way out of them as well, so its place tells which list it is of.
    const [, , list = ''] = rule.pointer.split('/');
    const rules = (spec[list] as readonly unknown[]).toSpliced(rule.index, 1);
    if (group === 'crd.antrea.io' && rulesOf({ ...spec, [list]: rules }).length === 0) return [];
    return [{ ...manifest, spec: { ...spec, ...directionsOf(manifest), [list]: rules } }];
  });
}

describe('rules that are told to change nothing', () => {
  it.each(MIXES)(
    `change nothing when they are taken out of random clusters of %s (ATLAS_SEED=${SEED})`,
    (mix) => {
      const random = new RandomSource(SEED);
      const conventions = randomConventions(random, mix);
      let found = 0;
      for (let round = 0; round < CLUSTERS; round++) {
        const cluster = randomCluster(random, mix);
        const manifests = [...cluster.inventory, ...cluster.policies];
        const { rules } = idleRules(compileManifests(manifests, conventions));
        found += rules.length;
        if (rules.length === 0) continue;
        const before = new TwoAnswers(manifests, conventions);
        const gone = random.pick(rules);
        const after = new TwoAnswers(without(gone, manifests), conventions);
        const places = placesOf(cluster);
        for (let asked = 0; asked < QUESTIONS; asked++) {
          const question = randomQuestion(random, places, mix);
          const told = { seed: SEED, rule: gone.rule, question };
          expect({ ...told, verdict: after.engine(question) }).toEqual({ ...told, verdict: before.oracle(question) });
        }
      }
      expect(found).toBeGreaterThan(0);
    },
    120_000,
  );
});
