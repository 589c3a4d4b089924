import type { OraclePod } from './cluster.js';
import { nameOf, namespaceOf } from './cluster.js';
import { get, items, str } from './fields.js';
import { mutualTls } from './istio-authentication.js';
import { demandsMutualTls, ownTls, type Sent } from './istio-destination-rules.js';
import { bringsRoutes, hasSidecar, isListed, sidecarFor } from './istio-listeners.js';
import {
  configOf,
  isExported,
  isOfMesh,
  membership,
  isLookedInto,
  objectsOf,
  seenBy,
  ofSome,
  textMatches,
  type Told,
  wholeHost,
  withMachines,
} from './istio-mesh.js';
import { isRegistered } from './istio-registry.js';
import { sentBy, waysOf, type Way } from './istio-routes.js';
import { every, opposite, some, type Truth } from './istio-truth.js';
import type { Scene } from './network-policy.js';
import { requestsLike } from './requests.js';
import { serviceAt } from './services.js';

type Verdict = 'allow' | 'deny' | 'unknown' | 'conditional';

/** IM-44: whether the client's sidecar sees the port of a Service that is asked for. */
function seesService(sidecar: unknown, service: unknown, client: OraclePod, scene: Scene): Told {
  const home = namespaceOf(service);
  if (!isLookedInto(home, scene)) return 'no';
  const said = str(get(service, 'metadata', 'annotations', 'networking.istio.io/exportTo'));
  const targets = said === '' ? [] : said.split(',').map((one) => one.trim());
  if (!isExported(targets, home, configOf(scene).exportTo.Service, client.namespace)) return 'no';
  return isListed(sidecar, [nameIn(service)], home, client, scene.packet.servicePort ?? 0);
}

const nameIn = (service: unknown): string => `${nameOf(service)}.${namespaceOf(service)}.svc.cluster.local`;

/** IM-45: the VirtualServices of sidecars that have the name of a Service, and whether the client's sees them. */
function routesOf(service: unknown, client: OraclePod, scene: Scene): readonly { route: unknown; isSeen: Told }[] {
  return objectsOf('VirtualService', scene).flatMap((route) => {
    const home = namespaceOf(route);
    const hosts = items(get(route, 'spec', 'hosts')).map((host) => wholeHost(host, home));
    const isMeant =
      isOfMesh(get(route, 'spec')) &&
      isExported(items(get(route, 'spec', 'exportTo')).map(str), home, '*', client.namespace) &&
      hosts.some((host) => textMatches(host, nameIn(service)));
    const isSeen = isMeant ? bringsRoutes(sidecarFor(client, scene), hosts, home, client) : 'no';
    return isSeen === 'no' ? [] : [{ route, isSeen }];
  });
}

/** IM-45: whether the client's sidecar refuses what it does not see. */
function isClosed(sidecar: unknown, scene: Scene): boolean {
  const own = get(sidecar, 'spec', 'outboundTrafficPolicy');
  return own === undefined ? configOf(scene).registryOnly : str(get(own, 'mode')) !== 'ALLOW_ANY';
}

function seesAsked(client: OraclePod, service: string, scene: Scene): Told {
  const [namespace = '', name = ''] = service.split('/');
  const found = serviceAt(namespace, name, scene.cluster);
  if (found === undefined) return 'yes';
  const sees = seesService(sidecarFor(client, scene), found, client, scene);
  return sees === 'no' && routesOf(found, client, scene).length > 0 ? 'open' : sees;
}

/** IM-45, IM-51, IM-52: what the client's own sidecar lets pass, leads to and speaks where it is asked about. */
export function sidecarVerdict(scene: Scene): Verdict {
  const machines = withMachines(scene);
  const seen = seenBy(machines.packet.source, machines);
  // Where it may go outside a sidecar does not ask who is there.
  const { destination } = scene.packet;
  const outwards = { ...seen, packet: { ...seen.packet, destination } };
  const all = [registryVerdict(outwards), routedVerdict(seen), handshakeVerdict(seen)];
  return (['deny', 'unknown', 'conditional'] as const).find((one) => all.includes(one)) ?? 'allow';
}

/** IM-52: whether the server understands the mutual TLS that a DestinationRule asks for. */
function handshakeVerdict(scene: Scene): Verdict {
  const { source, destination, protocol, port, service } = scene.packet;
  if (protocol !== 'TCP' || source.type !== 'pod' || service === undefined || !hasSidecar(source, scene))
    return 'allow';
  const [namespace = '', name = ''] = service.split('/');
  if (serviceAt(namespace, name, scene.cluster) === undefined || destination.type !== 'pod') return 'allow';
  const demands = sentOn(service, source, scene).map((one) => demandsMutualTls(source, one, scene));
  const isDemanded = alike(demands.map((one) => (one ? 'yes' : 'no')));
  if (isDemanded === 'no') return 'allow';
  const server = membership(destination, scene);
  if (server === 'ambient') return 'allow';
  const isSilent = server === 'none' || mutualTls(scene, port ?? 0) === 'DISABLE';
  if (!isSilent && server === 'sidecar') return 'allow';
  // What is not seen is passed through, unless nothing of that kind is.
  const sees = isClosed(sidecarFor(source, scene), scene) ? 'yes' : seesAsked(source, service, scene);
  if (sees === 'no') return 'allow';
  const isSure = isSilent && sees === 'yes' && membership(source, scene) === 'sidecar';
  return isSure && isDemanded === 'yes' ? 'deny' : 'unknown';
}

