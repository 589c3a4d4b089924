import { describe, expect, it } from '@jest/globals';

import {
  ask,
  finish,
  openConnections,
  protocolByName,
  serviceMembers,
  TCP,
  type CompiledSnapshot,
  type Endpoint,
  type Protocol,
} from '#engine';

import { compileManifests } from './engine-answers.js';
import {
  answerInFamily,
  backendsOf,
  commonFamilies,
  familiesOf,
  isAlias,
  isHeadless,
  nameOf,
  namespaceOf,
  readCluster,
  resolvedService,
  serviceAt,
  type OracleCluster,
} from './oracle/index.js';
import { conventionsOf, randomCluster, type Manifest, type PolicyMix } from './random-cluster.js';
import { livePods, randomServices } from './random-services.js';
import { RandomSource } from './random-source.js';
import { PORTS, PROTOCOLS } from './random-words.js';

const SEED = Number(process.env['ATLAS_SEED'] ?? Date.now() % 1_000_000_000);
const CLUSTERS = 80;
const QUESTIONS = 30;

interface Asked {
  readonly from: { readonly namespace: string; readonly name: string };
  readonly to: { readonly namespace: string; readonly name: string };
  readonly protocol: string;
  readonly port: number | string;
}

/** What the oracle makes of every backend by itself, in one word; null where an alias leads to a name outside. */
function expected(cluster: OracleCluster, mix: PolicyMix, { from, to, protocol, port }: Asked): string | null {
  const source = cluster.pods.find((pod) => pod.namespace === from.namespace && pod.name === from.name);
  const named = serviceAt(to.namespace, to.name, cluster);
  if (source === undefined || source.finished || named === undefined) return 'not found';
  const service = resolvedService(named, cluster);
  if (service === null) return 'denied';
  if (isAlias(service)) return null;
  const backends = backendsOf(service, protocol, port, source, cluster);
  if (backends === null) return 'no such port';
  const through = isHeadless(service) ? {} : { service: `${namespaceOf(service)}/${nameOf(service)}` };
  const words = backends.flatMap((backend): string[] => {
    const asked = { source, destination: backend.endpoint, protocol, port: backend.port, ...through, sourcePort: 1000 };
    const own = familiesOf(service);
    const families = commonFamilies(source, backend.endpoint).filter(
      (family) => family === null || own === null || own.has(family),
    );
    if (families.length === 0) return ['deny'];
    return families.map((family) => answerInFamily(cluster, asked, family, conventionsOf(mix)).verdict);
  });
  // An answer that has a condition is an answer.
  const verdicts = new Set(words.map((word) => (word === 'conditional' ? 'allow' : word)));
  if (verdicts.size === 0) return 'denied';
  if (verdicts.size > 1) return verdicts.has('allow') || verdicts.has('deny') ? 'several' : 'undetermined';
  return { allow: 'allowed', deny: 'denied', unknown: 'undetermined' }[[...verdicts][0] as 'allow'];
}

function told(result: ReturnType<typeof ask>): string {
  if (result.type === 'notFound') {
    return result.error.code === 'SERVICE_PORT_UNKNOWN' ? 'no such port' : 'not found';
  }
  return result.answer.intended.verdict;
}

/** Sources, by namespace and name, that a list of connections to a port of a Service tells. */
function listedSources(snapshot: CompiledSnapshot, { to, port }: Pick<Asked, 'to' | 'port'>): ReadonlySet<string> {
  const opened = finish(
    openConnections(snapshot, {
      ...{ by: 'pod', reading: 'intended', verdict: 'allow', source: null, focus: [], outside: false, nodes: false },
      destination: { type: 'service', ...to },
      protocol: TCP,
      ports: [[Number(port), Number(port)]],
    }),
  );
  if ('error' in opened) throw new Error(opened.error.message);
  const rows = [...opened.found.rows()].flatMap((some) => some ?? []);
  return new Set(rows.map(({ source }) => `${source.namespace}/${source.name}`));
}

/** Lists speak of both families of an endpoint at once, a single question of one. */
const isDual = ({ ips }: Endpoint): boolean => new Set(ips.map(({ family }) => family)).size > 1;

const KEPT = 'internalTrafficPolicy is Local';

const placeOf = (manifest: Manifest): Asked['to'] => manifest['metadata'] as Asked['to'];

