import { field, list, text } from '../../base/index.js';
import type { Json } from '../../base/index.js';
import { and, not, or } from '../../model/index.js';
import type { AuxFact, ContainerPort, EndpointKind, Labels, Selector } from '../../model/index.js';
import type { CompileEnv } from '../frontend.js';
import { calicoMeta } from './calico-meta.js';
import { netOf } from './fields.parse.js';
import { knownProtocol } from './ports.parse.js';

export const HOST_ENDPOINT = 'HostEndpoint.projectcalico.org';
const EVERY_INTERFACE = '*';

export type NamedPort = Pick<ContainerPort, 'name' | 'protocol' | 'port'>;

/** An interface of a host that policy applies to, or all of the host's that belong to no workload. */
export interface HostEndpoint {
  readonly name: string;
  readonly node: string;
  /** `*`, an interface's name, or '' when `expectedIPs` names it. */
  readonly interfaceName: string;
  /** As blocks of one address. */
  readonly expectedIps: readonly string[];
  readonly labels: Labels;
  readonly profiles: readonly string[];
  /** What names of ports mean at its addresses. */
  readonly ports: readonly NamedPort[];
}

export function readHostEndpoint(fact: AuxFact): HostEndpoint {
  const spec = field(fact.raw, 'spec');
  const { labels } = calicoMeta(fact.meta);
  return {
    name: fact.meta.name,
    node: text(field(spec, 'node')),
    interfaceName: text(field(spec, 'interfaceName')),
    expectedIps: list(field(spec, 'expectedIPs'))
      .map((ip) => netOf(text(ip)))
      .filter((ip) => ip !== null),
    labels,
    profiles: list(field(spec, 'profiles')).map(text),
    ports: list(field(spec, 'ports')).flatMap(readNamedPort),
  };
}

function readNamedPort(raw: Json): readonly NamedPort[] {
  const port = field(raw, 'port');
  const protocol = knownProtocol(field(raw, 'protocol') ?? 'TCP');
  return typeof port === 'number' && protocol !== null ? [{ name: text(field(raw, 'name')), protocol, port }] : [];
}

/** The hosts of a cluster's host endpoints, and which traffic passes which of them. */
export class HostEndpoints {
  readonly all: readonly HostEndpoint[];
  readonly #nodes: ReadonlySet<string>;
  readonly #kinds: readonly EndpointKind[];

  constructor(env: CompileEnv) {
    this.all = env.aux(HOST_ENDPOINT).map(readHostEndpoint);
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
