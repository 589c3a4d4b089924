import { counted } from '../base/index.js';
import { objectLabel, serviceOfDnsName } from '../model/index.js';
import type { EndpointSliceFact, Protocol, ServiceFact, ServicePort, SliceEndpoint } from '../model/index.js';
import { parseIp } from '../net/index.js';
import type { CompiledSnapshot } from '../compile/compile-snapshot.js';
import type { Endpoint } from '../compile/endpoint.js';
import { endpointAt, hostNameEndpoint } from '../compile/endpoint-directory.js';
import { mayBeGiven } from '../compile/match-selector.js';
import type { NotFound } from './answer.js';
import { addressText } from './endpoint-groups.js';
import { areaOfClient, areasOn, servingNode } from './backend.js';
import type { Area, Backend, Family } from './backend.js';
import { redirectText } from './local-redirect.js';
import { withRedirects } from './redirected-backends.js';
import type { Sees } from './visibility.js';

/** Headless Services and aliases only lend a name: their clients use the endpoint's own address. */
export function hasAddress(service: ServiceFact): boolean {
  return !service.headless && service.serviceType !== 'ExternalName';
}

/** The families of a Service's own addresses; null where they are not known, or it has none. */
export function serviceFamilies(service: ServiceFact): ReadonlySet<Family> | null {
  if (!hasAddress(service)) return null;
  const families = service.clusterIps.flatMap((text) => parseIp(text)?.family ?? []);
  return families.length === 0 ? null : new Set(families);
}

/** Whether clients inside are sent to endpoints of their own node alone. */
export const keepsToNode = (service: ServiceFact): boolean =>
  hasAddress(service) && service.internalTrafficPolicy === 'Local';

export type Translation =
  | {
      readonly type: 'backends';
      readonly backends: readonly Backend[];
      readonly why: string;
      /** Where clients are, for whom it depends on that; absent where all are led alike. */
      readonly areaOf?: (client: Endpoint) => Area;
    }
  | { readonly type: 'noEndpoints'; readonly why: string }
  | { readonly type: 'noPort'; readonly why: string; readonly ports: readonly string[] };

/**
 * Where a client ends that uses a Service's name and a port of it: a number, a name, or null for every port of the
 * protocol. The name of a headless Service is that of its endpoints, so a number is a port of their own.
 */
export function translateService(
  snapshot: CompiledSnapshot,
  named: ServiceFact,
  protocol: Protocol,
  port: number | string | null,
): Translation {
  const service = behindAlias(snapshot, named);
  if (service?.headless !== true || typeof port !== 'number') {
    const found = followEndpoints(snapshot, named, protocol, port, service?.internalTrafficPolicy ?? 'Cluster');
    return service === null ? found : ledByNode(snapshot, service, protocol, port, found);
  }
  const backends = readyEndpoints(snapshot, service).map((found) => ({ port, ...found }));
  if (backends.length === 0) return noEndpoints(service);
  const name = `${aliasText(named, service)}${objectLabel(service.meta)}`;
  const why = `${name} is headless: its name is that of ${plural(backends)}, on port ${port} there`;
  return { type: 'backends', backends, why };
}

/** The same, with whose clients are led to which backend, where that depends on their nodes. (SVC-5, SVC-15) */
function ledByNode(
  snapshot: CompiledSnapshot,
  service: ServiceFact,
  protocol: Protocol,
  port: number | string | null,
  found: Translation,
): Translation {
  if (found.type === 'noPort') return found;
  const backends = found.type === 'backends' ? found.backends : [];
  const kept = keepsToNode(service) ? backends.map(keptToItsNode) : backends;
  const led = withRedirects(snapshot, service, portsMeant(service, protocol, port), kept);
  if (led.backends.every(({ areas }) => areas === undefined)) return found;
  const why = led.by.length === 0 ? found.why : `${found.why}; ${redirectText(led.by)}`;
  return { type: 'backends', backends: led.backends, areaOf: areaOfClient(new Set(led.spared)), why };
}

function keptToItsNode(backend: Backend): Backend {
  const node = servingNode(backend);
  return node === null ? backend : { areas: new Set(areasOn(node)), ...backend };
}

/** The Service that one stands for, itself unless it is an alias. One that the caller does not see is not there. */
export function serviceBehind(
  snapshot: CompiledSnapshot,
  named: ServiceFact,
  sees: Sees,
  side: NotFound['side'] = 'destination',
): ServiceFact | { readonly error: NotFound } {
  const service = behindAlias(snapshot, named) ?? named;
  if (sees(service.meta.namespace)) return service;
  const message = `no Service is named \`${objectLabel(service.meta)}\`, which ${objectLabel(named.meta)} is an alias of`;
  return { error: { code: 'ENDPOINT_NOT_FOUND', side, message, near: [] } };
}

