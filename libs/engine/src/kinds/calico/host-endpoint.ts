import { and, not, or } from '../../model/index.js';
import type { EndpointKind, Selector } from '../../model/index.js';
import type { CompileEnv } from '../frontend.js';
import { EVERY_INTERFACE, HOST_ENDPOINT, readHostEndpoints } from './host-endpoint.parse.js';
import type { HostEndpoint } from './host-endpoint.parse.js';

/** The hosts of a cluster's host endpoints, and which traffic passes which of them. */
export class HostEndpoints {
  readonly all: readonly HostEndpoint[];
  readonly #nodes: ReadonlySet<string>;
  readonly #kinds: readonly EndpointKind[];

  constructor(env: CompileEnv) {
    this.all = readHostEndpoints(env.aux(HOST_ENDPOINT));
    this.#nodes = new Set(env.nodes.map((node) => node.meta.name));
    this.#kinds = env.semantics.hostPodsAsSubjects ? ['node'] : ['node', 'hostpod'];
  }

  /** The host's own traffic through this interface. (CAL-50, CAL-51) */
  ownTraffic(host: HostEndpoint): Selector {
    const onHost = and({ type: 'kind', kinds: this.#kinds }, { type: 'nodeName', names: [host.node] });
    const own = and(onHost, this.#throughInterface(host));
    if (this.#nodes.has(host.node)) return own;
    // Pods on the network of a host that is no Node of the inventory are known by its name.
    return or(and({ type: 'kind', kinds: ['node'] }, { type: 'endpoint', namespace: '', names: [host.name] }), own);
  }

  /** What workloads on this host send and receive through this interface. (CAL-64) */
  forwardedTraffic(host: HostEndpoint): Selector {
    const pods = podsOn(host);
    if (isEveryInterface(host) && this.#named(host.node).length === 0) return pods;
    return and(pods, { type: 'unknown', why: `which interface of \`${host.node}\` the traffic passes is not known` });
  }

  /** Interfaces that are named take precedence over the one that stands for all of them. */
  #throughInterface(host: HostEndpoint): Selector {
    if (!isEveryInterface(host)) return this.#hasAddress(host);
    return and(...this.#named(host.node).map((named) => not(this.#hasAddress(named))));
  }

  #hasAddress(host: HostEndpoint): Selector {
    if (host.expectedIps.length > 0) {
      return or(...host.expectedIps.map((cidr): Selector => ({ type: 'cidr', cidr, except: [] })));
    }
    return {
      type: 'unknown',
      why: `the addresses of interface \`${host.interfaceName}\` of \`${host.node}\` are not known`,
    };
  }

  #named(node: string): readonly HostEndpoint[] {
    return this.all.filter((host) => host.node === node && !isEveryInterface(host));
  }
}

/** It stands for the interfaces of the host's pods, too. (CAL-66) */
export function isEveryInterface(host: HostEndpoint): boolean {
  return host.interfaceName === EVERY_INTERFACE;
}

/** The workloads of a host. */
export function podsOn(host: HostEndpoint): Selector {
  return and({ type: 'kind', kinds: ['pod'] }, { type: 'nodeName', names: [host.node] });
}
