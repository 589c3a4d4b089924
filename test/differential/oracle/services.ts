import { parseAddress } from './addresses.js';
import {
  nameOf,
  namespaceOf,
  podObject,
  portsWithNames,
  protocolOf,
  type OracleCluster,
  type OracleEndpoint,
  type OraclePod,
} from './cluster.js';
import { get, has, items, str, type Raw } from './fields.js';
import { redirectTargets } from './local-redirects.js';
import { selectorMatches } from './selectors.js';

/** Where a connection to a Service may end. */
export interface OracleBackend {
  readonly endpoint: OracleEndpoint;
  readonly port: number;
  /** The node that it is known to be on, '' for none. */
  readonly node: string;
  /** The families in which it is sent to. */
  readonly families: readonly (4 | 6)[];
}

const FAMILIES = [4, 6] as const;

export function serviceAt(namespace: string, name: string, { objects }: OracleCluster): Raw | undefined {
  return (objects.get('Service') ?? []).find((one) => nameOf(one) === name && namespaceOf(one) === namespace);
}

export function slicesOf(namespace: string, service: string, { objects }: OracleCluster): readonly Raw[] {
  return (objects.get('EndpointSlice.discovery.k8s.io') ?? []).filter(
    (slice) =>
      namespaceOf(slice) === namespace && get(slice, 'metadata', 'labels', 'kubernetes.io/service-name') === service,
  );
}

export function addressesIn(slice: Raw): readonly string[] {
  return items(get(slice, 'endpoints')).flatMap((endpoint) => items(get(endpoint, 'addresses')).map(str));
}

/** Whether the Service's selector chooses the pod. */
export function isBehind(service: Raw, pod: OraclePod): boolean {
  const spec = get(service, 'spec');
  if (!has(spec, 'selector') || namespaceOf(service) !== pod.namespace) return false;
  return selectorMatches({ matchLabels: get(spec, 'selector') }, pod.labels);
}

/** Whether a Service sends traffic to the pod: it runs, and is not known to be not ready. */
function isReady(pod: OraclePod, cluster: OracleCluster): boolean {
  const condition = items(get(podObject(pod, cluster), 'status', 'conditions')).find(
    (one) => get(one, 'type') === 'Ready',
  );
  return condition === undefined || get(condition, 'status') === 'True';
}

function selectedPods(service: Raw, cluster: OracleCluster): readonly OraclePod[] {
  const everyOne = get(service, 'spec', 'publishNotReadyAddresses') === true;
  return cluster.pods.filter((pod) => !pod.finished && isBehind(service, pod) && (everyOne || isReady(pod, cluster)));
}

/** The port at a pod: `targetPort` by number or by the name that its containers give it, else the Service's own. */
function portAt(pod: OraclePod, port: unknown): number | null {
  const target = get(port, 'targetPort');
  if (typeof target !== 'string') return Number(target ?? get(port, 'port'));
  const named = portsWithNames(pod, 'those that go on').find(
    (one) => one.name === target && one.protocol === protocolOf(port),
  );
  return named?.number ?? null;
}

function ownerOf(text: string, cluster: OracleCluster): OracleEndpoint | null {
  const address = parseAddress(text);
  if (address === null) return null;
  const owns = (endpoint: OracleEndpoint): boolean =>
    endpoint.addresses.some((own) => own.family === address.family && own.value === address.value);
  const node = cluster.nodes.find(owns);
  if (node !== undefined) return { ...node, addresses: [address] };
  return cluster.pods.find((pod) => !pod.finished && owns(pod)) ?? { type: 'outside', addresses: [address] };
}

type SliceEntry = readonly [slice: Raw, entry: unknown];

const entriesOf = (slice: Raw): readonly SliceEntry[] =>
  items(get(slice, 'endpoints')).map((entry) => [slice, entry] as const);

const condition = (entry: unknown, name: string): unknown => get(entry, 'conditions', name);
const isReadyEntry = ([, entry]: SliceEntry): boolean => condition(entry, 'ready') !== false;
const isLeaving = ([, entry]: SliceEntry): boolean =>
  condition(entry, 'serving') !== false && condition(entry, 'terminating') === true;