/** The Service that one leads to which is an alias, if need be of another alias; null where aliases lead in a circle. */
export function behindAlias({ index }: CompiledSnapshot, service: ServiceFact): ServiceFact | null {
  const passed = new Set<ServiceFact>();
  let found = service;
  while (found.serviceType === 'ExternalName') {
    const next = index.services.get(serviceOfDnsName(found.externalName) ?? '');
    if (next === undefined) return found;
    passed.add(found);
    if (passed.has(next)) return null;
    found = next;
  }
  return found;
}

const aliasText = (named: ServiceFact, service: ServiceFact): string =>
  named === service ? '' : `${objectLabel(named.meta)} is an alias of ${objectLabel(service.meta)}; `;

type TrafficPolicy = ServiceFact['internalTrafficPolicy'] | null;

/**
 * The backends of a Service with the port at each, as a proxy follows them. EndpointSlices are followed where there are
 * any, else the Service's selector. With a `policy` they are those that nodes send to: endpoints of the families that the
 * Service has, by Local each node its own. Without one they are those of a gateway, which uses no address of the Service.
 */
export function followEndpoints(
  snapshot: CompiledSnapshot,
  named: ServiceFact,
  protocol: Protocol,
  port: number | string | null,
  policy: TrafficPolicy = null,
): Translation {
  const service = behindAlias(snapshot, named);
  if (service === null) {
    return { type: 'noEndpoints', why: `Service \`${objectLabel(named.meta)}\` is an alias that leads to itself` };
  }
  const name = objectLabel(service.meta);
  const alias = aliasText(named, service);
  if (service.serviceType === 'ExternalName') {
    const endpoint = hostNameEndpoint(service.externalName);
    const number = typeof port === 'number' ? port : null;
    const why = `${alias}${name} is an alias of ${service.externalName}`;
    return { type: 'backends', backends: [{ endpoint, port: number }], why };
  }
  const ports = portsMeant(service, protocol, port);
  if (ports.length === 0) {
    const listed = service.ports.map((entry) =>
      entry.name === '' ? String(entry.port) : `${entry.port} (${entry.name})`,
    );
    return { type: 'noPort', why: `${alias}Service \`${name}\` has no such port`, ports: listed };
  }
  const backends = ports.flatMap((entry) =>
    backendsOf(snapshot, service, entry, policy).map((found) => ({ servicePort: entry.port, ...found })),
  );
  if (backends.length === 0) return noEndpoints(service);
  const targets = [...new Set(backends.map((backend) => backend.port))].join(', ');
  return { type: 'backends', backends, why: `${alias}${name} leads to ${plural(backends)} on port ${targets}` };
}

/** The ports of a Service that a client may mean. */
export function portsMeant(
  { ports }: ServiceFact,
  protocol: Protocol,
  port: number | string | null,
): readonly ServicePort[] {
  return ports.filter(
    (entry) => entry.protocol === protocol && (port === null || entry.port === port || entry.name === port),
  );
}

function plural(backends: readonly Backend[]): string {
  const leaving = backends.filter(({ draining }) => draining === true).length;
  if (leaving === 0) return counted(backends.length, 'ready endpoint');
  return `${counted(backends.length, 'endpoint')} (${leaving} going away, since no other is ready)`;
}

const noEndpoints = ({ meta }: ServiceFact): Translation => ({
  type: 'noEndpoints',
  why: `Service \`${objectLabel(meta)}\` has no ready endpoint`,
});

/** What the name of a headless Service stands for. */
function readyEndpoints(
  snapshot: CompiledSnapshot,
  service: ServiceFact,
): readonly Pick<Backend, 'endpoint' | 'families'>[] {
  const slices = snapshot.index.slices.get(objectLabel(service.meta)) ?? [];
  if (!slices.some((slice) => slice.endpoints.length > 0)) {
    return podsOf(snapshot, service).map((endpoint) => ({ endpoint }));
  }
  const out = new Map<string, Required<Pick<Backend, 'endpoint' | 'families'>>>();
  for (const slice of slices) {
    for (const endpoint of slice.endpoints
      .filter(({ ready }) => ready)
      .flatMap((e) => endpointOf(snapshot, slice, e))) {
      const place = placeOf(endpoint);
      out.set(place, { endpoint, families: withFamily(out.get(place)?.families, slice) });
    }
  }
  return [...out.values()];
}

const familyOf = ({ addressType }: EndpointSliceFact): Family => (addressType === 'IPv6' ? 6 : 4);

function withFamily(known: readonly Family[] | undefined, slice: EndpointSliceFact): readonly Family[] {
  return [...new Set([...(known ?? []), familyOf(slice)])].sort();
}

