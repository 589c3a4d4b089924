import { field, list, path, pointer, text } from '../../base/index.js';
import type { Json } from '../../base/index.js';
import { objectLabel, objectRef, TCP, UDP } from '../../model/index.js';
import type { AuxFact, Protocol } from '../../model/index.js';
import type { CompiledSnapshot } from '../../compile/compile-snapshot.js';
import { namespaceLabels } from '../../compile/facts-index.js';
import { followEndpoints } from '../translate-service.js';
import { GATEWAY_NAME } from '../../kinds/istio/index.js';
import { holdsFor, readLabelSelector } from '../../kinds/shared/index.js';
import { ProblemList } from '../../normalise/problem-list.js';
import type { EntryObject } from './entry-objects.js';
import { CILIUM_ENVOY, runsCilium } from './proxies.js';
import { denied, undetermined, UNUSED } from './refusal.js';
import type { Refusal } from './refusal.js';

const GROUP = 'gateway.networking.k8s.io';
const GRANT = `ReferenceGrant.${GROUP}`;

/** By kind of route: the protocols of listeners that take it, and what reaches its backends. */
const ROUTES: Readonly<Record<string, { readonly listeners: readonly string[]; readonly carries: Protocol }>> = {
  HTTPRoute: { listeners: ['HTTP', 'HTTPS'], carries: TCP },
  GRPCRoute: { listeners: ['HTTP', 'HTTPS'], carries: TCP },
  TLSRoute: { listeners: ['TLS'], carries: TCP },
  TCPRoute: { listeners: ['TCP', 'TLS'], carries: TCP },
  UDPRoute: { listeners: ['UDP'], carries: UDP },
};

/**
 * Routes of the Gateway API with the Gateways that they hang on, by backend. Those that name a Gateway which is not there
 * lead nowhere; those that no listener takes, or whose backend nobody granted, say so.
 * (gateway-api.sigs.k8s.io: Route binding; ReferenceGrant)
 */
export function gatewayEntries(snapshot: CompiledSnapshot): EntryObject[] {
  const gateways = new Map(
    (snapshot.index.aux.get(`Gateway.${GROUP}`) ?? []).map((fact) => [objectLabel(fact.meta), fact]),
  );
  const routes = Object.keys(ROUTES).flatMap((kind) => snapshot.index.aux.get(`${kind}.${GROUP}`) ?? []);
  return routes.flatMap((route) =>
    list(path(route.raw, 'spec', 'parentRefs')).flatMap((parent) => {
      if (!isKind(parent, GROUP, 'Gateway')) return [];
      const gateway = gateways.get(refLabel(parent, route));
      return gateway === undefined ? [] : routeEntries(snapshot, route, gateway, parent);
    }),
  );
}

function routeEntries(snapshot: CompiledSnapshot, route: AuxFact, gateway: AuxFact, parent: Json): EntryObject[] {
  const named = listenersOf(gateway, parent);
  const taken = named.filter((listener) => takes(snapshot, gateway, listener, route));
  const unwanted = taken.length > 0 ? null : denied(`no listener of Gateway ${objectLabel(gateway.meta)} takes it`);
  const servedBy = isCiliums(snapshot, route, gateway)
    ? CILIUM_ENVOY
    : { namespace: gateway.meta.namespace, labels: { [GATEWAY_NAME]: gateway.meta.name } };
  const listeners = taken.length > 0 ? taken : named;
  const ports = portsOf(listeners);
  const listens = placeOf(route, gateway, ports);
  return backendRefs(route).map(({ reference, pointer: at, isUnused }): EntryObject => {
    const label = refLabel(reference, route);
    const entry = {
      via: 'Gateway' as const,
      object: objectRef(route.meta),
      pointer: at,
      listens,
      protocol: ROUTES[route.meta.kind]?.carries ?? TCP,
      port: null,
      ports,
      arrivals: [],
      families: null,
      service: label,
      seenAs: 'proxy' as const,
      servedBy,
      clients: [],
    };
    const refused = unwanted ?? (isUnused ? UNUSED : ungranted(snapshot, route, label));
    return { ...entry, refused, backends: refused === null ? backendsOf(snapshot, entry, reference) : [] };
  });
}

