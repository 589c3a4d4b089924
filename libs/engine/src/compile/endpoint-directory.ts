import { finish } from '../base/index.js';
import { formatIp, parseIp } from '../net/index.js';
import type { Ip } from '../net/index.js';
import { BLANK_ENDPOINT } from './endpoint.js';
import type { Endpoint } from './endpoint.js';

/** Finds endpoints by the names that people use. Each way to find them is made ready when it is first gone. */
export class EndpointDirectory {
  readonly #endpoints: readonly Endpoint[];
  #pods: ReadonlyMap<string, Endpoint> | undefined;
  #workloads: ReadonlyMap<string, readonly Endpoint[]> | undefined;
  #workloadNames: ReadonlyMap<string, readonly Endpoint[]> | undefined;
  #namespaces: ReadonlyMap<string, readonly Endpoint[]> | undefined;
  #nodes: ReadonlyMap<string, Endpoint> | undefined;
  #addresses: ReadonlyMap<string, Endpoint> | undefined;
  #names: readonly string[] | undefined;

  constructor(endpoints: readonly Endpoint[]) {
    this.#endpoints = endpoints;
  }

  /** Goes the way that most are found by for the first time. It may pause at each null. */
  *readying(): Generator<null, void> {
    this.#pods ??= yield* podsByName(this.#endpoints);
  }

  pod(namespace: string, name: string): Endpoint | null {
    return this.#byPod().get(`${namespace}/${name}`) ?? null;
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
    this.#nodes ??= new Map(
      this.#endpoints.filter(({ kind }) => kind === 'node').map((endpoint) => [endpoint.name, endpoint]),
    );
    return this.#nodes.get(name) ?? null;
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
    return (this.#names ??= [...new Set([...this.#byWorkloadName().keys(), ...this.#byPod().keys()])]);
  }

  #byPod(): ReadonlyMap<string, Endpoint> {
    return (this.#pods ??= finish(podsByName(this.#endpoints)));
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

/** Endpoints between which there may be a pause. */
const ENDPOINTS_A_STEP = 1_000;

function* podsByName(endpoints: readonly Endpoint[]): Generator<null, ReadonlyMap<string, Endpoint>> {
  const out = new Map<string, Endpoint>();
  for (const [i, endpoint] of endpoints.entries()) {
    if (i % ENDPOINTS_A_STEP === 0) yield null;
    const { kind, namespace, name, hypothetical } = endpoint;
    if (kind !== 'node' && !hypothetical) out.set(`${namespace}/${name}`, endpoint);
  }
  return out;
}

/** What is no node, by a key; null leaves an endpoint out. */
function grouped(
  endpoints: readonly Endpoint[],
  keyOf: (endpoint: Endpoint) => string | null,
): ReadonlyMap<string, readonly Endpoint[]> {
  const out = new Map<string, Endpoint[]>();
  for (const endpoint of endpoints) {
    const key = endpoint.kind === 'node' ? null : keyOf(endpoint);
    if (key === null) continue;
    const known = out.get(key);
    if (known === undefined) out.set(key, [endpoint]);
    else known.push(endpoint);
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

/** An endpoint for a host name outside the cluster. */
export function hostNameEndpoint(name: string): Endpoint {
  return { ...BLANK_ENDPOINT, kind: 'external', name, hostName: name };
}

/** The endpoint for an address in any accepted form: its owner, else an external endpoint; null for no address. */
export function endpointOfAddress(directory: EndpointDirectory, text: string): Endpoint | null {
  const ip = parseIp(text);
  return ip === null ? null : (directory.owner(ip) ?? externalEndpoint(ip));
}
