import { field, isObject, list, path, pointer, text } from '../../base/index.js';
import { objectLabel, objectRef, TCP } from '../../model/index.js';
import type { AuxFact, ContainerPort, Labels, ObjectRef, Protocol, ServiceFact } from '../../model/index.js';
import { parseIp } from '../../net/index.js';
import type { Ip } from '../../net/index.js';
import type { CompiledSnapshot } from '../../compile/compile-snapshot.js';
import type { Backend } from '../backend.js';
import { followEndpoints, hasAddress, serviceFamilies } from '../translate-service.js';
import { gatewayEntries } from './gateway-entries.js';
import { publishedPorts } from './host-ports.js';
import { serverByClass } from './ingress-class.js';
import type { IngressController } from './ingress-controllers.js';
import { ingressTargets } from './ingress-targets.js';
import { istioEntries } from './istio-entries.js';
import type { CILIUM_ENVOY } from './proxies.js';
import { UNUSED } from './refusal.js';
import type { Refusal } from './refusal.js';

/** By what something outside gets in. */
export type EntryVia = 'LoadBalancer' | 'NodePort' | 'ExternalIP' | 'HostPort' | 'Ingress' | 'Gateway' | 'Route';

/** An address and port, or those of the node that it enters at, or of the backend. */
export type Arrival =
  | { readonly at: 'address'; readonly ip: Ip; readonly port: number }
  | { readonly at: 'node'; readonly port: number }
  | { readonly at: 'backend' };

/** Pods by their labels and namespace, null for any. */
export interface ServingPods {
  readonly namespace: string | null;
  readonly labels: Labels;
}

/** One way in that an object opens, before policy is asked. */
export interface EntryObject {
  readonly via: EntryVia;
  readonly object: ObjectRef;
  /** JSON pointer into the object. */
  readonly pointer: string;
  /** Where it listens: addresses, host names and paths; `any node` for node ports. */
  readonly listens: string;
  readonly protocol: Protocol;
  readonly port: number | null;
  /** Ports by which clients come to whoever serves it; empty where the object does not say. */
  readonly ports: readonly number[];
  /** Where hosts may see it arrive before its address is translated; empty where that is not known. */
  readonly arrivals: readonly Arrival[];
  /** `namespace/name`, '' when no Service is in between. */
  readonly service: string;
  readonly backends: readonly Backend[];
  /** Of the addresses at which nodes take it; null where that is not known, or no node does. */
  readonly families: ReadonlySet<4 | 6> | null;
  /** `client`: policy sees the client's address; `node`: that of the node that forwards; `proxy`: that of the pods that serve it. */
  readonly seenAs: 'client' | 'node' | 'proxy';
  /** Null for whichever controller there is. */
  readonly servedBy: ServingPods | IngressController | typeof CILIUM_ENVOY | null;
  /** Null where policy decides. */
  readonly refused: Refusal | null;
  /** The only clients that it takes, as ranges; empty for any. */
  readonly clients: readonly string[];
}

/** Every way in, in order of kind and name. */
export function entryObjects(snapshot: CompiledSnapshot): readonly EntryObject[] {
  const services = [...snapshot.index.services.values()];
  return [
    ...services.flatMap((service) => serviceEntries(snapshot, service)),
    ...hostPorts(snapshot),
    ...proxied(snapshot),
    ...gatewayEntries(snapshot),
    ...istioEntries(snapshot),
  ];
}

/** Of what no Gateway serves, nothing refuses and any client may use. */
const DIRECT = { ports: [], arrivals: [], families: null, servedBy: null, refused: null, clients: [] } as const;

function serviceEntries(snapshot: CompiledSnapshot, service: ServiceFact): EntryObject[] {
  // Nodes listen for none without an address of its own, whatever its type and its external addresses are.
  if (!hasAddress(service)) return [];
  const object = objectRef(service.meta);
  const isBalanced = service.serviceType === 'LoadBalancer';
  const isNodePort = isBalanced || service.serviceType === 'NodePort';
  const policy = service.externalTrafficPolicy;
  const seenAs = policy === 'Local' ? 'client' : 'node';
  return service.ports.flatMap((port, index) => {
    const translated = followEndpoints(snapshot, service, port.protocol, port.port, policy);
    const backends = translated.type === 'backends' ? translated.backends : [];
    const shared = {
      object,
      pointer: pointer('/spec/ports', index),
      protocol: port.protocol,
      service: objectLabel(service.meta),
      backends,
      seenAs,
      ...DIRECT,
      families: serviceFamilies(service),
    } as const;
    const assigned = [...service.loadBalancerIps, ...(service.loadBalancerHosts ?? [])];
    const listens = assigned.join(', ') || 'an address that is not assigned yet';
    const clients = service.sourceRanges ?? [];
    const nodes = seenAs === 'client' ? 'any node that runs a backend' : 'any node';
    const atNode: Arrival = { at: 'node', port: port.nodePort };
    const balancer = { ...shared, listens, clients, port: port.port, arrivals: balancedArrivals(service, port) };
    const node = { ...shared, listens: nodes, port: port.nodePort, arrivals: [atNode] };
    const external = { ...shared, listens: service.externalIps.join(', '), port: port.port };
    return [
      ...(isBalanced ? [{ ...balancer, via: 'LoadBalancer' as const }] : []),
      ...(isNodePort && port.nodePort > 0 ? [{ ...node, via: 'NodePort' as const }] : []),
      ...(service.externalIps.length > 0 ? [{ ...external, via: 'ExternalIP' as const }] : []),
    ];
  });
}