interface BackendRef {
  readonly reference: Json;
  readonly pointer: string;
  /** By a weight of 0; copies of requests go nowhere as well then. */
  readonly isUnused: boolean;
}

/** The Services that a route sends requests to, and those that get copies of them. */
function backendRefs(route: AuxFact): readonly BackendRef[] {
  const found = list(path(route.raw, 'spec', 'rules')).flatMap((rule, index): BackendRef[] => {
    const at = pointer('/spec/rules', index);
    const backends = list(field(rule, 'backendRefs')).flatMap((reference, place): BackendRef[] => {
      const here = pointer(at, 'backendRefs', place);
      const isUnused = field(reference, 'weight') === 0;
      return [{ reference, pointer: here, isUnused }, ...mirrors(reference, here, isUnused)];
    });
    return [...backends, ...mirrors(rule, at, false)];
  });
  return found.filter(({ reference }) => isKind(reference, '', 'Service'));
}

function mirrors(holder: Json, at: string, isUnused: boolean): readonly BackendRef[] {
  return list(field(holder, 'filters')).flatMap((filter, index) => {
    const reference = path(filter, 'requestMirror', 'backendRef');
    if (field(filter, 'type') !== 'RequestMirror' || reference === undefined) return [];
    return [{ reference, pointer: pointer(at, 'filters', index, 'requestMirror', 'backendRef'), isUnused }];
  });
}

/** Whether the Envoy of Cilium serves it, as the status of the route tells, else the name of the Gateway's class. */
function isCiliums(snapshot: CompiledSnapshot, route: AuxFact, gateway: AuxFact): boolean {
  if (!runsCilium(snapshot)) return false;
  const told = list(path(route.raw, 'status', 'parents'))
    .filter((parent) => refLabel(field(parent, 'parentRef') ?? null, route) === objectLabel(gateway.meta))
    .map((parent) => text(field(parent, 'controllerName')));
  if (told.length > 0) return told.includes('io.cilium/gateway-controller');
  return text(path(gateway.raw, 'spec', 'gatewayClassName')) === 'cilium';
}

function backendsOf(
  snapshot: CompiledSnapshot,
  { service: label, protocol }: Pick<EntryObject, 'service' | 'protocol'>,
  reference: Json,
): EntryObject['backends'] {
  const service = snapshot.index.services.get(label);
  const port = field(reference, 'port');
  if (service === undefined || typeof port !== 'number') return [];
  const translated = followEndpoints(snapshot, service, protocol, port);
  return translated.type === 'backends' ? translated.backends : [];
}

/** The listeners that a route asks for. */
function listenersOf(gateway: AuxFact, parent: Json): readonly Json[] {
  const [section, port] = [text(field(parent, 'sectionName')), field(parent, 'port')];
  return list(path(gateway.raw, 'spec', 'listeners')).filter(
    (listener) =>
      (section === '' || text(field(listener, 'name')) === section) &&
      (port === undefined || field(listener, 'port') === port),
  );
}

function takes(snapshot: CompiledSnapshot, gateway: AuxFact, listener: Json, route: AuxFact): boolean {
  const kinds = list(path(listener, 'allowedRoutes', 'kinds'));
  const protocol = text(field(listener, 'protocol'));
  // Protocols with a domain are a vendor's own: what they take is what they list.
  const isSpoken = protocol.includes('/') || (ROUTES[route.meta.kind]?.listeners.includes(protocol) ?? false);
  return (
    isSpoken &&
    (kinds.length === 0 || kinds.some((kind) => isKind(kind, GROUP, route.meta.kind))) &&
    takesNamespace(snapshot, gateway, listener, route.meta.namespace) &&
    sharesHost(text(field(listener, 'hostname')), hostsOf(route))
  );
}

