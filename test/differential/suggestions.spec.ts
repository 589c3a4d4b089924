import { describe, expect, it } from '@jest/globals';
import { parseAllDocuments } from 'yaml';

import { suggestPolicies, type PolicyForm } from '#checks';
import { askAboutFlow, placeFlows, protocolByName, protocolName } from '#engine';
import type { CompiledSnapshot, Endpoint, PlacedFlow, SeenFlow, SeenPeer } from '#engine';
import { passedFlow } from '#engine/testing';

import { compileManifests, type Place } from './engine-answers.js';
import type { Conventions } from './oracle/index.js';
import { randomCluster, type Manifest, type PolicyMix } from './random-cluster.js';
import { placesOf, randomFlow } from './random-question.js';
import { randomConventions } from './random-conventions.js';
import { RandomSource } from './random-source.js';

const SEED = Number(process.env['ATLAS_SEED'] ?? Date.now() % 1_000_000_000);
const CLUSTERS = 40;
const FLOWS = [8, 25];
const QUESTIONS = 60;

/** Each kind of policy that can be suggested, in clusters that know it. */
const FORMS: readonly (readonly [PolicyForm, PolicyMix])[] = [
  ['kubernetes', 'networkpolicy'],
  ['kubernetes', 'v1alpha2'],
  ['kubernetes', 'antrea'],
  ['kubernetes', 'ovn'],
  ['cilium', 'cilium'],
  ['calico', 'calico'],
  ['kubernetes', 'cilium'],
  ['kubernetes', 'calico'],
  ['kubernetes', 'aws'],
];

function peer(place: Place): Partial<SeenPeer> {
  if ('pod' in place) return { asked: `pod:${place.pod}` };
  const hostNames = place.hostName === undefined ? [] : [place.hostName];
  return { asked: `ip:${place.address}`, hostNames };
}

function randomSeen(random: RandomSource, places: readonly Place[], withNames: boolean): SeenFlow {
  const { from, to, protocol, port } = randomFlow(random, places, withNames);
  return passedFlow(peer(from), peer(to), { protocol: protocolByName(protocol) as number, port });
}

/** What a snapshot says of one flow alone, with nothing added up; null when a peer is not there. */
function verdictOf(snapshot: CompiledSnapshot, seen: SeenFlow): string | null {
  const [flow] = placeFlows(snapshot, [seen]);
  return flow === undefined ? null : (askAboutFlow(snapshot, flow)?.intended.verdict ?? null);
}

const endsOf = (flow: PlacedFlow | undefined): readonly (Endpoint | undefined)[] =>
  [flow?.source, flow?.destination].map((end) =>
    end?.resolved.type === 'endpoints' ? end.resolved.endpoints[0] : undefined,
  );

/** A flow whose destination has every name that its address was looked up by, as a source does not tell them each time. */
function named(flow: SeenFlow, all: readonly SeenFlow[]): SeenFlow {
  const { destination } = flow;
  const same = all.filter((other) => other.destination.asked === destination.asked);
  return { ...flow, destination: { ...destination, hostNames: same.flatMap((other) => other.destination.hostNames) } };
}

/** Whether a rule that was made for `seen` may be about `other` too: by labels, by address, as nodes. */
function standsFor(seen: Endpoint | undefined, other: Endpoint | undefined): boolean {
  if (seen === undefined || other === undefined) return false;
  if (seen.kind === 'pod')
    return (
      other.kind === 'pod' &&
      seen.namespace === other.namespace &&
      Object.entries(seen.labels).every(([key, value]) => other.labels[key] === value)
    );
  if (other.kind === 'pod') return false;
  if (seen.kind !== 'external' && other.kind !== 'external') return true;
  return seen.ips.some((ip) => other.ips.some(({ family, value }) => ip.family === family && ip.value === value));
}

/** Whether it has the address of a node. */
function isAtNode(end: Endpoint | undefined): boolean {
  return end?.kind === 'node' || end?.kind === 'hostpod';
}

/**
 * Where blocks match no nodes, NetworkPolicy has no form for what a node sends or is sent; nor for a name, and nobody reaches
 * an address of a family that they lack.
 */
function hasNoForm(flow: PlacedFlow | undefined, form: string, { blocksMatchNodes }: Conventions): boolean {
  const [from, to] = endsOf(flow);
  const isOneFamily = from?.ips.some(({ family }) => to?.ips.some((ip) => ip.family === family)) ?? false;
  return form === 'kubernetes' && ((!blocksMatchNodes && [from, to].some(isAtNode)) || !isOneFamily);
}

/** Whether a rule that was made for a name of `seen` is about `other` too, whatever their addresses. */
function shareName(seen: PlacedFlow['destination'], other: PlacedFlow['destination'] | undefined): boolean {
  return (seen?.hostNames ?? []).some((name) => other?.hostNames.includes(name));
}

