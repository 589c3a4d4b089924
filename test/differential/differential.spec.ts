import { afterAll, describe, expect, it } from '@jest/globals';

import { SUPPORTED_KINDS } from '#engine';

import { TwoAnswers } from './engine-answers.js';
import { asScenario, minimise } from './minimise.js';
import { POLICY_MIXES, randomCluster, type PolicyMix } from './random-cluster.js';
import { randomConventions } from './random-conventions.js';
import { placesOf, randomQuestion } from './random-question.js';
import { RandomSource } from './random-source.js';

const SEED = Number(process.env['ATLAS_SEED'] ?? Date.now() % 1_000_000_000);
const QUESTIONS = 40_000;
const QUESTIONS_PER_CLUSTER = 60;

const KINDS: Readonly<Record<PolicyMix, readonly string[]>> = {
  networkpolicy: ['NetworkPolicy.networking.k8s.io'],
  v1alpha1: ['AdminNetworkPolicy.policy.networking.k8s.io', 'BaselineAdminNetworkPolicy.policy.networking.k8s.io'],
  v1alpha2: ['ClusterNetworkPolicy.policy.networking.k8s.io'],
  calico: ['NetworkPolicy.projectcalico.org', 'GlobalNetworkPolicy.projectcalico.org'],
  antrea: ['ClusterNetworkPolicy.crd.antrea.io', 'NetworkPolicy.crd.antrea.io'],
  cilium: ['CiliumNetworkPolicy.cilium.io', 'CiliumClusterwideNetworkPolicy.cilium.io'],
  ovn: ['EgressFirewall.k8s.ovn.org', 'UserDefinedNetwork.k8s.ovn.org'],
  aws: ['ClusterNetworkPolicy.networking.k8s.aws', 'ApplicationNetworkPolicy.networking.k8s.aws'],
  istio: ['AuthorizationPolicy.security.istio.io', 'PeerAuthentication.security.istio.io'],
};
const supported = new Set<string>(SUPPORTED_KINDS);
const mixes = POLICY_MIXES.filter((mix) => KINDS[mix].every((kind) => supported.has(kind)));

describe('engine and oracle', () => {
  let total = 0;
  let differences = 0;

  afterAll(() => {
    process.stdout.write(`differential: ${total} questions, seed ${SEED}, ${differences} differences\n`);
  });

  it.each(mixes)(
    `agree on random clusters of %s (ATLAS_SEED=${SEED})`,
    (mix) => {
      const random = new RandomSource(SEED + POLICY_MIXES.indexOf(mix));
      const verdicts = new Map<string, number>();
      let asked = 0;
      while (asked < QUESTIONS / mixes.length) {
        const cluster = randomCluster(random, mix);
        const conventions = randomConventions(random, mix, cluster.policies);
        const manifests = [...cluster.inventory, ...cluster.policies];
        const two = new TwoAnswers(manifests, conventions);
        const places = placesOf(cluster);
        for (let index = 0; index < QUESTIONS_PER_CLUSTER; index++) {
          const question = randomQuestion(random, places, mix);
          const engine = two.engine(question);
          const oracle = two.oracle(question);
          asked += 1;
          total += 1;
          verdicts.set(oracle, (verdicts.get(oracle) ?? 0) + 1);
          if (engine !== oracle) {
            differences += 1;
            throw new Error(`ATLAS_SEED=${SEED}\n${asScenario(minimise({ manifests, question, conventions }))}`);
          }
        }
      }
      const counts = [...verdicts].sort(([, a], [, b]) => b - a).map(([verdict, count]) => `${verdict} ${count}`);
      process.stdout.write(
        `differential ${mix}: seed ${SEED}, ${asked} questions: ${counts.slice(0, 10).join(', ')}\n`,
      );
      // A generator that only ever makes one verdict would prove nothing.
      expect(verdicts.get('4:deny') ?? 0).toBeGreaterThan(asked / 20);
      expect(verdicts.get('4:allow') ?? 0).toBeGreaterThan(asked / 20);
    },
    120_000,
  );
});
