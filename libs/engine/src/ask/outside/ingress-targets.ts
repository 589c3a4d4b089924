import { TCP } from '../../model/index.js';
import type { ServiceFact } from '../../model/index.js';
import type { CompiledSnapshot } from '../../compile/compile-snapshot.js';
import type { Backend } from '../backend.js';
import { behindAlias, followEndpoints } from '../translate-service.js';
import { ingressReferences } from './ingress-references.js';
import type { IngressReference } from './ingress-references.js';

/** A Service that an Ingress or a Route sends requests to. */
export interface IngressTarget extends IngressReference {
  readonly backends: readonly Backend[];
}

/** Every Service that Ingress and Route objects name, in order of object, with the endpoints that serve it. (SVC-22, SVC-23) */
export function ingressTargets(snapshot: CompiledSnapshot): readonly IngressTarget[] {
  return ingressReferences(snapshot).map((reference) => {
    const named = snapshot.index.services.get(`${reference.object.namespace}/${reference.service}`);
    const found = named === undefined ? null : behindAlias(snapshot, named);
    return { ...reference, backends: found === null ? [] : backendsOf(snapshot, found, reference) };
  });
}

function backendsOf(
  snapshot: CompiledSnapshot,
  service: ServiceFact,
  { object, port }: IngressReference,
): readonly Backend[] {
  if (port === null || service.serviceType === 'ExternalName') return behind(snapshot, service, port);
  return (object.kind === 'Route' ? byRoute : byIngress)(snapshot, service, port);
}

/** Ingress and Route carry HTTP and TLS. */
function behind(snapshot: CompiledSnapshot, service: ServiceFact, port: IngressReference['port']): readonly Backend[] {
  const followed = followEndpoints(snapshot, service, TCP, port);
  return followed.type === 'backends' ? followed.backends : [];
}

/**
 * By number or name of the Service's port, as the API says, or by its target port, which ingress-nginx takes as well
 * (kubernetes/ingress-nginx internal/ingress/controller `serviceEndpoints`).
 */
function byIngress(snapshot: CompiledSnapshot, service: ServiceFact, wanted: number | string): readonly Backend[] {
  const meant = service.ports.filter(
    ({ protocol, port, name, targetPort }) => protocol === TCP && [port, name, targetPort].includes(wanted),
  );
  return [...new Set(meant.map(({ port }) => port))].flatMap((port) => behind(snapshot, service, port));
}

/** By number of the port at the endpoint, as text too, or by name of the Service's, as EndpointSlices have them. (SVC-23) */
function byRoute(snapshot: CompiledSnapshot, service: ServiceFact, wanted: number | string): readonly Backend[] {
  const isNumber = typeof wanted === 'number' || /^\d+$/.test(wanted);
  if (!isNumber) return behind(snapshot, service, wanted);
  return behind(snapshot, service, null).filter(({ port }) => port === Number(wanted));
}