/** IM-49: the Services, subsets and ports at which what is for a Service may end, whose TLS settings count. */
function sentOn(service: string, client: OraclePod, scene: Scene): readonly Sent[] {
  const itself: Sent = { service, subset: '', port: null };
  const [namespace = '', name = ''] = service.split('/');
  const found = serviceAt(namespace, name, scene.cluster);
  const all = found === undefined ? [] : routesOf(found, client, scene);
  if (all.length === 0) return [itself];
  const sent = all.flatMap(({ route }) => sentBy(route, found, scene)).map((one) => one ?? itself);
  return areSeen(all, found, client, scene) ? sent : [...sent, itself];
}

/** Whether the client's sidecar surely goes by VirtualServices that have the name of a Service. */
function areSeen(
  all: readonly { readonly isSeen: Told }[],
  service: unknown,
  client: OraclePod,
  scene: Scene,
): boolean {
  const sees = seesService(sidecarFor(client, scene), service, client, onOnlyPort(service, scene));
  return all.every(({ isSeen }) => isSeen === 'yes') && sees === 'yes';
}

/** What holds for each of some, open where that differs. */
const alike = (all: readonly Told[]): Told => (all.every((one) => one === all[0]) ? (all[0] ?? 'no') : 'open');

/** IM-51: whether VirtualServices lead from the Service that was asked for to the pod. */
function routedVerdict(scene: Scene): Verdict {
  const { source, destination, protocol, service } = scene.packet;
  if (protocol !== 'TCP' || source.type !== 'pod' || service === undefined || !hasSidecar(source, scene))
    return 'allow';
  const [namespace = '', name = ''] = service.split('/');
  const found = serviceAt(namespace, name, scene.cluster);
  if (found === undefined) return 'allow';
  const all = routesOf(found, source, scene);
  if (all.length === 0) return 'allow';
  const isSure = areSeen(all, found, source, scene);
  const leads = (asked: Scene): Truth => {
    const ways = all.flatMap(({ route }) => waysOf(route, found, destination, asked));
    // From no other port than those of the Service does anything lead.
    if (ways.length === 0) return 'no';
    const [only, ...others] = ways;
    const ends = ways.flatMap((one) => one.ways.map((way) => way.ends));
    if (isSure && only?.section === 'http' && others.length === 0) return refusedByRequest(only.ways);
    return opposite(alike(isSure ? ends : [...ends, 'yes']));
  };
  const refused = leads(scene);
  const refuses = membership(source, scene) === 'partly' && refused === 'yes' ? 'open' : refused;
  if (refuses === 'no') return 'allow';
  if (refuses === 'yes') return 'deny';
  return requestsLike(scene).some((one) => leads(one) === 'no') ? 'conditional' : 'unknown';
}

/** IM-55: whether what is asked about is refused, whichever of the rules that nobody can tell hold. */
function refusedByRequest(ways: readonly Way[]): Truth {
  if (ways.every(({ ends }) => ends === 'no')) return 'yes';
  const unsure = ways.findIndex(({ takes }) => takes === 'open');
  if (unsure >= 0) {
    const [one, other] = (['yes', 'no'] as const).map((takes) =>
      refusedByRequest(ways.map((way, index) => (index === unsure ? { ...way, takes } : way))),
    );
    return one === other && one !== undefined ? one : 'open';
  }
  return some(
    ways.map(({ ends, takes }, index) => {
      const earlier = ways.slice(0, index).map((way) => opposite(way.takes));
      return every([takes, opposite(ends), ...earlier]);
    }),
  );
}

/** Of a Service with one port that one is meant, whichever is asked for: VirtualServices lead on from no other. */
function onOnlyPort(service: unknown, scene: Scene): Scene {
  const [port, ...others] = items(get(service, 'spec', 'ports'));
  const number = get(port, 'port');
  if (others.length > 0 || typeof number !== 'number') return scene;
  return { ...scene, packet: { ...scene.packet, servicePort: number } };
}

/** IM-45: what the client's own sidecar lets pass. */
function registryVerdict(scene: Scene): Verdict {
  const { source, destination, protocol, service } = scene.packet;
  if (protocol !== 'TCP' || source.type !== 'pod' || !hasSidecar(source, scene)) return 'allow';
  if (!isClosed(sidecarFor(source, scene), scene)) return 'allow';
  const refused: Verdict = membership(source, scene) === 'partly' ? 'unknown' : 'deny';
  const isIn = { yes: 'allow', open: 'unknown', no: refused } as const;
  if (service !== undefined) return isIn[seesAsked(source, service, scene)];
  return destination.type === 'pod' ? 'allow' : isIn[isRegistered(source, scene)];
}

/** IM-49: whether the client's sidecar speaks to the server in plain text. */
export function isPlain(asked: Scene): Told {
  const scene = seenBy(asked.packet.source, asked);
  const { source, destination, service } = scene.packet;
  if (source.type !== 'pod' || service === undefined || !hasSidecar(source, scene)) return 'no';
  const sees = seesAsked(source, service, scene);
  const passed = isClosed(sidecarFor(source, scene), scene) || sees === 'yes' ? 'no' : sees === 'no' ? 'yes' : 'open';
  if (membership(destination, scene) === 'ambient') return passed;
  const own = sentOn(service, source, scene).map((one) => ownTls(source, one, scene));
  return ofSome([passed, alike(own)]);
}
