import { describe, expect, it } from '@jest/globals';

import { entryPoints, type EntryPoint } from '#engine';

import { compileManifests } from './engine-answers.js';
import { outsideClient, readCluster, waysIn, type OracleEndpoint, type OracleWay } from './oracle/index.js';
import { conventionsOf, POLICY_MIXES, randomCluster, type Manifest } from './random-cluster.js';
import { livePods, randomServices } from './random-services.js';
import { RandomSource } from './random-source.js';
import { published, randomDoors, withDoors } from './random-ways-in.js';

const SEED = Number(process.env['ATLAS_SEED'] ?? Date.now() % 1_000_000_000);
const CLUSTERS = 40;
const CLIENTS = ['8.8.8.8', '10.9.0.1', '192.168.7.9', '2001:db8::200'];

const isPod = ({ kind }: Manifest): boolean => kind === 'Pod';

/** The place, the pods that it leads to, and what becomes of the client, in one line. */
function line(place: string, backends: readonly string[], verdict: string): string {
  return `${place} → ${[...new Set(backends)].sort().join(', ')} ${verdict}`;
}

function placeOf({ via, object, pointer, protocol, port }: EntryPoint): string {
  const { kind, namespace, name } = object;
  const at = via === 'HostPort' ? `${protocol} ${port ?? ''}` : pointer;
  return `${via} ${kind} ${namespace}/${name} ${at}`;
}

/**
 * Of a controller that is not known the oracle tries some pods, so that what it finds alike need not be. One place may
 * lead in by several Gateways.
 */
function lineOf(way: EntryPoint, ofSome: ReadonlyMap<string, OracleWay>): string {
  const pods = way.backends.filter((text) => /\/pod-\d+:/.test(text));
  const place = placeOf(way);
  const tried = way.verdict === 'undetermined' ? ofSome.get(line(place, pods, ''))?.verdict : undefined;
  return line(place, pods, tried ?? way.verdict);
}

function expectedLine({ place, backends }: OracleWay, verdict: string): string {
  const pods = backends.flatMap(({ endpoint, port }) => podText(endpoint, port));
  return line(place, pods, verdict);
}

const podText = (endpoint: OracleEndpoint, port: number): readonly string[] =>
  endpoint.type === 'pod' ? [`${endpoint.namespace}/${endpoint.name}:${port}`] : [];

/** Of Calico's rules for hosts the oracle sees packets behind the translation alone. */
const isOfHosts = ({ kind }: Manifest): boolean => kind === 'HostEndpoint';

/** From which port a client comes is not told of ways in, and the oracle knows no more than one. */
const withoutSourcePorts = (manifest: Manifest): Manifest =>
  JSON.parse(
    JSON.stringify(manifest, (key, value: unknown) => {
      if (/^source(End)?Port$/.test(key)) return undefined;
      // Rules of Calico have them among what else they ask of the source.
      return key === 'source' ? { ...(value as object), ports: undefined, notPorts: undefined } : value;
    }),
  ) as Manifest;

describe('ways in from outside', () => {
  /** What became of a controller that is not known, over all clusters. */
  const whomever = new Set<OracleWay['verdict']>();

  it.each(POLICY_MIXES)(
    `lead where they say, and let in whom policy lets in, in clusters of %s (ATLAS_SEED=${SEED})`,
    (mix) => {
      const random = new RandomSource(SEED + POLICY_MIXES.indexOf(mix));
      const [vias, verdicts] = [new Set<string>(), new Set<OracleWay['verdict']>()];
      for (let index = 0; index < CLUSTERS; index++) {
        const { inventory, policies } = randomCluster(random, mix);
        const ready = withDoors(random, livePods(random, inventory));
        const namespaces = [
          ...new Set(ready.filter(isPod).map((pod) => (pod['metadata'] as { namespace: string }).namespace)),
        ];
        if (namespaces.length === 0) continue;
        const others = policies.filter((one) => one['kind'] !== 'Service' && !isOfHosts(one)).map(withoutSourcePorts);
        const services = randomServices(random, ready).map((one) => published(random, one));
        const manifests = [...ready, ...others, ...services, ...randomDoors(random, namespaces)];
        const snapshot = compileManifests(manifests, conventionsOf(mix));
        const cluster = readCluster(manifests);
        const client = random.pick(CLIENTS);
        const found = entryPoints(snapshot, { reading: 'intended', to: null, client });
        const asked = { cluster, conventions: conventionsOf(mix), client: outsideClient(client) };
        const expected = waysIn(asked);
        const outside = new Set(expected.filter(({ verdict }) => verdict === null).map(({ place }) => place));
        const ofSome = new Map(expected.filter(({ isOfSome }) => isOfSome).map((way) => [expectedLine(way, ''), way]));
        for (const { verdict } of ofSome.values()) whomever.add(verdict);
        for (const { place, verdict } of expected) {
          vias.add(place.split(' ')[0] ?? '');
          verdicts.add(verdict);
        }
        const isInside = ({ place }: Pick<OracleWay, 'place'>): boolean => !outside.has(place);
        const told = { seed: SEED, index, client };
        expect({
          ...told,
          ways: found
            .filter((way) => isInside({ place: placeOf(way) }))
            .map((way) => lineOf(way, ofSome))
            .sort(),
        }).toEqual({
          ...told,
          ways: expected
            .filter(isInside)
            .map((way) => expectedLine(way, way.verdict ?? 'outside'))
            .sort(),
        });
      }
      for (const via of ['LoadBalancer', 'NodePort', 'ExternalIP', 'HostPort', 'Ingress', 'Route', 'Gateway'])
        expect(vias).toContain(via);
      for (const verdict of ['allowed', 'denied']) expect(verdicts).toContain(verdict);
    },
    60_000,
  );

  it('lead through a controller that is not known with each verdict', () => {
    for (const verdict of ['allowed', 'denied', 'undetermined']) expect(whomever).toContain(verdict);
  });
});