/** Balancers send to a port of the nodes, hand on what was sent to their own address, or send to backends themselves. */
function balancedArrivals(
  { loadBalancerIps }: ServiceFact,
  { port, nodePort }: ServiceFact['ports'][number],
): Arrival[] {
  if (nodePort === 0) return [];
  const own = loadBalancerIps.map(parseIp).filter((ip) => ip !== null);
  return [
    { at: 'node', port: nodePort },
    ...own.map((ip) => ({ at: 'address' as const, ip, port })),
    { at: 'backend' },
  ];
}

/** Ports of hosts that lead to pods: the address of the client stays. (SVC-21) */
function hostPorts(snapshot: CompiledSnapshot): EntryObject[] {
  return snapshot.endpoints.flatMap((endpoint) => {
    if (endpoint.hypothetical) return [];
    return publishedPorts(snapshot, endpoint).map((port): EntryObject => ({
      ...DIRECT,
      via: 'HostPort',
      object: { group: '', kind: 'Pod', namespace: endpoint.namespace, name: endpoint.name },
      pointer: port.init || port.sidecar === true ? '/spec/initContainers' : '/spec/containers',
      listens: port.hostIp ?? (endpoint.node === '' ? 'its node' : `node ${endpoint.node}`),
      protocol: port.protocol,
      port: port.hostPort,
      arrivals: [hostArrival(port)],
      service: '',
      backends: [{ endpoint, port: port.port }],
      seenAs: 'client',
    }));
  });
}

function hostArrival({ hostIp, hostPort: port }: ContainerPort): Arrival {
  const ip = hostIp === undefined ? null : parseIp(hostIp);
  return ip === null ? { at: 'node', port } : { at: 'address', ip, port };
}

/** Ingress and Route objects, by backend. */
function proxied(snapshot: CompiledSnapshot): EntryObject[] {
  return ingressTargets(snapshot).map(({ object, pointer: at, service, isUnused, backends }) => ({
    ...DIRECT,
    via: object.kind === 'Route' ? 'Route' : 'Ingress',
    object,
    pointer: at,
    listens: listensOf(snapshot, object, at),
    protocol: TCP,
    port: null,
    ports: portsOf(snapshot, object),
    service: `${object.namespace}/${service}`,
    ...(isUnused ? { backends: [], refused: UNUSED } : { backends }),
    seenAs: 'proxy',
    servedBy: serverOf(snapshot, object),
  }));
}

/** Host and path of the rule that a pointer is in. */
function listensOf(snapshot: CompiledSnapshot, object: ObjectRef, at: string): string {
  const spec = field(factOf(snapshot, object)?.raw, 'spec');
  if (object.kind === 'Route') return `${text(field(spec, 'host')) || 'any host'}${text(field(spec, 'path'))}`;
  const [, rule, entry] = /^\/spec\/rules\/(\d+)\/http\/paths\/(\d+)$/.exec(at) ?? [];
  if (rule === undefined || entry === undefined) return 'any host';
  const found = list(field(spec, 'rules'))[Number(rule)];
  const place = list(path(found, 'http', 'paths'))[Number(entry)];
  return `${text(field(found, 'host')) || 'any host'}${text(field(place, 'path')) || '/'}`;
}

/** What controllers of Ingress listen on: HTTP, and HTTPS where the object has a certificate. */
function portsOf(snapshot: CompiledSnapshot, object: ObjectRef): readonly number[] {
  const tls = path(factOf(snapshot, object)?.raw, 'spec', 'tls');
  return (object.kind === 'Route' ? isObject(tls) : list(tls).length > 0) ? [80, 443] : [80];
}

/** By the class of an Ingress; Routes have none. */
function serverOf(snapshot: CompiledSnapshot, object: ObjectRef): EntryObject['servedBy'] {
  const fact = object.kind === 'Ingress' ? factOf(snapshot, object) : undefined;
  return fact === undefined ? null : serverByClass(snapshot, fact);
}

function factOf({ index }: CompiledSnapshot, object: ObjectRef): AuxFact | undefined {
  const key = object.kind === 'Route' ? 'Route.route.openshift.io' : 'Ingress.networking.k8s.io';
  return index.aux.get(key)?.find(({ meta }) => meta.namespace === object.namespace && meta.name === object.name);
}