function takesNamespace(snapshot: CompiledSnapshot, gateway: AuxFact, listener: Json, namespace: string): boolean {
  const allowed = path(listener, 'allowedRoutes', 'namespaces');
  switch (text(field(allowed, 'from')) || 'Same') {
    case 'All':
      return true;
    case 'Same':
      return namespace === gateway.meta.namespace;
    case 'Selector': {
      const at = '/spec/listeners';
      const selector = readLabelSelector(field(allowed, 'selector'), 'namespace', at, new ProblemList(gateway.meta));
      return holdsFor(selector, namespaceLabels(snapshot.index, namespace));
    }
    default:
      return false;
  }
}

/** No host name on one side means any. A wildcard stands for one label or more in front. */
function sharesHost(listener: string, hosts: readonly string[]): boolean {
  if (listener === '' || hosts.length === 0) return true;
  return hosts.some((host) => covers(listener, host) || covers(host, listener));
}

function covers(pattern: string, host: string): boolean {
  if (!pattern.startsWith('*.')) return pattern.toLowerCase() === host.toLowerCase();
  return host.toLowerCase().endsWith(pattern.slice(1).toLowerCase());
}

function hostsOf(route: AuxFact): readonly string[] {
  return list(path(route.raw, 'spec', 'hostnames'))
    .map(text)
    .filter(Boolean);
}

/** Why a Service of another namespace may not be a backend; null when it may. */
function ungranted(snapshot: CompiledSnapshot, { meta }: AuxFact, label: string): Refusal | null {
  const [namespace = '', name = ''] = label.split('/');
  if (namespace === meta.namespace) return null;
  const grants = snapshot.index.aux.get(GRANT) ?? [];
  const isGranted = grants.some(
    (grant) =>
      grant.meta.namespace === namespace &&
      list(path(grant.raw, 'spec', 'from')).some(
        (from) => isKind(from, GROUP, meta.kind) && text(field(from, 'namespace')) === meta.namespace,
      ) &&
      list(path(grant.raw, 'spec', 'to')).some(
        (to) => isKind(to, '', 'Service') && ['', name].includes(text(field(to, 'name'))),
      ),
  );
  if (isGranted) return null;
  if (snapshot.completeness[GRANT]?.complete === false) {
    return undetermined('ReferenceGrants could not be listed, so it is not known whether it may lead there');
  }
  const what = `${meta.kind}s of ${meta.namespace}`;
  return denied(`no ReferenceGrant of namespace ${namespace} lets ${what} lead to it`);
}

/** Whether a reference means this kind; what it leaves out is its default. */
function isKind(reference: Json, group: string, kind: string): boolean {
  const named = field(reference, 'group');
  return (named === undefined ? group : text(named)) === group && (text(field(reference, 'kind')) || kind) === kind;
}

function refLabel(reference: Json, { meta }: AuxFact): string {
  return `${text(field(reference, 'namespace')) || meta.namespace}/${text(field(reference, 'name'))}`;
}

/** Host names, and `address port` of the listeners. */
function placeOf(route: AuxFact, gateway: AuxFact, ports: readonly number[]): string {
  const assigned = list(path(gateway.raw, 'status', 'addresses')).map((entry) => text(field(entry, 'value')));
  const address = assigned.filter(Boolean).join(', ') || `Gateway ${objectLabel(gateway.meta)}`;
  const place = ports.length === 0 ? address : `${address} port ${ports.join(', ')}`;
  const hosts = hostsOf(route).join(', ');
  return hosts === '' ? place : `${hosts} at ${place}`;
}

function portsOf(listeners: readonly Json[]): readonly number[] {
  const ports = listeners.map((listener) => field(listener, 'port')).filter((port) => typeof port === 'number');
  return [...new Set(ports)];
}
