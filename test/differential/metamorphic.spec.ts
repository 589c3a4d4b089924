import { describe, expect, it } from '@jest/globals';

import { TwoAnswers, type Question } from './engine-answers.js';
import { addAllow, permute, rename, split, type Change } from './metamorphic-changes.js';
import { conventionsOf, POLICY_MIXES, randomCluster, type PolicyMix } from './random-cluster.js';
import { placesOf, randomQuestion } from './random-question.js';
import { RandomSource } from './random-source.js';

const SEED = Number(process.env['ATLAS_SEED'] ?? Date.now() % 1_000_000_000);
const CLUSTERS = 30;
const QUESTIONS = 40;

interface Comparison {
  readonly question: Question;
  readonly before: readonly string[];
  readonly after: readonly string[];
}

/** Verdicts before and after a change, one word a family, for random questions about random clusters of a mix. */
function* comparisons(mix: PolicyMix, change: Change, salt: number): Generator<Comparison> {
  const random = new RandomSource(SEED + salt);
  const conventions = conventionsOf(mix);
  for (let index = 0; index < CLUSTERS; index++) {
    const cluster = randomCluster(random, mix);
    const manifests = [...cluster.inventory, ...cluster.policies];
    const before = new TwoAnswers(manifests, conventions);
    const after = new TwoAnswers(change(random, manifests), conventions);
    const places = placesOf(cluster);
    for (let asked = 0; asked < QUESTIONS; asked++) {
      const question = randomQuestion(random, places, mix);
      yield { question, before: before.engine(question).split(' '), after: after.engine(question).split(' ') };
    }
  }
}

function expectSame(mix: PolicyMix, change: Change, salt: number): void {
  let denied = 0;
  for (const { question, before, after } of comparisons(mix, change, salt)) {
    expect({ question, seed: SEED, verdict: after }).toEqual({ question, seed: SEED, verdict: before });
    if (before.some((word) => word.endsWith(':deny'))) denied += 1;
  }
  // Clusters in which nothing is ever denied would prove nothing.
  expect(denied).toBeGreaterThan(CLUSTERS);
}

describe.each(POLICY_MIXES)(`clusters of %s (ATLAS_SEED=${SEED})`, (mix) => {
  it('deny nothing more when an allow is added', () => {
    let changed = 0;
    for (const { question, before, after } of comparisons(mix, addAllow, 1)) {
      const allowed = before.filter((word) => word.endsWith(':allow'));
      expect({ question, seed: SEED, after }).toMatchObject({ after: expect.arrayContaining(allowed) as unknown });
      if (before.join() !== after.join()) changed += 1;
    }
    expect(changed).toBeGreaterThan(0);
  }, 60_000);

  it('answer the same when policies are renamed', () => {
    expectSame(mix, rename, 2);
  }, 60_000);

  it('answer the same when objects, fields and lists without an order change theirs', () => {
    expectSame(mix, permute, 3);
  }, 60_000);

  it('answer the same when a policy is split in two', () => {
    expectSame(mix, split, 4);
  }, 60_000);
});
