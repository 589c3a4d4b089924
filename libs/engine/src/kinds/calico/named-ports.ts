import { and, not, or } from '../../model/index.js';
import type { ContainerPort, PortMatch, Protocol, Selector } from '../../model/index.js';
import { mergeRanges } from '../../net/index.js';
import type { Ranges } from '../../net/index.js';
import type { CalicoContext } from './calico.context.js';
import type { RawEntity } from './calico.raw.js';
import type { NamedPort } from './host-endpoint.parse.js';
import { hostEndpointsOf } from './peers.compile.js';
import { namesOf, numbered } from './ports.compile.js';
import type { PortMeaning } from './ports.compile.js';

/** Endpoints at which the names of ports of a rule mean the same. */
export interface NamingPlace {
  /** Null for all that the rule names. */
  readonly endpoints: Selector | null;
  readonly meaning: PortMeaning;
}

const HOSTS: Selector = { type: 'kind', kinds: ['hostpod', 'node'] };

/**
 * What the names of a destination's ports mean: at workloads the ports of their containers, at the addresses of host
 * endpoints those that these list, at other hosts, their pods on the host network too, nothing. (CAL-33)
 */
export function namingPlaces(
  entity: RawEntity,
  protocol: Protocol | null,
  namespace: string,
  context: CalicoContext,
): readonly NamingPlace[] {
  const names = namesOf([...entity.ports, ...entity.notPorts]);
  const atContainer: PortMeaning = (name) => [{ type: 'named', protocol, name, containers: 'all' }];
  if (names.length === 0) return [{ endpoints: null, meaning: atContainer }];
  const hosts = hostPorts(entity, names, protocol, namespace, context);
  const expected = or(...hosts.map(({ endpoints }) => endpoints));
  return [
    { endpoints: not(or(HOSTS, expected)), meaning: atContainer },
    ...hosts.map(({ endpoints, ports }) => ({ endpoints, meaning: (name: string) => matchesOf(ports, name) })),
    { endpoints: and(HOSTS, not(expected)), meaning: () => [] },
  ];
}

const matchesOf = (ports: readonly NamedPort[], name: string): readonly PortMatch[] =>
  ports.flatMap((port) => (port.name === name ? [numbered(port.protocol, port.port, port.port)] : []));

/** Addresses of host endpoints that the side names, with the ports of these names there. */
function hostPorts(
  entity: RawEntity,
  names: readonly string[],
  protocol: Protocol | null,
  namespace: string,
  context: CalicoContext,
): readonly { readonly endpoints: Selector; readonly ports: readonly NamedPort[] }[] {
  const byAddress = new Map<string, NamedPort[]>();
  for (const { expectedIps, ports } of hostEndpointsOf(entity, namespace, context)) {
    const named = withNames(ports, names, protocol);
    if (named.length === 0) continue;
    for (const cidr of expectedIps) byAddress.set(cidr, [...(byAddress.get(cidr) ?? []), ...named]);
  }
  return [...byAddress]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([cidr, ports]) => ({ endpoints: { type: 'cidr', cidr, except: [] }, ports }));
}

/** A name without a protocol is that of any port. (CAL-34) */
function withNames<T extends Pick<ContainerPort, 'name' | 'protocol'>>(
  ports: readonly T[],
  names: readonly string[],
  protocol: Protocol | null,
): readonly T[] {
  return ports.filter((port) => names.includes(port.name) && (protocol === null || port.protocol === protocol));
}

/** Clients at which names stand for the same numbers. */
export interface NamingClients {
  readonly clients: Selector;
  readonly numbers: Ranges;
}

/** Workloads and host endpoints that have ports of these names, by what the names mean there. (CAL-35) */
export function clientsWithNames(
  entity: RawEntity,
  names: readonly string[],
  protocol: Protocol | null,
  namespace: string,
  context: CalicoContext,
): readonly NamingClients[] {
  if (names.length === 0) return [];
  const { pods, workloads } = context.env;
  const shapes = [
    ...pods.map(({ meta, shape }) => ({ meta, shape })),
    ...workloads.map(({ meta, template }) => ({ meta, shape: template })),
  ];
  const found = new Map<string, { readonly numbers: Ranges; readonly clients: Selector[] }>();
  const add = (ports: readonly { readonly port: number }[], client: Selector): void => {
    const numbers = mergeRanges(ports.map(({ port }): [number, number] => [port, port]));
    const key = JSON.stringify(numbers);
    const known = found.get(key) ?? { numbers, clients: [] };
    found.set(key, known);
    known.clients.push(client);
  };
  for (const { meta, shape } of shapes) {
    const ports = shape.hostNetwork ? [] : withNames(shape.ports, names, protocol);
    const workload: Selector = { type: 'endpoint', namespace: meta.namespace, names: [meta.name] };
    if (ports.length > 0) add(ports, and({ type: 'kind', kinds: ['pod'] }, workload));
  }
  for (const { endpoints, ports } of hostPorts(entity, names, protocol, namespace, context)) add(ports, endpoints);
  return [...found.values()].map(({ numbers, clients }) => ({ numbers, clients: or(...clients) }));
}
