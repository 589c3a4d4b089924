import { or } from '../../model/index.js';
import type { EndpointSliceFact, PortMatch, Protocol, Selector, ServiceFact } from '../../model/index.js';
import { and, labelsEqual } from '../../model/index.js';
import { podPeer } from '../shared/index.js';
import type { CalicoContext } from './calico.context.js';
import type { RawServiceRef } from './calico.raw.js';
import { netOf } from './fields.parse.js';

/** Endpoints of a Service that serve the same ports. */
export interface ServiceBackends {
  readonly endpoints: Selector;
  readonly ports: readonly PortMatch[];
}

/**
 * The endpoints of a Service: addresses and ports of its EndpointSlices, ready or not. Manifests have none, so a Service
 * without any stands for the pods that it selects and its target ports. Null when there is neither. (CAL-36, CAL-37)
 */
export function serviceBackends(ref: RawServiceRef, context: CalicoContext): readonly ServiceBackends[] | null {
  const { slices, services } = context.env;
  const key = `${ref.namespace}/${ref.name}`;
  const known = slices.get(key);
  if (known !== undefined) return known.map(backendsOfSlice);
  const service = services.get(key);
  if (service === undefined) return null;
  return service.selector === null ? [] : [backendsOfService(service, service.selector, context)];
}

function backendsOfSlice(slice: EndpointSliceFact): ServiceBackends {
  const addresses = slice.endpoints.flatMap((endpoint) => endpoint.addresses.map(netOf)).filter((net) => net !== null);
  return {
    endpoints: or(...[...new Set(addresses)].sort().map((cidr): Selector => ({ type: 'cidr', cidr, except: [] }))),
    // A port without a number stands for none.
    ports: slice.ports.filter(({ port }) => port > 0).map(({ port, protocol }) => portMatch(port, protocol)),
  };
}

function backendsOfService(
  service: ServiceFact,
  selector: Readonly<Record<string, string>>,
  context: CalicoContext,
): ServiceBackends {
  const inside: Selector = { type: 'namespace', names: [service.meta.namespace] };
  return {
    endpoints: podPeer(context.env.semantics, and(inside, labelsEqual('pod', selector))),
    ports: service.ports.map(({ port, targetPort, protocol }) =>
      typeof targetPort === 'string'
        ? { type: 'named', protocol, name: targetPort }
        : portMatch(targetPort ?? port, protocol),
    ),
  };
}

const portMatch = (port: number, protocol: Protocol): PortMatch => ({ type: 'range', protocol, from: port, to: port });
