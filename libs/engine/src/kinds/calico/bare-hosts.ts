import type { AuxFact } from '../../model/index.js';
import { readHostEndpoints } from './host-endpoint.parse.js';

/** A host outside the cluster that Calico polices all the same. */
export interface BareHost {
  /** The host endpoint's name. */
  readonly name: string;
  readonly node: string;
  /** Canonical addresses. */
  readonly addresses: readonly string[];
}

/** Host endpoints of hosts that are no nodes of the cluster: each is an endpoint by its own name. (CAL-56) */
export function bareHosts(hostEndpoints: readonly AuxFact[], nodes: ReadonlySet<string>): readonly BareHost[] {
  return readHostEndpoints(hostEndpoints)
    .filter((host) => !nodes.has(host.node))
    .map(({ name, node, expectedIps }) => ({
      name,
      node,
      addresses: expectedIps.map((net) => net.slice(0, net.indexOf('/'))),
    }));
}
