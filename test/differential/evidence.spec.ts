import { describe, expect, it } from '@jest/globals';

import {
  ask,
  compileSnapshot,
  decide,
  evaluatePair,
  normaliseObject,
  pairFamilies,
  pairVerdict,
  resolvePeer,
  type CompiledSnapshot,
  type Flow,
  type FlowDecision,
  type FlowQuestion,
  type PeerQuery,
  type RuleRef,
} from '#engine';
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

const WORDS = { allow: 'allowed', deny: 'denied', unknown: 'undetermined' } as const;

const counted = (verdicts: Iterable<readonly [string, number]>): Readonly<Record<string, number>> => {
  const out: Record<string, number> = { allowed: 0, denied: 0, undetermined: 0 };
  for (const [verdict, count] of verdicts) out[verdict] = (out[verdict] ?? 0) + count;
  return out;
};

/** How many pairs of different pods of two namespaces an answer gives each verdict. */
function countedByAnswer(snapshot: CompiledSnapshot, question: FlowQuestion): Readonly<Record<string, number>> {
  const result = ask(snapshot, question);
  if (result.type === 'notFound') throw new Error(result.error.message);
  const others = result.answer.flows.filter(({ source, destination }) => source.label !== destination.label);
  return counted(others.map(({ intended, count }) => [intended.verdict, count]));
}

/** The same by asking about each pair. */
function countedByPairs(snapshot: CompiledSnapshot, question: FlowQuestion): Readonly<Record<string, number>> {
  const [sources, destinations] = [question.source, question.destination].map((peer) => {
    const found = resolvePeer(snapshot, peer, 'source');
    return found.type === 'endpoints' ? found.endpoints : [];
  }) as [CompiledSnapshot['endpoints'], CompiledSnapshot['endpoints']];
  const pairs = sources.flatMap((from) => destinations.filter((to) => to !== from).map((to) => [from, to] as const));
  return counted(
    pairs.map(([from, to]) => {
      const [family] = pairFamilies(from, to);
      if (family === undefined) return ['denied', 1];
      const flow: Flow = { protocol: question.protocol, port: question.port as number, family };
      return [WORDS[pairVerdict(snapshot.intended, from, to, flow)], 1];
    }),
  );
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

  it('say in codes what they say with words and evidence', () => {
    const random = new RandomSource(SEED + 4);
    const met = new Set<string>();
    for (let index = 0; index < CLUSTERS; index++) {
      const { inventory, policies, outside } = randomCluster(random, mix);
      // What enforces a policy is known of some clusters alone.
      const conventions = { ...SPEC, combination: combinationOf(mix) };
      const manifests = [...inventory, ...policies];
      const snapshot = random.chance(0.3)
        ? compileSnapshot(manifests.flatMap((manifest) => normaliseObject(manifest).fact ?? []))
        : compileManifests(manifests, conventions);
      const peers = [
        ...outside.map((address): PeerQuery => ({ type: 'address', address })),
        ...snapshot.endpoints.flatMap(({ kind, namespace, name }): PeerQuery[] =>
          kind === 'pod'
            ? [
                { type: 'name', namespace, name },
                { type: 'namespace', name: namespace },
              ]
            : [],
        ),
      ];
      for (let asked = 0; asked < FLOWS && peers.length > 0; asked++) {
        const port = random.chance(0.2) ? null : random.pick(PORTS);
        const protocol = NUMBERS[random.pick(PROTOCOLS)] ?? 6;
        const question = { source: random.pick(peers), destination: random.pick(peers), protocol, port };
        const [whole, codes] = [ask(snapshot, question), decide(snapshot, question)];
        if (whole.type === 'notFound' || codes.type === 'notFound') {
          expect(codes).toEqual(whole);
          continue;
        }
        const { verdict, reason, intended, enforced } = whole.answer;
        const said = [{ verdict, reason }, intended, enforced].map((each) => `${each.verdict} ${each.reason}`);
        const { answer } = codes;
        expect([answer, answer.intended, answer.enforced].map((each) => `${each.verdict} ${each.reason}`)).toEqual(
          said,
        );
        for (const each of said) met.add(each);
      }
    }
    expect(met.size).toBeGreaterThan(3);
  });

  it('about many pods speak for each pair of them', () => {
    const random = new RandomSource(SEED + 3);
    let groups = 0;
    // Some seeds have a second family in every one of the first clusters.
    for (let index = 0; index < CLUSTERS || (groups === 0 && index < 10 * CLUSTERS); index++) {
      const { inventory, policies } = randomCluster(random, mix);
      const snapshot = compileManifests([...inventory, ...policies], { ...SPEC, combination: combinationOf(mix) });
      // Of a pair that speaks two families, an answer may tell two flows.
      if (snapshot.endpoints.some(({ ips }) => ips.length > 1)) continue;
      const names = [...new Set(snapshot.endpoints.map(({ namespace }) => namespace))].filter(Boolean);
      for (const from of names) {
        const [source, destination] = [from, random.pick(names)].map((name) => ({ type: 'namespace', name }) as const);
        if (source === undefined || destination === undefined) continue;
        const question = { source, destination, protocol: 6, port: random.pick(PORTS) };
        expect(countedByAnswer(snapshot, question)).toEqual(countedByPairs(snapshot, question));
        groups++;
      }
    }
    expect(groups).toBeGreaterThan(0);
  });
});
