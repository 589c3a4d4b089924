import { describe, expect, it } from '@jest/globals';

import { TwoAnswers, type Question } from './engine-answers.js';
import { SPEC } from './oracle/index.js';
import { randomCluster, type Manifest } from './random-cluster.js';
import { randomRule } from './random-network-policy.js';
import { placesOf, randomQuestion } from './random-question.js';
import { RandomSource } from './random-source.js';

const SEED = Number(process.env['ATLAS_SEED'] ?? Date.now() % 1_000_000_000);
const CLUSTERS = 60;
const QUESTIONS = 40;

type Spec = Readonly<Record<string, unknown>>;
interface Policy {
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly spec: Spec;
}
type Change = (random: RandomSource, manifests: readonly Manifest[]) => readonly Manifest[];

const policyOf = (manifest: Manifest): Policy => manifest as unknown as Policy;
const isNetworkPolicy = (manifest: Manifest): boolean => manifest['kind'] === 'NetworkPolicy';
const isPolicy = (manifest: Manifest): boolean => String(manifest['kind']).endsWith('Policy');

/** Answers before and after a change, for random questions about random clusters with NetworkPolicies only. */
function* comparisons(change: Change, salt: number): Generator<readonly [string, string, Question]> {
  const random = new RandomSource(SEED + salt);
  for (let index = 0; index < CLUSTERS; index++) {
    const cluster = randomCluster(random, 'networkpolicy');
    const manifests = [...cluster.inventory, ...cluster.policies];
    const before = new TwoAnswers(manifests, SPEC);
    const after = new TwoAnswers(change(random, manifests), SPEC);
    const places = placesOf(cluster);
    for (let asked = 0; asked < QUESTIONS; asked++) {
      const question = randomQuestion(random, places);
      yield [before.engine(question), after.engine(question), question];
    }
  }
}

function expectSame(change: Change, salt: number): void {
  let verdicts = 0;
  for (const [before, after, question] of comparisons(change, salt)) {
    expect({ question, seed: SEED, verdict: after }).toEqual({ question, seed: SEED, verdict: before });
    if (before.includes('deny')) verdicts += 1;
  }
  expect(verdicts).toBeGreaterThan(CLUSTERS);
}

/** Another rule in a direction that the policy isolates already, so that it can only allow more. */
const addAllow: Change = (random, manifests) =>
  manifests.map((manifest) => {
    if (!isNetworkPolicy(manifest)) return manifest;
    const { spec } = policyOf(manifest);
    const types = spec['policyTypes'] as readonly string[] | undefined;
    const rules = (spec['ingress'] ?? []) as readonly unknown[];
    if (types !== undefined && !types.includes('Ingress')) return manifest;
    return { ...manifest, spec: { ...spec, ingress: [...rules, randomRule(random, 'from', ['8.8.8.8', '10.0.1.1'])] } };
  });

const rename: Change = (random, manifests) => {
  const names = random.shuffled(manifests.filter(isPolicy).map((_, index) => `renamed-${index}`));
  return manifests.map((manifest) => {
    if (!isPolicy(manifest)) return manifest;
    return { ...manifest, metadata: { ...policyOf(manifest).metadata, name: names.pop() } };
  });
};

/** Every list below the spec of a NetworkPolicy has no order. */
function permuted(random: RandomSource, value: unknown): unknown {
  if (Array.isArray(value)) return random.shuffled(value.map((element) => permuted(random, element)));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    random.shuffled(Object.entries(value)).map(([key, entry]) => [key, permuted(random, entry)]),
  );
}

const permute: Change = (random, manifests) =>
  random.shuffled(
    manifests.map((manifest) =>
      isNetworkPolicy(manifest) ? { ...manifest, spec: permuted(random, policyOf(manifest).spec) } : manifest,
    ),
  );

/** Two policies with the subject and the directions of one, and its rules shared out between them. */
const split: Change = (random, manifests) =>
  manifests.flatMap((manifest) => {
    if (!isNetworkPolicy(manifest)) return [manifest];
    const { metadata, spec } = policyOf(manifest);
    const egress = (spec['egress'] ?? []) as readonly unknown[];
    const types = spec['policyTypes'] ?? (egress.length > 0 ? ['Ingress', 'Egress'] : ['Ingress']);
    const part = (name: string, keep: (index: number) => boolean): Manifest => {
      const rules = (direction: string): unknown[] =>
        ((spec[direction] ?? []) as readonly unknown[]).filter((_, index) => keep(index));
      const own = { ...spec, policyTypes: types, ingress: rules('ingress'), egress: rules('egress') };
      return { ...manifest, metadata: { ...metadata, name }, spec: own };
    };
    const cut = random.between(0, 2);
    const name = String(metadata['name']);
    return [part(`${name}-head`, (index) => index < cut), part(`${name}-tail`, (index) => index >= cut)];
  });

describe(`clusters with NetworkPolicies only (ATLAS_SEED=${SEED})`, () => {
  it('deny nothing more when an allow is added', () => {
    let gained = 0;
    for (const [before, after, question] of comparisons(addAllow, 1)) {
      const families = before.split(' ').filter((word) => word.endsWith(':allow'));
      for (const word of families)
        expect({ question, seed: SEED, words: after.split(' ') }).toMatchObject({
          words: expect.arrayContaining([word]) as unknown,
        });
      if (before !== after) gained += 1;
    }
    expect(gained).toBeGreaterThan(0);
  });

  it('answer the same when policies are renamed', () => {
    expectSame(rename, 2);
  });

  it('answer the same when lists, fields and objects change their order', () => {
    expectSame(permute, 3);
  });

  it('answer the same when a policy is split in two', () => {
    expectSame(split, 4);
  });
});
