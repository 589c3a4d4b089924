import { describe, expect, it } from '@jest/globals';

import { evaluatePair, pairFamilies, pairVerdict, type Flow, type FlowDecision, type RuleRef } from '#engine';
import { pointsInto } from '#engine/testing';

import { compileManifests } from './engine-answers.js';
import { SPEC } from './oracle/index.js';
import { combinationOf, POLICY_MIXES, randomCluster, type Manifest } from './random-cluster.js';
import { RandomSource } from './random-source.js';
import { PORTS, PROTOCOLS } from './random-words.js';

const SEED = Number(process.env['ATLAS_SEED'] ?? Date.now() % 1_000_000_000);
const CLUSTERS = 40;
const FLOWS = 40;
const NUMBERS: Readonly<Record<string, number>> = { TCP: 6, UDP: 17, SCTP: 132 };

/** Whether a rule that an answer names is one of the manifests'. */
function exists(rule: RuleRef, manifests: readonly Manifest[]): boolean {
  const { policy, pointer } = rule;
  const found = manifests.find((manifest) => {
    const { name, namespace = '' } = manifest['metadata'] as { name: string; namespace?: string };
    return manifest['kind'] === policy.kind && name === policy.name && namespace === policy.namespace;
  });
  return found !== undefined && (pointer === '' || pointsInto(found, pointer));
}

function decisions(mix: (typeof POLICY_MIXES)[number], salt: number): [FlowDecision, string, readonly Manifest[]][] {
  const random = new RandomSource(SEED + salt);
  const out: [FlowDecision, string, readonly Manifest[]][] = [];
  for (let index = 0; index < CLUSTERS; index++) {
    const { inventory, policies } = randomCluster(random, mix);
    const manifests = [...inventory, ...policies];
    const snapshot = compileManifests(manifests, { ...SPEC, combination: combinationOf(mix) });
    const { endpoints } = snapshot;
    for (let asked = 0; asked < FLOWS && endpoints.length > 0; asked++) {
      const [source, destination] = [random.pick(endpoints), random.pick(endpoints)];
      const family = pairFamilies(source, destination)[0];
      if (family === undefined) continue;
      const protocol = NUMBERS[random.pick(PROTOCOLS)] ?? 6;
      const flow: Flow = { protocol, port: random.pick(PORTS), family };
      const decision = evaluatePair(snapshot, source, destination, flow, 'intended');
      out.push([decision, pairVerdict(snapshot.intended, source, destination, flow), manifests]);
    }
  }
  return out;
}

describe.each(POLICY_MIXES)(`answers about random clusters of %s (ATLAS_SEED=${SEED})`, (mix) => {
  it('have the same verdict with a trace and without', () => {
    const wrong = decisions(mix, 1).filter(([traced, alone]) => traced.verdict !== alone);
    expect(wrong).toEqual([]);
  });

  it('name rules that are there, and one for whatever rules decide', () => {
    let named = 0;
    for (const [{ egress, ingress }, , manifests] of decisions(mix, 2)) {
      for (const side of [egress, ingress]) {
        const rules = [...side.determining, ...side.nearMisses.map((miss) => miss.rule)];
        // What stands for a tier's end or a setting has no rule of its own.
        expect(rules.filter((rule) => rule.index >= 0 && !exists(rule, manifests))).toEqual([]);
        if (side.reason === 'rule-matched' || side.verdict === 'deny') expect(side.determining).not.toEqual([]);
        named += side.determining.length;
      }
    }
    expect(named).toBeGreaterThan(CLUSTERS);
  });
});
