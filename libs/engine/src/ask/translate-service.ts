import { counted } from '../base/index.js';
import { objectLabel } from '../model/index.js';
import type { EndpointSliceFact, Protocol, ServiceFact, ServicePort, SliceEndpoint } from '../model/index.js';
import type { CompiledSnapshot } from '../compile/compile-snapshot.js';
import type { Endpoint } from '../compile/endpoint.js';
import { endpointAt, endpointOfAddress, hostNameEndpoint } from '../compile/endpoint-directory.js';
import { addressText } from './endpoint-groups.js';

/** Where a connection to a Service may end: an endpoint and the port there. `port` null: any port of the endpoint. */
export interface Backend {
  readonly endpoint: Endpoint;
  readonly port: number | null;
}

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
  service: ServiceFact,
  protocol: Protocol,
  port: number | string | null,
): Translation {
  if (!service.headless || typeof port !== 'number') return followEndpoints(snapshot, service, protocol, port);
  const backends = readyEndpoints(snapshot, service).map((endpoint) => ({ endpoint, port }));
  if (backends.length === 0) return noEndpoints(service);
  const why = `${objectLabel(service.meta)} is headless: its name is that of ${plural(backends)}, on port ${port} there`;
  return { type: 'backends', backends, why };
}

/**
 * The ready backends of a Service with the port at each, as a proxy follows them. EndpointSlices are followed where there
 * are any, else the Service's selector.
 */
export function followEndpoints(
  snapshot: CompiledSnapshot,
  service: ServiceFact,
  protocol: Protocol,
  port: number | string | null,
): Translation {
  const name = objectLabel(service.meta);
  if (service.serviceType === 'ExternalName') {
    const endpoint = hostNameEndpoint(service.externalName);
    const number = typeof port === 'number' ? port : null;
    return {
      type: 'backends',
      backends: [{ endpoint, port: number }],
      why: `${name} is an alias of ${service.externalName}`,
    };
  }
  const ports = service.ports.filter(
    (entry) => entry.protocol === protocol && (port === null || entry.port === port || entry.name === port),
  );
  if (ports.length === 0) {
    const listed = service.ports.map((entry) =>
      entry.name === '' ? String(entry.port) : `${entry.port} (${entry.name})`,
    );
    return { type: 'noPort', why: `Service \`${name}\` has no such port`, ports: listed };
  }
  const backends = ports.flatMap((entry) => backendsOf(snapshot, service, entry));
  if (backends.length === 0) return noEndpoints(service);
  const targets = [...new Set(backends.map((backend) => backend.port))].join(', ');
  return { type: 'backends', backends, why: `${name} leads to ${plural(backends)} on port ${targets}` };
}

const plural = ({ length }: readonly Backend[]): string => counted(length, 'ready endpoint');

const noEndpoints = ({ meta }: ServiceFact): Translation => ({
  type: 'noEndpoints',
  why: `Service \`${objectLabel(meta)}\` has no ready endpoint`,
});

/** What the name of a headless Service stands for. */
function readyEndpoints(snapshot: CompiledSnapshot, service: ServiceFact): readonly Endpoint[] {
  const slices = snapshot.index.slices.get(objectLabel(service.meta)) ?? [];
  if (!slices.some((slice) => slice.endpoints.length > 0)) return podsOf(snapshot, service);
  const found = slices.flatMap((slice) => slice.endpoints.flatMap((entry) => readyEndpoint(snapshot, slice, entry)));
  return [...new Map(found.map((endpoint) => [placeOf(endpoint), endpoint])).values()];
}

function placeOf(endpoint: Endpoint): string {
  return `${endpoint.kind} ${endpoint.kind === 'node' ? addressText(endpoint) : objectLabel(endpoint)}`;
}

function readyEndpoint(
  { directory }: CompiledSnapshot,
  { meta }: EndpointSliceFact,
  { ready, pod, addresses }: SliceEndpoint,
): readonly Endpoint[] {
  if (!ready) return [];
  const named = pod === '' ? null : directory.pod(meta.namespace, pod);
  const endpoint = named ?? endpointAt(directory, addresses[0] ?? '');
  return endpoint === null ? [] : [endpoint];
}

function backendsOf(snapshot: CompiledSnapshot, service: ServiceFact, port: ServicePort): Backend[] {
  const slices = snapshot.index.slices.get(objectLabel(service.meta)) ?? [];
  if (slices.some((slice) => slice.endpoints.length > 0)) return backendsOfSlices(snapshot, slices, port);
  return podsOf(snapshot, service).flatMap((endpoint) => {
    const number = targetPort(endpoint, port);
    return number === null ? [] : [{ endpoint, port: number }];
  });
}

/** An endpoint may stand in several slices, on one port or on several. */
function backendsOfSlices(
  snapshot: CompiledSnapshot,
  slices: readonly EndpointSliceFact[],
  port: ServicePort,
): Backend[] {
  const out = new Map<string, Backend>();
  for (const slice of slices) {
    const target = slice.ports.find((entry) => entry.name === port.name && entry.protocol === port.protocol);
    if (target === undefined) continue;
    for (const endpoint of slice.endpoints.flatMap((entry) => readyEndpoint(snapshot, slice, entry))) {
      out.set(`${placeOf(endpoint)} ${target.port}`, { endpoint, port: target.port });
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
  const selector = service.selector;
  if (selector === null) return [];
  return snapshot.directory.namespace(service.meta.namespace).filter((endpoint) => {
    if (!endpoint.ready && !service.publishNotReady) return false;
    return Object.keys(selector).every((key) => endpoint.labels[key] === selector[key]);
  });
}

/** The backends of a Service as sources of traffic. */
export function serviceMembers(snapshot: CompiledSnapshot, service: ServiceFact): readonly Endpoint[] {
  const slices = snapshot.index.slices.get(objectLabel(service.meta)) ?? [];
  const members = slices.flatMap((slice) =>
    slice.endpoints.flatMap((entry) => {
      const pod = entry.pod === '' ? null : snapshot.directory.pod(service.meta.namespace, entry.pod);
      const endpoint = pod ?? endpointOfAddress(snapshot.directory, entry.addresses[0] ?? '');
      return endpoint === null ? [] : [endpoint];
    }),
  );
  return members.length > 0 ? [...new Set(members)] : podsOf(snapshot, service);
}
