import { describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';

import {
  ask,
  protocolByName,
  type Answer,
  type CompiledSnapshot,
  type FlowQuestion,
  type FlowView,
  type PeerQuery,
} from '#engine';

import { compileManifests, type Place, type Question } from './engine-answers.js';
import { POLICY_MIXES, randomCluster, type Manifest } from './random-cluster.js';
import { placesOf, randomFlow } from './random-question.js';
import { randomConventions } from './random-conventions.js';
import { RandomSource } from './random-source.js';

const SEED = Number(process.env['ATLAS_SEED'] ?? Date.now() % 1_000_000_000);
const CLUSTERS = 40;
const QUESTIONS = 40;
const IPV6_BLOCK = /cidr: .*:/;

/** Whether a gate behind the policies stops a flow: a mesh, and a host that forwards, are told when the policies let through. */
function stopsBehind({ reason, summary }: FlowView['intended']): boolean {
  return reason === 'MESH_DENY' || /\bhost-\d/.test(summary);
}

function peerOf(place: Place): PeerQuery {
  if ('address' in place) return { type: 'address', address: place.address };
  const [namespace = '', name = ''] = place.pod.split('/');
  return { type: 'pod', namespace, name };
}

function asked({ from, to, protocol, port, icmpType }: Question): FlowQuestion {
  const number = protocolByName(protocol);
  if (number === null) throw new Error(`unknown protocol ${protocol}`);
  const icmp = icmpType === undefined ? {} : { icmp: { type: icmpType, code: 0 } };
  return { source: peerOf(from), destination: peerOf(to), protocol: number, port, ...icmp };
}

/** Null when a side is a pod that has finished. */
function answerTo(snapshot: CompiledSnapshot, question: Question): Answer | null {
  const result = ask(snapshot, asked(question));
  return result.type === 'answer' ? result.answer : null;
}

describe('fixes', () => {
  it.each(POLICY_MIXES)(
    `open what they say on random clusters of %s (ATLAS_SEED=${SEED})`,
    (mix) => {
      const random = new RandomSource(SEED + POLICY_MIXES.indexOf(mix));
      let applied = 0;
      for (let index = 0; index < CLUSTERS; index++) {
        const cluster = randomCluster(random, mix);
        const manifests = [...cluster.inventory, ...cluster.policies];
        const conventions = randomConventions(random, mix);
        const snapshot = compileManifests(manifests, conventions);
        const places = placesOf(cluster);
        for (let asking = 0; asking < QUESTIONS; asking++) {
          const question = randomFlow(random, places);
          const answer = answerTo(snapshot, question);
          if (answer === null) continue;
          const { intended, fixes } = answer;
          if (intended.verdict !== 'denied' || fixes.length === 0 || fixes.some(({ manifest }) => manifest === ''))
            continue;
          // Such a policy has no effect there, as nothing holds IPv6 up.
          if (conventions.networkPolicyOf === 'azure-npm' && fixes.some(({ manifest }) => IPV6_BLOCK.test(manifest)))
            continue;
          const mended = [...manifests, ...fixes.map(({ manifest }) => parse(manifest) as Manifest)];
          const { intended: after, flows } = answerTo(compileManifests(mended, conventions), question) ?? answer;
          applied += 1;
          const told = { seed: SEED, question, fixes: fixes.map(({ manifest }) => manifest), before: intended.summary };
          // What the question leaves open, as a client's port or a request, stays open.
          if (after.verdict === 'undetermined') continue;
          const stopped = flows.filter(({ intended: { verdict } }) => verdict !== 'allowed');
          if (stopped.length > 0 && stopped.every(({ intended }) => stopsBehind(intended))) continue;
          expect({ ...told, after }).toMatchObject({ ...told, after: { verdict: 'allowed' } });
        }
      }
      expect(applied).toBeGreaterThan(CLUSTERS);
    },
    120_000,
  );
});