/** Any rule for ingress lets the own node in where it waits for one. (CNP-85) */
function isOwnNode(from: Endpoint | undefined, to: Endpoint | undefined): boolean {
  return isAtNode(from) && to?.kind === 'pod' && from?.node === to.node;
}

/** From each node to each of its pods, on a port that no rule is about. */
function ownNodeFlows({ endpoints }: CompiledSnapshot): readonly SeenFlow[] {
  const pods = endpoints.filter(({ kind, ips }) => kind === 'pod' && ips.length > 0);
  return pods.flatMap((to) => {
    const nodes = endpoints.filter((from) => from.kind === 'node' && isOwnNode(from, to));
    const flow = { protocol: protocolByName('TCP') as number, port: 7 };
    return nodes.map(({ name }) => passedFlow({ node: name }, { asked: `pod:${to.namespace}/${to.name}` }, flow));
  });
}

describe('policies suggested by flows', () => {
  it.each(FORMS)(
    `as %s keep what they say and open what was seen, on random clusters of %s (ATLAS_SEED=${SEED})`,
    (form, mix) => {
      const random = new RandomSource(SEED + FORMS.findIndex(([one, other]) => one === form && other === mix));
      let [kept, closed] = [0, 0];
      for (let index = 0; index < CLUSTERS; index++) {
        const cluster = randomCluster(random, mix);
        const policies = index % 2 === 0 ? cluster.policies : [];
        const conventions = randomConventions(random, mix, policies);
        const manifests = [...cluster.inventory, ...policies];
        const before = compileManifests(manifests, conventions);
        const places = placesOf(cluster);
        const seen = Array.from({ length: random.pick(FLOWS) }, () => randomSeen(random, places, mix === 'cilium'));
        const placed = placeFlows(before, seen);
        const found = suggestPolicies(before, placed, { form });
        const documents = parseAllDocuments(found.manifest).map((each) => each.toJS() as Manifest);
        const after = compileManifests([...manifests, ...documents.filter(Boolean)], conventions);
        const told = { seed: SEED, index, conventions, manifest: found.manifest, notes: found.notes };

        const cut = new Set(found.cut.map((one) => [one.source, one.destination, one.protocol, one.port].join()));
        for (const flow of seen) {
          if (verdictOf(before, flow) !== 'allowed') continue;
          const [own] = placeFlows(before, [flow]);
          const isCut = cut.has([own?.sourceName, own?.destinationName, protocolName(flow.protocol), flow.port].join());
          const isExcused = found.notes.some((note) => /left out|nothing is written|selects/.test(note));
          if (isCut && (isExcused || hasNoForm(own, form, conventions))) continue;
          kept += 1;
          expect({ ...told, flow, isCut, after: verdictOf(after, named(flow, seen)) }).toEqual({
            ...told,
            flow,
            isCut: false,
            after: 'allowed',
          });
        }

        const explaining = placed.map(endsOf);
        const comingIn = explaining.filter((ends, at) => placed[at]?.port !== null && ends[0] !== ends[1]);
        const asked = Array.from({ length: QUESTIONS }, () => randomSeen(random, places, mix === 'cilium'));
        for (const flow of [...asked, ...ownNodeFlows(before)]) {
          const [was, is] = [verdictOf(before, flow), verdictOf(after, flow)];
          if (was === 'allowed' && is === 'denied') closed += 1;
          // Where Cilium has all closed already, rules that allow can close nothing.
          if (was === 'allowed' && mix === 'cilium' && conventions.always)
            expect({ ...told, flow, is }).toEqual({ ...told, flow, is: was });
          if (was !== 'denied' || is !== 'allowed') continue;
          const [own] = placeFlows(before, [flow]);
          const [from, to] = endsOf(own);
          const isTold = found.notes.some((note) => note.startsWith('the own node reaches every port of'));
          const waited = conventions.ownNodeNeedsRule && isOwnNode(from, to) && isTold;
          const isSeen = placed.some(
            (one, at) =>
              one.protocol === flow.protocol &&
              one.port === flow.port &&
              standsFor(explaining[at]?.[0], from) &&
              (standsFor(explaining[at]?.[1], to) || shareName(one.destination, own?.destination)),
          );
          const isWritten = (form === 'cilium' ? comingIn : explaining).some(
            (ends) => standsFor(ends[1], to) || (form !== 'cilium' && standsFor(ends[0], to)),
          );
          const isExplained = isSeen || (waited && isWritten);
          expect({ ...told, flow, isExplained }).toEqual({ ...told, flow, isExplained: true });
        }
      }
      expect(kept).toBeGreaterThan(CLUSTERS);
      expect(closed).toBeGreaterThan(CLUSTERS);
    },
    120_000,
  );
});