const placeOf = ([, entry]: SliceEntry): string => str(get(entry, 'nodeName'));

/** The ready ones, else those that serve and go away; each node for itself where the Service is local to nodes. */
function usable(entries: readonly SliceEntry[], byNode: boolean): readonly SliceEntry[] {
  const choose = (some: readonly SliceEntry[]): readonly SliceEntry[] =>
    some.some(isReadyEntry) ? some.filter(isReadyEntry) : some.filter(isLeaving);
  if (!byNode) return choose(entries);
  const nodes = [...new Set(entries.map(placeOf))];
  return nodes.flatMap((node) => choose(entries.filter((entry) => placeOf(entry) === node)));
}

const familyOf = (slice: Raw): 4 | 6 => (get(slice, 'addressType') === 'IPv6' ? 6 : 4);

/** How somebody follows a Service: in which families, and whether each node does by itself. */
interface Following {
  readonly families: ReadonlySet<number> | null;
  readonly byNode: boolean;
}

/**
 * The usable endpoints of the slices that have the Service's port, at the port that each slice gives it: each family that
 * the Service has by itself, as proxies are set up for one each (SVC-13).
 */
function behindSlices(
  slices: readonly Raw[],
  port: unknown,
  service: Raw,
  following: Following,
  cluster: OracleCluster,
): OracleBackend[] {
  const own = following.families;
  return FAMILIES.filter((family) => own === null || own.has(family)).flatMap((family) => {
    const found = slices.filter((slice) => familyOf(slice) === family);
    return behindSlicesOfFamily(found, port, service, following.byNode, cluster).map((backend) => ({
      ...backend,
      families: [family],
    }));
  });
}

function behindSlicesOfFamily(
  slices: readonly Raw[],
  port: unknown,
  service: Raw,
  byNode: boolean,
  cluster: OracleCluster,
): Omit<OracleBackend, 'families'>[] {
  const numberIn = (slice: Raw): unknown =>
    items(get(slice, 'ports')).find(
      (one) => str(get(one, 'name')) === str(get(port, 'name')) && protocolOf(one) === protocolOf(port),
    );
  const serving = slices.filter((slice) => numberIn(slice) !== undefined).flatMap(entriesOf);
  const used = isHeadless(service) ? serving.filter(isReadyEntry) : usable(serving, byNode);
  return used.flatMap((found) =>
    endpointOf(found, cluster).map((endpoint) => ({
      endpoint,
      port: Number(get(numberIn(found[0]), 'port')),
      node: placeOf(found),
    })),
  );
}

function endpointOf([slice, entry]: SliceEntry, cluster: OracleCluster): readonly OracleEndpoint[] {
  const reference = str(get(entry, 'targetRef', 'name'));
  const pod = cluster.pods.find((one) => one.name === reference && one.namespace === namespaceOf(slice));
  const endpoint = pod ?? ownerOf(str(items(get(entry, 'addresses'))[0]), cluster);
  return endpoint === null ? [] : [endpoint];
}

/** The families of a Service's own addresses; null when it has none. */
export function familiesOf(service: Raw): ReadonlySet<number> | null {
  const own = items(get(service, 'spec', 'clusterIPs')).map((ip) => parseAddress(str(ip))?.family);
  const known = own.filter((family) => family !== undefined);
  return known.length === 0 ? null : new Set(known);
}

export const isHeadless = (service: Raw): boolean => get(service, 'spec', 'clusterIP') === 'None';
const isLocal = (service: Raw): boolean =>
  !isHeadless(service) && get(service, 'spec', 'internalTrafficPolicy') === 'Local';
export const isAlias = (service: Raw): boolean => get(service, 'spec', 'type') === 'ExternalName';

/** The Service that the DNS gives for another's name: aliases of names of the cluster lead on. `null` in a circle. */
export function resolvedService(service: Raw, cluster: OracleCluster, steps = 0): Raw | null {
  if (!isAlias(service)) return service;
  const [name = '', namespace = '', kind] = str(get(service, 'spec', 'externalName')).split('.');
  const next = kind === 'svc' ? serviceAt(namespace, name, cluster) : undefined;
  if (next === undefined) return service;
  return steps > 10 ? null : resolvedService(next, cluster, steps + 1);
}

