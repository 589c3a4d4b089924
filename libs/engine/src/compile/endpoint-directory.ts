import { formatIp, parseIp } from '../net/index.js';
import type { Ip } from '../net/index.js';
import { BLANK_ENDPOINT } from './endpoint.js';
import type { Endpoint } from './endpoint.js';

/** Finds endpoints by the names that people use. */
export class EndpointDirectory {
  readonly #pods = new Map<string, Endpoint>();
  readonly #workloads = new Map<string, Endpoint[]>();
  readonly #workloadNames = new Map<string, Endpoint[]>();
  readonly #namespaces = new Map<string, Endpoint[]>();
  readonly #nodes = new Map<string, Endpoint>();
  readonly #addresses = new Map<string, Endpoint>();

  constructor(endpoints: readonly Endpoint[]) {
    for (const endpoint of endpoints) this.#add(endpoint);
  }

  #add(endpoint: Endpoint): void {
    const { kind, namespace, name, workload } = endpoint;
    if (kind === 'node') this.#nodes.set(name, endpoint);
    else {
      if (!endpoint.hypothetical) this.#pods.set(`${namespace}/${name}`, endpoint);
      push(this.#namespaces, namespace, endpoint);
      if (workload !== null) {
        push(this.#workloads, `${namespace}/${workload.kind}/${workload.name}`, endpoint);
        push(this.#workloadNames, `${namespace}/${workload.name}`, endpoint);
      }
    }
    for (const ip of endpoint.ips) this.#addAddress(formatIp(ip), endpoint);
  }

  /** A node owns the address it shares with its host-network pods; between pods, the first in order. */
  #addAddress(address: string, endpoint: Endpoint): void {
    const known = this.#addresses.get(address);
    if (known === undefined || (known.kind !== 'node' && endpoint.kind === 'node')) {
      this.#addresses.set(address, endpoint);
    }
  }

  pod(namespace: string, name: string): Endpoint | null {
    return this.#pods.get(`${namespace}/${name}`) ?? null;
  }

  /** Every endpoint of a workload; `kind` '' finds it by name alone. Empty when there is none. */
  workload(namespace: string, kind: string, name: string): readonly Endpoint[] {
    if (kind === '') return this.#workloadNames.get(`${namespace}/${name}`) ?? [];
    return this.#workloads.get(`${namespace}/${kind}/${name}`) ?? [];
  }

  namespace(name: string): readonly Endpoint[] {
    return this.#namespaces.get(name) ?? [];
  }

  node(name: string): Endpoint | null {
    return this.#nodes.get(name) ?? null;
  }

  /** The pod or node that owns an address, or null. */
  owner(address: Ip): Endpoint | null {
    return this.#addresses.get(formatIp(address)) ?? null;
  }

  namespaceNames(): readonly string[] {
    return [...this.#namespaces.keys()];
  }

  /** Names a person may have meant: `namespace/name` of pods and workloads. */
  names(): readonly string[] {
    return [...new Set([...this.#workloadNames.keys(), ...this.#pods.keys()])];
  }
}

function push(map: Map<string, Endpoint[]>, key: string, endpoint: Endpoint): void {
  const known = map.get(key);
  if (known === undefined) map.set(key, [endpoint]);
  else known.push(endpoint);
}

/** An endpoint for an address that no pod and no node owns. */
export function externalEndpoint(address: Ip): Endpoint {
  return { ...BLANK_ENDPOINT, kind: 'external', name: formatIp(address), ips: [address] };
}

/** An endpoint for a host name outside the cluster. */
export function hostNameEndpoint(name: string): Endpoint {
  return { ...BLANK_ENDPOINT, kind: 'external', name, hostName: name };
}

/** The endpoint for an address in any accepted form: its owner, else an external endpoint; null for no address. */
export function endpointOfAddress(directory: EndpointDirectory, text: string): Endpoint | null {
  const ip = parseIp(text);
  return ip === null ? null : (directory.owner(ip) ?? externalEndpoint(ip));
}
