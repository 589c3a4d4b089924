import { describe, expect, it } from '@jest/globals';

import {
  endpointAt,
  evaluatePair,
  isHost,
  pairFamilies,
  protocolByName,
  type CompiledSnapshot,
  type Endpoint,
} from '#engine';

import { compileManifests } from './engine-answers.js';
import {
  answerInFamily,
  parseAddress,
  readCluster,
  type Conventions,
  type OracleCluster,
  type OracleEndpoint,
} from './oracle/index.js';
import { POLICY_MIXES, randomCluster, type Manifest } from './random-cluster.js';
import { randomConventions } from './random-conventions.js';
import { RandomSource } from './random-source.js';
import { PORTS, PROTOCOLS } from './random-words.js';

const SEED = Number(process.env['ATLAS_SEED'] ?? Date.now() % 1_000_000_000);
const CLUSTERS = 30;
const QUESTIONS = 20;

const NAME = 'made';
const CLIENT_PORT = 1000;
/** The one family that is asked about: a template lies in blocks of all addresses of either. */
const FAMILY = 4;
/** In blocks that policies name, and elsewhere. */
const ADDRESSES = ['10.0.1.77', '10.0.2.78', '10.200.1.1'] as const;

interface Pod extends Manifest {
  readonly metadata: { readonly name: string; readonly namespace: string; readonly labels?: object };
  readonly spec: object & { readonly hostNetwork?: boolean };
}

/** The pod as a Deployment makes it that has none yet. */
function templateOf({ metadata, spec }: Pod): Manifest {
  const { namespace, ...shape } = metadata;
  const { nodeName: _, ...rest } = spec as { nodeName?: string };
  const template = { metadata: { ...shape, name: undefined, uid: undefined }, spec: rest };
  return { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: NAME, namespace }, spec: { template } };
}

/** Pods that it may make: on each node, with one address and another. */
function podsOf(pod: Pod, nodes: readonly string[]): readonly Manifest[] {
  const { uid: _, ...metadata } = pod.metadata as { uid?: string };
  return nodes.flatMap((nodeName) =>
    ADDRESSES.map((ip) => ({
      ...pod,
      metadata: { ...metadata, name: NAME },
      spec: { ...pod.spec, nodeName },
      status: { phase: 'Running', podIP: ip, podIPs: [{ ip }] },
    })),
  );
}

function endpointOf(snapshot: CompiledSnapshot, manifest: Manifest | string): Endpoint | null {
  if (typeof manifest === 'string') return endpointAt(snapshot.directory, manifest);
  const { namespace, name } = (manifest as Pod).metadata;
  return snapshot.directory.pod(namespace, name);
}

function oracleEndpointOf(cluster: OracleCluster, manifest: Manifest | string): OracleEndpoint {
  if (typeof manifest === 'string') {
    const address = parseAddress(manifest);
    return { type: 'outside', addresses: address === null ? [] : [address] };
  }
  const { namespace, name } = (manifest as Pod).metadata;
  const found = cluster.pods.find((one) => one.namespace === namespace && one.name === name);
  if (found === undefined) throw new Error(`no pod ${namespace}/${name}`);
  return found;
}

interface Asked {
  readonly far: Manifest | string;
  readonly outward: boolean;
  readonly protocol: string;
  readonly port: number;
}

/** What becomes of each pod that the template may make. */
function ofPods(
  pods: readonly Manifest[],
  rest: readonly Manifest[],
  { far, outward, protocol, port }: Asked,
  conventions: Conventions,
): ReadonlySet<string> {
  return new Set(
    pods.map((pod) => {
      const cluster = readCluster([...rest, pod]);
      const [own, other] = [oracleEndpointOf(cluster, pod), oracleEndpointOf(cluster, far)];
      const [source, destination] = outward ? [own, other] : [other, own];
      const { verdict } = answerInFamily(
        cluster,
        { source, destination, protocol, port, sourcePort: CLIENT_PORT },
        FAMILY,
        conventions,
      );
      return verdict === 'conditional' ? 'allow' : verdict;
    }),
  );
}

/** What is left out here is said in NP-55; and the own node of a pod, which is none of a template. */
describe('a template without pods (NP-55)', () => {
  it.each(POLICY_MIXES)(
    `has a certain verdict only where all pods that it may make have it, in clusters of %s (ATLAS_SEED=${SEED})`,
    (mix) => {
      const random = new RandomSource(SEED + POLICY_MIXES.indexOf(mix));
      const counts = new Map<string, number>();
      for (let index = 0; index < CLUSTERS; index++) {
        const { inventory, policies, outside } = randomCluster(random, mix);
        const conventions = randomConventions(random, mix, policies);
        const pods = inventory.filter(({ kind }) => kind === 'Pod') as unknown as readonly Pod[];
        const own = pods.filter(({ spec }) => spec.hostNetwork !== true);
        if (own.length < 2 || /"(0:0:0:0:0:0:0:0|::)\/0"/.test(JSON.stringify(policies))) continue;
        const pod = random.pick(own);
        const rest = [...inventory.filter((one) => one !== pod), ...policies];
        const nodes = inventory
          .filter((one) => one['kind'] === 'Node' && !JSON.stringify(one).includes('windows'))
          .map((one) => (one as Pod).metadata.name);
        const snapshot = compileManifests([...rest, templateOf(pod)], conventions);
        const [template] = snapshot.directory.workload(pod.metadata.namespace, 'Deployment', NAME);
        if (template === undefined) throw new Error('no template');
        for (let asking = 0; asking < QUESTIONS; asking++) {
          const far = random.chance(0.7) ? random.pick(pods.filter((one) => one !== pod)) : random.pick(outside);
          const other = endpointOf(snapshot, far);
          if (other === null || other.ips.length === 0 || isHost(other)) continue;
          const asked: Asked = {
            ...{ far, outward: random.chance(0.5) },
            ...{ protocol: random.pick(PROTOCOLS), port: random.pick(PORTS) },
          };
          const [source, destination] = asked.outward ? [template, other] : [other, template];
          if (!pairFamilies(source, destination).includes(FAMILY)) continue;
          const protocol = protocolByName(asked.protocol) ?? 6;
          const flow = { protocol, port: asked.port, family: FAMILY, sourcePort: CLIENT_PORT } as const;
          const { verdict } = evaluatePair(snapshot, source, destination, flow, 'intended');
          counts.set(verdict, (counts.get(verdict) ?? 0) + 1);
          if (verdict === 'unknown') continue;
          const found = ofPods(podsOf(pod, nodes), rest, asked, conventions);
          const told = { seed: SEED, mix, index, asked };
          expect({ ...told, found: [...found] }).toEqual({ ...told, found: [verdict] });
        }
      }
      for (const verdict of ['allow', 'deny']) expect(counts.get(verdict) ?? 0).toBeGreaterThan(0);
    },
    120_000,
  );
});
