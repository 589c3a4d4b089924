import { TCP } from '../../model/index.js';
import type { ObjectRef, ServiceFact, ServicePort } from '../../model/index.js';
import { intersectRanges, mergeRanges } from '../../net/index.js';
import type { CompiledSnapshot } from '../../compile/compile-snapshot.js';
import { BLANK_ENDPOINT } from '../../compile/endpoint.js';
import type { Endpoint } from '../../compile/endpoint.js';
import { evaluatePair } from '../../eval/evaluate-pair.js';
import type { ReadingName } from '../../eval/evaluate-pair.js';
import type { ConnectionSet } from '../connection-set.js';
import { NO_CONNECTIONS } from '../connection-set.js';
import { portAtoms } from '../connections-between.js';
import { ingressReferences, isByEndpoint } from './ingress-references.js';
import type { IngressReference } from './ingress-references.js';

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

/**
 * Every backend of every Ingress and Route, resolved to endpoints and their ports, in order of object. Endpoints are those
 * that the Service chooses, ready or not: two states do not differ by a pod that is not ready for a while.
 */
export function ingressBackends(snapshot: CompiledSnapshot): readonly IngressBackend[] {
  return ingressReferences(snapshot).flatMap((reference) => resolve(snapshot, reference));
}

function resolve(snapshot: CompiledSnapshot, reference: IngressReference): readonly IngressBackend[] {
  const { object, pointer, service: name, port: wanted } = reference;
  const service = snapshot.index.services.get(`${object.namespace}/${name}`);
  if (service === undefined || service.selector === null || reference.isUnused) return [];
  const selector = service.selector;
  const portsAt = object.kind === 'Route' ? routePorts : ingressPorts;
  return snapshot.directory
    .namespace(object.namespace)
    .filter((endpoint) => Object.keys(selector).every((key) => endpoint.labels[key] === selector[key]))
    .flatMap((endpoint) =>
      portsAt(service, wanted, endpoint).map((port) => ({ object, pointer, service: name, endpoint, port })),
    );
}

type PortsAt = (service: ServiceFact, wanted: IngressReference['port'], endpoint: Endpoint) => readonly number[];

/** By number or name of the Service's port or by its target port, as SVC-22 says. */
const ingressPorts: PortsAt = ({ ports }, wanted, endpoint) =>
  ports
    .filter(({ port, name, targetPort }) => wanted === null || [port, name, targetPort].includes(wanted))
    .flatMap((port) => targetPorts(port, endpoint));

/** By number of the port at the endpoint or by name of the Service's, as SVC-23 says. */
const routePorts: PortsAt = ({ ports }, wanted, endpoint) => {
  if (wanted !== null && isByEndpoint(wanted)) {
    return ports.flatMap((port) => targetPorts(port, endpoint)).filter((port) => port === Number(wanted));
  }
  return ports.filter(({ name }) => wanted === null || name === wanted).flatMap((port) => targetPorts(port, endpoint));
};

/** The port of the endpoint behind one of a Service; TCP only, since Ingress and Route carry HTTP and TLS. */
function targetPorts({ protocol, port, targetPort }: ServicePort, endpoint: Endpoint): readonly number[] {
  if (protocol !== TCP) return [];
  if (typeof targetPort === 'number') return [targetPort];
  if (targetPort === null) return [port];
  return endpoint.ports.filter((own) => own.name === targetPort && own.protocol === TCP).map((own) => own.port);
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