const portsMeant = (service: Raw, protocol: string, port: number | string): readonly unknown[] =>
  items(get(service, 'spec', 'ports')).filter(
    (one) => protocolOf(one) === protocol && (get(one, 'port') === port || get(one, 'name') === port),
  );

/** The number of the port that a Service has by a number or a name. */
export const ownPort = (service: Raw, protocol: string, port: number | string): number =>
  Number(get(portsMeant(service, protocol, port)[0], 'port'));

/**
 * Where a connection of a pod to `port` (a number or a name) of a Service may end: by its slices where they have
 * endpoints, else by its selector. `null` when the Service has no such port. A headless one only lends its name: a number
 * is a port of its endpoints themselves.
 */
export function backendsOf(
  service: Raw,
  protocol: string,
  port: number | string,
  source: OraclePod,
  cluster: OracleCluster,
): readonly OracleBackend[] | null {
  const slices = slicesOf(namespaceOf(service), nameOf(service), cluster);
  const isSliced = slices.some((slice) => items(get(slice, 'endpoints')).length > 0);
  if (isHeadless(service) && typeof port === 'number') {
    const named = isSliced
      ? slices.flatMap((slice) =>
          entriesOf(slice)
            .filter(isReadyEntry)
            .flatMap((one) => endpointOf(one, cluster))
            .map((endpoint) => ({ endpoint, families: [familyOf(slice)] })),
        )
      : selectedPods(service, cluster).map((endpoint) => ({ endpoint, families: FAMILIES }));
    return named.map((one) => ({ ...one, port, node: '' }));
  }
  const ports = portsMeant(service, protocol, port);
  if (ports.length === 0) return null;
  const following = { families: familiesOf(service), byNode: isLocal(service) };
  const own = (one: unknown): readonly OracleBackend[] => behindPort(service, one, following, cluster);
  return ports.flatMap((one) => {
    const led = isHeadless(service)
      ? null
      : redirectTargets(service, one, source, cluster, (pod) => isReady(pod, cluster));
    if (led !== null)
      return led.map(({ pod, port: number }) => ({ endpoint: pod, port: number, node: pod.node, families: FAMILIES }));
    return isLocal(service) ? own(one).filter(({ node }) => node === source.node) : own(one);
  });
}

/** Whether nobody serves the ports of a Service that a client may mean, on whatever node. */
export const isForsaken = (service: Raw, protocol: string, port: number | string, cluster: OracleCluster): boolean =>
  portsMeant(service, protocol, port).every(
    (one) =>
      behindPort(service, one, { families: familiesOf(service), byNode: isLocal(service) }, cluster).length === 0,
  );

/** Who serves one port of a Service, by its slices where they have endpoints, else by its selector. */
export function behindPort(
  service: Raw,
  port: unknown,
  following: Following,
  cluster: OracleCluster,
): readonly OracleBackend[] {
  const slices = slicesOf(namespaceOf(service), nameOf(service), cluster);
  if (slices.some((slice) => items(get(slice, 'endpoints')).length > 0))
    return behindSlices(slices, port, service, following, cluster);
  return selectedPods(service, cluster).flatMap((endpoint) => {
    const number = portAt(endpoint, port);
    const families = FAMILIES.filter((family) => following.families?.has(family) !== false);
    const isOpen =
      endpoint.addresses.length === 0 || endpoint.addresses.some(({ family }) => families.includes(family));
    return number === null || !isOpen ? [] : [{ endpoint, port: number, node: endpoint.node, families }];
  });
}

const GATEWAYS_OWN = { families: null, byNode: false };

/**
 * Who serves a port of the Service, as those see it who use no address of its own; null where an alias leads to a name
 * outside.
 */
export function behindService(
  named: Raw | undefined,
  isMeant: (port: unknown) => boolean,
  cluster: OracleCluster,
): readonly OracleBackend[] | null {
  const service = named === undefined ? null : resolvedService(named, cluster);
  if (service !== null && isAlias(service)) return null;
  return items(get(service, 'spec', 'ports'))
    .filter(isMeant)
    .flatMap((port) => behindPort(service ?? {}, port, GATEWAYS_OWN, cluster));
}