describe('questions about Services', () => {
  it.each(['networkpolicy', 'v1alpha2', 'cilium', 'antrea', 'istio'] satisfies PolicyMix[])(
    `are answered per backend, after translation, in clusters of %s (ATLAS_SEED=${SEED})`,
    (mix) => {
      const random = new RandomSource(SEED);
      const counts = new Map<string, number>();
      for (let index = 0; index < CLUSTERS; index++) {
        const { inventory, policies } = randomCluster(random, mix);
        const ready = livePods(random, inventory);
        const pods = ready.filter((one) => one['kind'] === 'Pod').map(placeOf);
        const others = policies.filter((one) => one['kind'] !== 'Service');
        const manifests = [...ready, ...others, ...randomServices(random, ready)];
        const services = manifests.filter((one) => one['kind'] === 'Service').map(placeOf);
        const snapshot = compileManifests(manifests, conventionsOf(mix));
        const cluster = readCluster(manifests);
        for (let asking = 0; asking < QUESTIONS && pods.length > 0; asking++) {
          const port = random.chance(0.3) ? random.pick(['p0', 'p1']) : random.pick(PORTS);
          const protocol = random.chance(0.8) ? 'TCP' : random.pick(PROTOCOLS);
          const asked: Asked = { from: random.pick(pods), to: random.pick(services), protocol, port };
          const result = ask(snapshot, {
            source: { type: 'pod', ...asked.from },
            destination: { type: 'service', ...asked.to },
            protocol: protocolByName(protocol) as Protocol,
            port,
            sourcePort: 1000,
          });
          const oracle = expected(cluster, mix, asked);
          if (oracle === null) continue;
          counts.set(oracle, (counts.get(oracle) ?? 0) + 1);
          const engine = told(result);
          const word = oracle === 'several' && (engine === 'mixed' || engine === 'undetermined') ? 'several' : engine;
          expect({ seed: SEED, asked, verdict: word }).toEqual({ seed: SEED, asked, verdict: oracle });
        }
      }
      for (const word of ['allowed', 'denied', 'several', 'no such port']) {
        expect(counts.get(word) ?? 0).toBeGreaterThan(CLUSTERS / 10);
      }
    },
    60_000,
  );

  it(`come to the same in lists, which leave out what a pod says to itself (ATLAS_SEED=${SEED})`, () => {
    const random = new RandomSource(SEED);
    const counts = new Map<string, number>();
    for (let index = 0; index < CLUSTERS * 3; index++) {
      const { inventory, policies } = randomCluster(random, 'networkpolicy');
      const ready = livePods(random, inventory);
      const manifests = [...ready, ...policies, ...randomServices(random, ready)];
      const snapshot = compileManifests(manifests, conventionsOf('networkpolicy'));
      for (const service of snapshot.index.services.values()) {
        const port = service.ports.find(({ protocol }) => protocol === TCP)?.port;
        // A list asks for every family of an endpoint, whatever that of the Service's address is.
        if (port === undefined || service.clusterIps.length > 0) continue;
        const to = { namespace: service.meta.namespace, name: service.meta.name };
        const listed = listedSources(snapshot, { to, port });
        const members = new Set(serviceMembers(snapshot, service));
        if ([...members].some(isDual)) continue;
        for (const from of snapshot.endpoints) {
          if (from.kind !== 'pod' || isDual(from) || members.has(from)) continue;
          const { namespace, name } = from;
          const question = {
            source: { type: 'pod', namespace, name },
            destination: { type: 'service', ...to },
          } as const;
          const result = ask(snapshot, { ...question, protocol: TCP, port });
          if (result.type !== 'answer') continue;
          const { verdict } = result.answer.intended;
          if (verdict !== 'allowed' && verdict !== 'denied') continue;
          const isKept = result.answer.assumptions.some((each) => each.startsWith(KEPT));
          const word = `${verdict}${isKept ? ' of its node' : ''}`;
          counts.set(word, (counts.get(word) ?? 0) + 1);
          const told = listed.has(`${namespace}/${name}`) ? 'allowed' : 'denied';
          expect({ seed: SEED, from: name, to, port, verdict: told }).toEqual({
            seed: SEED,
            from: name,
            to,
            port,
            verdict,
          });
        }
      }
    }
    for (const word of ['allowed', 'denied', 'allowed of its node', 'denied of its node']) {
      expect(counts.get(word) ?? 0).toBeGreaterThan(0);
    }
  }, 60_000);
});
