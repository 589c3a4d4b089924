import { field, list, path, pointer, text } from '../../base/index.js';
import type { Json } from '../../base/index.js';
import { TCP } from '../../model/index.js';
import type { AuxFact, ObjectRef, ServiceFact } from '../../model/index.js';
import { intersectRanges, mergeRanges } from '../../net/index.js';
import type { CompiledSnapshot } from '../../compile/compile-snapshot.js';
import { BLANK_ENDPOINT } from '../../compile/endpoint.js';
import type { Endpoint } from '../../compile/endpoint.js';
import { evaluatePair } from '../../eval/evaluate-pair.js';
import type { ReadingName } from '../../eval/evaluate-pair.js';
import type { ConnectionSet } from '../connection-set.js';
import { NO_CONNECTIONS } from '../connection-set.js';
import { portAtoms } from '../connections-between.js';

/** One port of one endpoint that an Ingress or a Route sends requests to. */
export interface IngressBackend {
  /** The Ingress or Route. */
  readonly object: ObjectRef;
  /** JSON pointer of the backend in the object. */
  readonly pointer: string;
  /** Name of the Service, in the object's namespace. */
  readonly service: string;
  readonly endpoint: Endpoint;
  readonly port: number;
}

/**
 * Stands for whoever serves Ingress and Route objects: a pod of a namespace that nobody has named, with no labels.
 * Rules admit it that admit every pod of every namespace.
 */
export const INGRESS_CONTROLLER: Endpoint = {
  ...BLANK_ENDPOINT,
  kind: 'pod',
  name: 'ingress-controller',
  hypothetical: true,
};

/** Every backend of every Ingress and Route, resolved to endpoints and their ports, in order of object. */
export function ingressBackends(snapshot: CompiledSnapshot): readonly IngressBackend[] {
  const ingresses = snapshot.index.aux.get('Ingress.networking.k8s.io') ?? [];
  const routes = snapshot.index.aux.get('Route.route.openshift.io') ?? [];
  return [
    ...ingresses.flatMap((fact) => ingressReferences(fact).flatMap((found) => resolve(snapshot, fact, found))),
    ...routes.flatMap((fact) => routeReferences(fact).flatMap((found) => resolve(snapshot, fact, found))),
  ];
}

/**
 * A Service and one of its ports, or all of them. The port is a number or name of the Service's port or a target port:
 * Routes mean the last, the API of Ingress the first, yet ingress-nginx takes any of them (kubernetes/ingress-nginx
 * internal/ingress/controller `serviceEndpoints`).
 */
interface Reference {
  readonly pointer: string;
  readonly service: string;
  readonly port: number | string | null;
}

function ingressReferences(fact: AuxFact): readonly Reference[] {
  const spec = field(fact.raw, 'spec');
  const paths = list(field(spec, 'rules')).flatMap((rule, index) =>
    list(path(rule, 'http', 'paths')).map((entry, at) => ({
      backend: field(entry, 'backend'),
      pointer: pointer('/spec/rules', index, 'http', 'paths', at),
    })),
  );
  const all = [{ backend: field(spec, 'defaultBackend'), pointer: '/spec/defaultBackend' }, ...paths];
  return all.flatMap(({ backend, pointer: at }) => {
    const service = text(path(backend, 'service', 'name'));
    const value = path(backend, 'service', 'port', 'number') ?? path(backend, 'service', 'port', 'name');
    return service === '' ? [] : [{ pointer: at, service, port: portReference(value) }];
  });
}

function routeReferences(fact: AuxFact): readonly Reference[] {
  const spec = field(fact.raw, 'spec');
  const target = portReference(path(spec, 'port', 'targetPort'));
  const backends = [field(spec, 'to'), ...list(field(spec, 'alternateBackends'))];
  return backends.flatMap((backend, index) => {
    const service = text(field(backend, 'name'));
    const at = index === 0 ? '/spec/to' : pointer('/spec/alternateBackends', index - 1);
    return service === '' ? [] : [{ pointer: at, service, port: target }];
  });
}

function portReference(value: Json | undefined): Reference['port'] {
  return typeof value === 'number' || typeof value === 'string' ? value : null;
}

function resolve(snapshot: CompiledSnapshot, fact: AuxFact, reference: Reference): readonly IngressBackend[] {
  const { group, kind, namespace, name } = fact.meta;
  const service = snapshot.index.services.get(`${namespace}/${reference.service}`);
  if (service === undefined || service.selector === null) return [];
  const selector = service.selector;
  const object = { group, kind, namespace, name };
  return snapshot.directory
    .namespace(namespace)
    .filter((endpoint) => Object.keys(selector).every((key) => endpoint.labels[key] === selector[key]))
    .flatMap((endpoint) =>
      targetPorts(service, reference.port, endpoint).map((port) => ({
        object,
        pointer: reference.pointer,
        service: reference.service,
        endpoint,
        port,
      })),
    );
}

/** The ports of the endpoint behind the wanted port of the Service; TCP only, since Ingress and Route carry HTTP and TLS. */
function targetPorts(service: ServiceFact, wanted: Reference['port'], endpoint: Endpoint): readonly number[] {
  const ports = service.ports.filter(
    (port) => port.protocol === TCP && (wanted === null || [port.port, port.name, port.targetPort].includes(wanted)),
  );
  return ports.flatMap(({ port, targetPort }) => {
    if (typeof targetPort === 'number') return [targetPort];
    if (targetPort === null) return [port];
    return endpoint.ports.filter((own) => own.name === targetPort && own.protocol === TCP).map((own) => own.port);
  });
}

/** What the ingress policy of `endpoint` lets pass from the controller, on the ports that Ingress and Route send to it. */
export function ingressControllerConnections(
  snapshot: CompiledSnapshot,
  endpoint: Endpoint,
  reading: ReadingName,
): ConnectionSet {
  const sent = ingressBackends(snapshot).filter((backend) => backend.endpoint === endpoint);
  if (sent.length === 0) return NO_CONNECTIONS;
  const open = portAtoms([snapshot[reading]], INGRESS_CONTROLLER, endpoint, TCP).filter(([port]) => {
    const flow = { protocol: TCP, port, family: null };
    return evaluatePair(snapshot, INGRESS_CONTROLLER, endpoint, flow, reading).ingress.verdict === 'allow';
  });
  const wanted = mergeRanges(sent.map(({ port }) => [port, port]));
  const ranges = intersectRanges(mergeRanges(open), wanted);
  return ranges.length === 0 ? NO_CONNECTIONS : new Map([[TCP, ranges]]);
}
