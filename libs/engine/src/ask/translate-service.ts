import { counted } from '../base/index.js';
import { objectLabel, serviceOfDnsName } from '../model/index.js';
import type { EndpointSliceFact, Protocol, ServiceFact, ServicePort, SliceEndpoint } from '../model/index.js';
import type { CompiledSnapshot } from '../compile/compile-snapshot.js';
import type { Endpoint } from '../compile/endpoint.js';
import { endpointAt, hostNameEndpoint } from '../compile/endpoint-directory.js';
import type { NotFound } from './answer.js';
import { addressText } from './endpoint-groups.js';
import type { Sees } from './visibility.js';

/** Where a connection to a Service may end: an endpoint and the port there. `port` null: any port of the endpoint. */
export interface Backend {
  readonly endpoint: Endpoint;
  readonly port: number | null;
  /** It is going away, and serves since no other does. */
  readonly draining?: true;
  /** The node that its slice places it on, '' for none; absent where it is not of a slice. */
  readonly node?: string;
}

/** The node that a backend serves on, '' for none; null for any. A proxy goes by what slices say. */
export function servingNode({ endpoint, node }: Pick<Backend, 'endpoint' | 'node'>): string | null {
  return node ?? (endpoint.node === '' ? null : endpoint.node);
}

/** Headless Services and aliases only lend a name: their clients use the endpoint's own address. */
export function hasAddress(service: ServiceFact): boolean {
  return !service.headless && service.serviceType !== 'ExternalName';
}

/** Whether clients inside are sent to endpoints of their own node alone. */
export const keepsToNode = (service: ServiceFact): boolean =>
  hasAddress(service) && service.internalTrafficPolicy === 'Local';

export type Translation =
  | { readonly type: 'backends'; readonly backends: readonly Backend[]; readonly why: string }
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
    return followEndpoints(snapshot, named, protocol, port, service?.internalTrafficPolicy);
  }
  const backends = readyEndpoints(snapshot, service).map((endpoint) => ({ endpoint, port }));
  if (backends.length === 0) return noEndpoints(service);
  const name = `${aliasText(named, service)}${objectLabel(service.meta)}`;
  const why = `${name} is headless: its name is that of ${plural(backends)}, on port ${port} there`;
  return { type: 'backends', backends, why };
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

/**
 * The backends of a Service with the port at each, as a proxy follows them. EndpointSlices are followed where there are
 * any, else the Service's selector. By a `policy` of Local each node sends to its own endpoints.
 */
export function followEndpoints(
  snapshot: CompiledSnapshot,
  named: ServiceFact,
  protocol: Protocol,
  port: number | string | null,
  policy: ServiceFact['internalTrafficPolicy'] = 'Cluster',
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
  const ports = service.ports.filter(
    (entry) => entry.protocol === protocol && (port === null || entry.port === port || entry.name === port),
  );
  if (ports.length === 0) {
    const listed = service.ports.map((entry) =>
      entry.name === '' ? String(entry.port) : `${entry.port} (${entry.name})`,
    );
    return { type: 'noPort', why: `${alias}Service \`${name}\` has no such port`, ports: listed };
  }
  const backends = ports.flatMap((entry) => backendsOf(snapshot, service, entry, policy));
  if (backends.length === 0) return noEndpoints(service);
  const targets = [...new Set(backends.map((backend) => backend.port))].join(', ');
  return { type: 'backends', backends, why: `${alias}${name} leads to ${plural(backends)} on port ${targets}` };
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
function readyEndpoints(snapshot: CompiledSnapshot, service: ServiceFact): readonly Endpoint[] {
  const slices = snapshot.index.slices.get(objectLabel(service.meta)) ?? [];
  if (!slices.some((slice) => slice.endpoints.length > 0)) return podsOf(snapshot, service);
  const found = slices.flatMap((slice) =>
    slice.endpoints.filter(({ ready }) => ready).flatMap((entry) => endpointOf(snapshot, slice, entry)),
  );
  return [...new Map(found.map((endpoint) => [placeOf(endpoint), endpoint])).values()];
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
  policy: ServiceFact['internalTrafficPolicy'],
): Backend[] {
  const slices = snapshot.index.slices.get(objectLabel(service.meta)) ?? [];
  if (slices.some((slice) => slice.endpoints.length > 0))
    return backendsOfSlices(snapshot, service, slices, port, policy);
  return podsOf(snapshot, service).flatMap((endpoint) => {
    const number = targetPort(endpoint, port);
    return number === null ? [] : [{ endpoint, port: number }];
  });
}

/**
 * An endpoint may stand in several slices, on one port or on several. Where none is ready, of the cluster or of the node
 * by `policy`, those that still serve while they go away are sent to (kubernetes: pkg/proxy/topology.go), but for a
 * headless Service: names stand for what is ready.
 */
function backendsOfSlices(
  snapshot: CompiledSnapshot,
  { headless }: ServiceFact,
  slices: readonly EndpointSliceFact[],
  port: ServicePort,
  policy: ServiceFact['internalTrafficPolicy'],
): Backend[] {
  const served = slices.flatMap((slice) => {
    const target = slice.ports.find((entry) => entry.name === port.name && entry.protocol === port.protocol);
    return target === undefined ? [] : slice.endpoints.map((entry) => ({ slice, entry, port: target.port }));
  });
  const areaOf = ({ node }: SliceEndpoint): string => (policy === 'Local' && !headless ? node : '');
  const areasReady = new Set(served.filter(({ entry }) => entry.ready).map(({ entry }) => areaOf(entry)));
  const out = new Map<string, Backend>();
  for (const { slice, entry, port: number } of served) {
    if (!entry.ready && (headless || entry.draining !== true || areasReady.has(areaOf(entry)))) continue;
    for (const endpoint of endpointOf(snapshot, slice, entry)) {
      out.set(`${placeOf(endpoint)} ${number} ${areaOf(entry)}`, {
        endpoint,
        port: number,
        node: entry.node,
        ...(!entry.ready && { draining: true }),
      });
    }
  }
  return [...out.values()];
}

/** The port at one pod; a name is looked up among its containers' ports. Null when the pod does not have it. */
function targetPort(endpoint: Endpoint, port: ServicePort): number | null {
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

/** Pods that the Service's selector chooses, ready or not. */
export function chosenPods({ directory }: CompiledSnapshot, { meta, selector }: ServiceFact): readonly Endpoint[] {
  if (selector === null) return [];
  const isChosen = ({ labels }: Endpoint): boolean =>
    Object.keys(selector).every((key) => labels[key] === selector[key]);
  return directory.namespace(meta.namespace).filter(isChosen);
}