function placeOf(endpoint: Endpoint): string {
  return `${endpoint.kind} ${endpoint.kind === 'node' ? addressText(endpoint) : objectLabel(endpoint)}`;
}

function endpointOf(
  { directory }: CompiledSnapshot,
  { meta }: EndpointSliceFact,
  { pod, addresses }: SliceEndpoint,
): readonly Endpoint[] {
  const named = pod === '' ? null : directory.pod(meta.namespace, pod);
  const endpoint = named ?? endpointAt(directory, addresses[0] ?? '');
  return endpoint === null ? [] : [endpoint];
}

function backendsOf(
  snapshot: CompiledSnapshot,
  service: ServiceFact,
  port: ServicePort,
  policy: TrafficPolicy,
): Backend[] {
  const slices = snapshot.index.slices.get(objectLabel(service.meta)) ?? [];
  const families = policy === null ? null : serviceFamilies(service);
  if (slices.some((slice) => slice.endpoints.length > 0)) {
    const used = slices.filter((slice) => families?.has(familyOf(slice)) !== false);
    return backendsOfSlices(snapshot, service, used, port, policy);
  }
  return podsOf(snapshot, service).flatMap((endpoint) => {
    if (families !== null && !speaksOneOf(endpoint, families)) return [];
    const number = targetPort(endpoint, port);
    return number === null ? [] : [{ endpoint, port: number }];
  });
}

/** An address that is not known yet may be of any. */
function speaksOneOf({ ips }: Endpoint, families: ReadonlySet<Family>): boolean {
  return ips.length === 0 || ips.some(({ family }) => families.has(family));
}

/**
 * An endpoint may stand in several slices, on one port or on several. Where none of a family is ready, of the cluster or
 * of the node by `policy`, those that still serve while they go away are sent to (kubernetes: pkg/proxy/topology.go), but for a
 * headless Service: names stand for what is ready.
 */
function backendsOfSlices(
  snapshot: CompiledSnapshot,
  { headless }: ServiceFact,
  slices: readonly EndpointSliceFact[],
  port: ServicePort,
  policy: TrafficPolicy,
): Backend[] {
  const served = slices.flatMap((slice) => {
    const target = slice.ports.find((entry) => entry.name === port.name && entry.protocol === port.protocol);
    return target === undefined ? [] : slice.endpoints.map((entry) => ({ slice, entry, port: target.port }));
  });
  const placeFor = ({ node }: SliceEndpoint): string => (policy === 'Local' && !headless ? node : '');
  const areaOf = ({ slice, entry }: (typeof served)[number]): string => `${familyOf(slice)} ${placeFor(entry)}`;
  const areasReady = new Set(served.filter(({ entry }) => entry.ready).map(areaOf));
  const out = new Map<string, Backend>();
  for (const found of served) {
    const { slice, entry, port: number } = found;
    if (!entry.ready && (headless || entry.draining !== true || areasReady.has(areaOf(found)))) continue;
    for (const endpoint of endpointOf(snapshot, slice, entry)) {
      const key = `${placeOf(endpoint)} ${number} ${placeFor(entry)}`;
      out.set(key, {
        endpoint,
        port: number,
        node: entry.node,
        families: withFamily(out.get(key)?.families, slice),
        ...(!entry.ready && { draining: true }),
      });
    }
  }
  return [...out.values()];
}

/** The port at one pod; a name is looked up among its containers' ports. Null when the pod does not have it. */
export function targetPort(endpoint: Endpoint, port: ServicePort): number | null {
  if (port.targetPort === null) return port.port;
  if (typeof port.targetPort === 'number') return port.targetPort;
  const { ports } = endpoint;
  // Init containers are over when the pod serves.
  const named = ports.find(
    (entry) => !entry.init && entry.name === port.targetPort && entry.protocol === port.protocol,
  );
  return named?.port ?? null;
}

/** Pods that the Service's selector chooses and that are ready. */
function podsOf(snapshot: CompiledSnapshot, service: ServiceFact): readonly Endpoint[] {
  return chosenPods(snapshot, service).filter(({ ready }) => ready || service.publishNotReady);
}

/** Pods that the Service's selector chooses, ready or not; templates stand for those that will have its labels. (SVC-27) */
export function chosenPods({ directory }: CompiledSnapshot, { meta, selector }: ServiceFact): readonly Endpoint[] {
  if (selector === null) return [];
  const keys = Object.keys(selector);
  const isChosen = (endpoint: Endpoint): boolean =>
    keys.every((key) => endpoint.labels[key] === selector[key] || mayBeGiven(endpoint, key, selector[key] as string));
  return directory.namespace(meta.namespace).filter(isChosen);
}
