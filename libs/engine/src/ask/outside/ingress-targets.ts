import { TCP } from '../../model/index.js';
import type { ServiceFact } from '../../model/index.js';
import type { CompiledSnapshot } from '../../compile/compile-snapshot.js';
import type { Backend } from '../backend.js';
import { behindAlias, followEndpoints } from '../translate-service.js';
import { ingressReferences, isByEndpoint } from './ingress-references.js';
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
    const follow = reference.object.kind === 'Route' ? byRoute : byIngress;
    return { ...reference, backends: found === null ? [] : follow(snapshot, found, reference.port) };
  });
}

type Follow = (snapshot: CompiledSnapshot, service: ServiceFact, port: IngressReference['port']) => readonly Backend[];

/** Ingress and Route carry HTTP and TLS. */
const behind = (
  snapshot: CompiledSnapshot,
  service: ServiceFact,
  port: IngressReference['port'],
): readonly Backend[] => {
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
  if (!isByEndpoint(wanted)) return behind(snapshot, service, wanted);
  return behind(snapshot, service, null).filter(({ port }) => port === Number(wanted));
};
