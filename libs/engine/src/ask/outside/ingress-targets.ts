import { field, list, path, pointer, text } from '../../base/index.js';
import type { Json } from '../../base/index.js';
import { TCP } from '../../model/index.js';
import type { AuxFact, ObjectRef, ServiceFact } from '../../model/index.js';
import type { CompiledSnapshot } from '../../compile/compile-snapshot.js';
import type { Backend } from '../backend.js';
import { behindAlias, followEndpoints } from '../translate-service.js';

/** A Service that an Ingress or a Route sends requests to. */
export interface IngressTarget {
  /** The Ingress or Route. */
  readonly object: ObjectRef;
  /** JSON pointer of the backend in the object. */
  readonly pointer: string;
  /** Name of the Service, in the object's namespace. */
  readonly service: string;
  /** Nothing is sent there: the weight is 0. */
  readonly isUnused: boolean;
  readonly backends: readonly Backend[];
}

/** Every Service that Ingress and Route objects name, in order of object, with the endpoints that serve it. (SVC-22, SVC-23) */
export function ingressTargets(snapshot: CompiledSnapshot): readonly IngressTarget[] {
  const ingresses = snapshot.index.aux.get('Ingress.networking.k8s.io') ?? [];
  const routes = snapshot.index.aux.get('Route.route.openshift.io') ?? [];
  return [
    ...ingresses.flatMap((fact) => ingressReferences(fact).map((found) => target(snapshot, fact, found, byIngress))),
    ...routes.flatMap((fact) => routeReferences(fact).map((found) => target(snapshot, fact, found, byRoute))),
  ];
}

/** A Service and a port by number or name, null for all of them. */
interface Reference {
  readonly pointer: string;
  readonly service: string;
  readonly port: number | string | null;
  readonly isUnused: boolean;
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
    return service === '' ? [] : [{ pointer: at, service, port: portReference(value), isUnused: false }];
  });
}

function routeReferences(fact: AuxFact): readonly Reference[] {
  const spec = field(fact.raw, 'spec');
  const port = portReference(path(spec, 'port', 'targetPort'));
  const backends = [field(spec, 'to'), ...list(field(spec, 'alternateBackends'))];
  return backends.flatMap((backend, index) => {
    const service = text(field(backend, 'name'));
    const at = index === 0 ? '/spec/to' : pointer('/spec/alternateBackends', index - 1);
    return service === '' ? [] : [{ pointer: at, service, port, isUnused: field(backend, 'weight') === 0 }];
  });
}

function portReference(value: Json | undefined): Reference['port'] {
  return typeof value === 'number' || typeof value === 'string' ? value : null;
}

type Follow = (snapshot: CompiledSnapshot, service: ServiceFact, port: Reference['port']) => readonly Backend[];

function target(snapshot: CompiledSnapshot, fact: AuxFact, reference: Reference, follow: Follow): IngressTarget {
  const { group, kind, namespace, name } = fact.meta;
  const { pointer: at, service, port, isUnused } = reference;
  const named = snapshot.index.services.get(`${namespace}/${service}`);
  const found = named === undefined ? null : behindAlias(snapshot, named);
  const backends = found === null ? [] : follow(snapshot, found, port);
  return { object: { group, kind, namespace, name }, pointer: at, service, isUnused, backends };
}

/** Ingress and Route carry HTTP and TLS. */
const behind = (snapshot: CompiledSnapshot, service: ServiceFact, port: Reference['port']): readonly Backend[] => {
  const followed = followEndpoints(snapshot, service, TCP, port);
  return followed.type === 'backends' ? followed.backends : [];
};

/**
 * By number or name of the Service's port, as the API says, or by its target port, which ingress-nginx takes as well
 * (kubernetes/ingress-nginx internal/ingress/controller `serviceEndpoints`).
 */
const byIngress: Follow = (snapshot, service, wanted) => {
  if (wanted === null || service.serviceType === 'ExternalName') return behind(snapshot, service, wanted);
  const meant = service.ports.filter(
    ({ protocol, port, name, targetPort }) => protocol === TCP && [port, name, targetPort].includes(wanted),
  );
  return [...new Set(meant.map(({ port }) => port))].flatMap((port) => behind(snapshot, service, port));
};

/** By number of the port at the endpoint, or by name of the Service's, as EndpointSlices have them. */
const byRoute: Follow = (snapshot, service, wanted) => {
  if (wanted === null || service.serviceType === 'ExternalName') return behind(snapshot, service, wanted);
  if (typeof wanted === 'string' && !/^\d+$/.test(wanted)) return behind(snapshot, service, wanted);
  return behind(snapshot, service, null).filter(({ port }) => port === Number(wanted));
};
