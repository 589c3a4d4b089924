import { describe, expect, it } from '@jest/globals';

import {
  ask,
  finish,
  openConnections,
  protocolByName,
  groupBy,
  TCP,
  type Answer,
  type CompiledSnapshot,
  type PeerQuery,
  type Protocol,
  type RowVerdict,
} from '#engine';

import { compileManifests } from './engine-answers.js';
import {
  answerInFamily,
  backendsOf,
  commonFamilies,
  familiesOf,
  isAlias,
  isForsaken,
  isHeadless,
  leadsToMachines,
  nameOf,
  namespaceOf,
  ownPort,
  readCluster,
  resolvedService,
  serviceAt,
  type OracleCluster,
} from './oracle/index.js';
import { conventionsOf, randomCluster, type Manifest, type PolicyMix } from './random-cluster.js';
import { livePods, randomServices } from './random-services.js';
import { randomRedirects } from './random-redirects.js';
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
  const elsewhere = !isHeadless(service) && leadsToMachines(service, source, protocol, cluster);
  if (elsewhere && isForsaken(service, protocol, port, cluster)) return 'undetermined';
  const own = `${namespaceOf(service)}/${nameOf(service)}`;
  const through = isHeadless(service) ? {} : { service: own, servicePort: ownPort(service, protocol, port) };
  const words = backends.flatMap((backend): string[] => {
    const asked = { source, destination: backend.endpoint, protocol, port: backend.port, ...through, sourcePort: 1000 };
    const own = familiesOf(service);
    const families = commonFamilies(source, backend.endpoint).filter(
      (family) => family === null || (backend.families.includes(family) && own?.has(family) !== false),
    );
    // A client is sent to none that lacks the family of its connection (SVC-13).
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
function listedSources(
  snapshot: CompiledSnapshot,
  { to, port }: Pick<Asked, 'to' | 'port'>,
  verdict: RowVerdict,
  source: PeerQuery | null = null,
): ReadonlySet<string> {
  const opened = finish(
    openConnections(snapshot, {
      ...{ by: 'pod', reading: 'intended', verdict, source, focus: [], outside: false, nodes: false },
      destination: { type: 'service', ...to },
      protocol: TCP,
      ports: [[Number(port), Number(port)]],
    }),
  );
  if ('error' in opened) throw new Error(opened.error.message);
  const rows = [...opened.found.rows()].flatMap((some) => some ?? []);
  return new Set(rows.map(({ source }) => `${source.namespace}/${source.name}`));
}

/**
 * What lists have to tell of a source: of each endpoint and port, whether all that is said of it is the same. They tell
 * nothing of an endpoint and itself, and of two outside.
 */
function toldOf({ flows }: Answer): ReadonlySet<RowVerdict | 'deny'> {
  const others = flows.filter(
    ({ source, destination }) =>
      source.label !== destination.label && !(source.kind === 'external' && destination.kind === 'external'),
  );
  const byEnd = groupBy(others, ({ destination, port }) => `${destination.label} ${destination.address} ${port ?? ''}`);
  return new Set(
    [...byEnd.values()].map((same): RowVerdict | 'deny' => {
      const verdicts = new Set(same.map(({ intended }) => intended.verdict));
      if (verdicts.size > 1 || verdicts.has('undetermined')) return 'unknown';
      return verdicts.has('allowed') ? 'allow' : 'deny';
    }),
  );
}

/** Outside, of one family each. */
const CLIENTS = ['8.8.8.8', '2001:db8::8'].map((address) => ({ type: 'address', address }) as const);

type AskedPort = Pick<Asked, 'protocol' | 'port'>;

/** Mostly a port that the Service has; null where it has none. */
function ownPortOf(random: RandomSource, service: Manifest): AskedPort | null {
  const { ports = [] } = service['spec'] as { ports?: readonly { port: number; protocol?: string }[] };
  if (ports.length === 0 || random.chance(0.3)) return null;
  const { port, protocol = 'TCP' } = random.pick(ports);
  return { port, protocol };
}

function somePort(random: RandomSource): AskedPort {
  const port = random.chance(0.3) ? random.pick(['p0', 'p1', 'web']) : random.pick(PORTS);
  return { port, protocol: random.chance(0.8) ? 'TCP' : random.pick(PROTOCOLS) };
}

/** Of Calico's rules for hosts about destinations as clients write them: the oracle sees packets behind the translation alone. */
const isBeforeTranslation = ({ spec }: Manifest): boolean =>
  (spec as { preDNAT?: boolean } | undefined)?.preDNAT === true;

/** The inventory with Services of all sorts, and what may lead their clients elsewhere. */
function withServices(
  random: RandomSource,
  mix: PolicyMix,
  inventory: readonly Manifest[],
  policies: readonly Manifest[],
): readonly Manifest[] {
  const all = [...inventory, ...policies, ...randomServices(random, inventory)];
  return mix === 'cilium' ? [...all, ...randomRedirects(random, all)] : all;
}

const placeOf = (manifest: Manifest): Asked['to'] => manifest['metadata'] as Asked['to'];

describe('questions about Services', () => {
  it.each(['networkpolicy', 'v1alpha2', 'calico', 'cilium', 'antrea', 'istio'] satisfies PolicyMix[])(
    `are answered per backend, after translation, in clusters of %s (ATLAS_SEED=${SEED})`,
    (mix) => {
      const random = new RandomSource(SEED);
      const counts = new Map<string, number>();
      for (let index = 0; index < CLUSTERS; index++) {
        const { inventory, policies } = randomCluster(random, mix);
        const ready = livePods(random, inventory);
        const pods = ready.filter((one) => one['kind'] === 'Pod').map(placeOf);
        const others = policies.filter((one) => one['kind'] !== 'Service' && !isBeforeTranslation(one));
        const manifests = withServices(random, mix, ready, others);
        const services = manifests.filter((one) => one['kind'] === 'Service');
        const snapshot = compileManifests(manifests, conventionsOf(mix));
        const cluster = readCluster(manifests);
        for (let asking = 0; asking < QUESTIONS && pods.length > 0; asking++) {
          const service = random.pick(services);
          const [from, to] = [random.pick(pods), placeOf(service)];
          const asked: Asked = { from, to, ...(ownPortOf(random, service) ?? somePort(random)) };
          const result = ask(snapshot, {
            source: { type: 'pod', ...asked.from },
            destination: { type: 'service', ...asked.to },
            protocol: protocolByName(asked.protocol) as Protocol,
            port: asked.port,
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
        expect(counts.get(word) ?? 0).toBeGreaterThan(0);
      }
    },
    60_000,
  );

  it.each(['networkpolicy', 'calico', 'cilium', 'antrea', 'istio'] satisfies PolicyMix[])(
    `come to the same in lists, which leave out what a pod says to itself, in clusters of %s (ATLAS_SEED=${SEED})`,
    (mix) => {
      const random = new RandomSource(SEED);
      const counts = new Map<string, number>();
      for (let index = 0; index < CLUSTERS / 2; index++) {
        const { inventory, policies } = randomCluster(random, mix);
        const ready = livePods(random, inventory);
        const others = policies.filter((one) => one['kind'] !== 'Service');
        const snapshot = compileManifests(withServices(random, mix, ready, others), conventionsOf(mix));
        const pods = snapshot.endpoints
          .filter(({ kind }) => kind === 'pod')
          .map(({ namespace, name }) => ({ type: 'pod', namespace, name }) as const);
        for (const service of snapshot.index.services.values()) {
          const port = service.ports.find(({ protocol }) => protocol === TCP)?.port;
          if (port === undefined) continue;
          const to = { namespace: service.meta.namespace, name: service.meta.name };
          const listed = {
            allow: listedSources(snapshot, { to, port }, 'allow'),
            unknown: listedSources(snapshot, { to, port }, 'unknown'),
          };
          for (const source of [...pods, ...CLIENTS]) {
            const result = ask(snapshot, { source, destination: { type: 'service', ...to }, protocol: TCP, port });
            if (result.type !== 'answer') continue;
            const told = toldOf(result.answer);
            for (const word of told) counts.set(word, (counts.get(word) ?? 0) + 1);
            for (const verdict of ['allow', 'unknown'] as const) {
              const isListed =
                source.type === 'pod'
                  ? listed[verdict].has(`${source.namespace}/${source.name}`)
                  : listedSources(snapshot, { to, port }, verdict, source).size > 0;
              const found = { seed: SEED, source, to, port, verdict, isListed };
              expect(found).toEqual({ ...found, isListed: told.has(verdict) });
            }
          }
        }
      }
      for (const word of ['allow', 'deny']) expect(counts.get(word) ?? 0).toBeGreaterThan(0);
    },
    60_000,
  );
});
