import { objectLabel } from '../model/index.js';
import type { Protocol, ServiceFact } from '../model/index.js';
import type { Endpoint } from '../compile/endpoint.js';
import { pairFamilies } from '../eval/evaluate-pair.js';
import type { Flow } from '../eval/flow.js';
import { firstIn, parseIp } from '../net/index.js';
import type { Ip } from '../net/index.js';
import { replacesClients } from './replaced-client.js';
import { hasAddress, keepsToNode, portsMeant, serviceFamilies } from './translate-service.js';
import type { Backend } from './backend.js';

/** What a connection that is made to a Service has of it, wherever it ends. */
export interface ServiceRoute {
  /** Clients from outside may appear at the backends under the address of a node. */
  readonly replacesClients: boolean;
  /** Clients inside reach endpoints of their own node alone. */
  readonly keepsToNode: boolean;
  /** The Service whose address the client uses, absent when it uses that of the endpoint. */
  readonly service?: string;
  /** The families of that address, absent when it is not known. */
  readonly families?: ReadonlySet<4 | 6>;
  /** The port of that Service, absent where several may be meant. */
  readonly servicePort?: number;
  /** That address, and the port there. */
  readonly entered?: { readonly ips: readonly Ip[]; readonly port: number };
}

/** `port` is the Service's own, by number or name; null for any. */
export function routeThrough(service: ServiceFact, protocol: Protocol, port: number | string | null): ServiceRoute {
  return {
    replacesClients: replacesClients(service),
    keepsToNode: keepsToNode(service),
    ...(hasAddress(service) ? throughAddress(service) : {}),
    ...enteredAt(service, protocol, port),
  };
}

/** Of which families the client's connection is says the address that it uses, whatever its backends speak besides. */
function throughAddress(found: ServiceFact): Pick<ServiceRoute, 'service' | 'families'> {
  const families = serviceFamilies(found);
  const service = objectLabel(found.meta);
  return {
    service,
    ...(families === null ? {} : { families }),
  };
}

function enteredAt(
  service: ServiceFact,
  protocol: Protocol,
  port: number | string | null,
): Pick<ServiceRoute, 'entered' | 'servicePort'> {
  if (!hasAddress(service)) return {};
  const [asked, ...others] = portsMeant(service, protocol, port);
  if (asked === undefined) return {};
  if (port === null) return others.length === 0 ? { servicePort: asked.port } : {};
  const ips = service.clusterIps.map(parseIp).filter((ip) => ip !== null);
  return { servicePort: asked.port, entered: { ips, port: asked.port } };
}

/** In which families two endpoints may meet that way; `own` are those in which the other is sent to. */
export function routeFamilies(
  { families }: ServiceRoute,
  from: Endpoint,
  to: Endpoint,
  own: Backend['families'],
): readonly (4 | 6 | null)[] {
  return pairFamilies(from, to).filter(
    (family) => family === null || (families?.has(family) !== false && own?.includes(family) !== false),
  );
}

/** What such a connection brings along to `port` of an endpoint. */
export function flowThrough(
  { service, servicePort, entered }: ServiceRoute,
  from: Endpoint,
  to: Endpoint,
  port: number | null,
  family: 4 | 6 | null,
): Pick<Flow, 'service' | 'servicePort' | 'entered'> {
  const seen = seenOnTheWay(from, to, port, family, entered);
  if (service === undefined) return seen;
  return servicePort === undefined ? { service, ...seen } : { service, servicePort, ...seen };
}

/** What hosts may see of a client inside the cluster: it is translated on its own node. Others may enter elsewhere. */
function seenOnTheWay(
  from: Endpoint,
  to: Endpoint,
  port: number | null,
  family: 4 | 6 | null,
  entered: ServiceRoute['entered'],
): Pick<Flow, 'entered'> {
  if (entered === undefined || from.kind === 'external' || port === null) return {};
  const [before, after] = [firstIn(family, entered.ips), firstIn(family, to.ips)];
  if (before === undefined || after === undefined) return {};
  return {
    entered: [
      { ip: before, port: entered.port },
      { ip: after, port },
    ],
  };
}
