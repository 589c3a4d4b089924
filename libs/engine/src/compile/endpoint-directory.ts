import { pushTo } from '../base/index.js';
import { canonicalIp, formatIp, parseIp } from '../net/index.js';
import type { Ip } from '../net/index.js';
import { BLANK_ENDPOINT, isNoPod } from './endpoint.js';
import type { Endpoint } from './endpoint.js';
import type { EndpointList } from './endpoint-list.js';
import { firstThat } from './first-that.js';

/** Finds the endpoints of a snapshot by the names that people use. Ways that need a table make it when they are first gone. */
export class EndpointDirectory {
  readonly #list: EndpointList;
  #workloads: ReadonlyMap<string, readonly Endpoint[]> | undefined;
  #workloadNames: ReadonlyMap<string, readonly Endpoint[]> | undefined;
  #namespaces: ReadonlyMap<string, readonly Endpoint[]> | undefined;
  #nodes: readonly Endpoint[] | undefined;
  #nodesByName: ReadonlyMap<string, Endpoint> | undefined;
  #addresses: ReadonlyMap<string, Endpoint> | undefined;
  #names: readonly string[] | undefined;

  constructor(list: EndpointList) {
    this.#list = list;
  }

  get #endpoints(): readonly Endpoint[] {
    return this.#list.toArray();
  }

  pod(namespace: string, name: string): Endpoint | null {
    return this.#list.pod(namespace, name);
  }

  /** Every endpoint of a workload; `kind` '' finds it by name alone. Empty when there is none. */
  workload(namespace: string, kind: string, name: string): readonly Endpoint[] {
    if (kind === '') return this.#byWorkloadName().get(`${namespace}/${name}`) ?? [];
    this.#workloads ??= grouped(this.#endpoints, (endpoint) =>
      endpoint.workload === null ? null : `${endpoint.namespace}/${endpoint.workload.kind}/${endpoint.workload.name}`,
    );
    return this.#workloads.get(`${namespace}/${kind}/${name}`) ?? [];
  }

  namespace(name: string): readonly Endpoint[] {
    return this.#byNamespace().get(name) ?? [];
  }

  node(name: string): Endpoint | null {
    this.#nodesByName ??= new Map(this.nodes().map((endpoint) => [endpoint.name, endpoint]));
    return this.#nodesByName.get(name) ?? null;
  }

  nodes(): readonly Endpoint[] {
    return (this.#nodes ??= this.#endpoints.slice(firstThat(this.#endpoints, ({ kind }) => kind === 'node')));
  }

  /** The pod or node that owns an address, or null. */
  owner(address: Ip): Endpoint | null {
    this.#addresses ??= byAddress(this.#endpoints);
    return this.#addresses.get(formatIp(address)) ?? null;
  }

  namespaceNames(): readonly string[] {
    return [...this.#byNamespace().keys()];
  }

  /** Names a person may have meant: `namespace/name` of pods and workloads. */
  names(): readonly string[] {
    return (this.#names ??= [...new Set([...this.#byWorkloadName().keys(), ...this.#podNames()])]);
  }

  #podNames(): readonly string[] {
    const pods = this.#endpoints.slice(0, firstThat(this.#endpoints, isNoPod));
    return pods.map(({ namespace, name }) => `${namespace}/${name}`);
  }

  #byWorkloadName(): ReadonlyMap<string, readonly Endpoint[]> {
    return (this.#workloadNames ??= grouped(this.#endpoints, ({ namespace, workload }) =>
      workload === null ? null : `${namespace}/${workload.name}`,
    ));
  }

  #byNamespace(): ReadonlyMap<string, readonly Endpoint[]> {
    return (this.#namespaces ??= grouped(this.#endpoints, ({ namespace }) => namespace));
  }
}

/** What is no node, by a key; null leaves an endpoint out. */
function grouped(
  endpoints: readonly Endpoint[],
  keyOf: (endpoint: Endpoint) => string | null,
): ReadonlyMap<string, readonly Endpoint[]> {
  const out = new Map<string, Endpoint[]>();
  for (const endpoint of endpoints) {
    const key = endpoint.kind === 'node' ? null : keyOf(endpoint);
    if (key !== null) pushTo(out, key, endpoint);
  }
  return out;
}

/** A node owns the address it shares with its host-network pods; between pods, the first in order. */
function byAddress(endpoints: readonly Endpoint[]): ReadonlyMap<string, Endpoint> {
  const out = new Map<string, Endpoint>();
  for (const endpoint of endpoints) {
    for (const address of endpoint.ips.map(formatIp)) {
      const known = out.get(address);
      if (known === undefined || (known.kind !== 'node' && endpoint.kind === 'node')) out.set(address, endpoint);
    }
  }
  return out;
}

/** An endpoint for an address that no pod and no node owns. */
export function externalEndpoint(address: Ip): Endpoint {
  return { ...BLANK_ENDPOINT, kind: 'external', name: formatIp(address), ips: [address] };
}

/** An endpoint for a host name outside the cluster, in small letters and without a dot at its end. */
export function hostNameEndpoint(written: string): Endpoint {
  const name = written.toLowerCase().replace(/\.$/, '');
  return { ...BLANK_ENDPOINT, kind: 'external', name, hostName: name };
}

/** The endpoint for an address in any accepted form: its owner, else an external endpoint; null for no address. */
export function endpointOfAddress(directory: EndpointDirectory, text: string): Endpoint | null {
  const ip = parseIp(text);
  return ip === null ? null : (directory.owner(ip) ?? externalEndpoint(ip));
}

/** The same; a node has that address alone, since rules about blocks see only the one that is used. */
export function endpointAt(directory: EndpointDirectory, text: string): Endpoint | null {
  const endpoint = endpointOfAddress(directory, text);
  if (endpoint?.kind !== 'node' || endpoint.ips.length < 2) return endpoint;
  const used = canonicalIp(text);
  return { ...endpoint, ips: endpoint.ips.filter((ip) => formatIp(ip) === used) };
}
