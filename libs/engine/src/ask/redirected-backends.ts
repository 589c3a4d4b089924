import type { ServiceFact, ServicePort } from '../model/index.js';
import type { CompiledSnapshot } from '../compile/compile-snapshot.js';
import type { Endpoint } from '../compile/endpoint.js';
import type { Area, Backend } from './backend.js';
import { hasRedirects, redirectedPort } from './local-redirect.js';

/** Who of a Service or an address leads whom where, after redirects to pods on the client's node. */
export interface Led {
  readonly backends: readonly Backend[];
  /** The clients whom redirects spare. */
  readonly spared: readonly Endpoint[];
  /** The policies that redirect, as `namespace/name`. */
  readonly by: readonly string[];
}

/** The backends of some ports of a Service as redirects leave them, and add to them. */
export function withRedirects(
  snapshot: CompiledSnapshot,
  service: ServiceFact,
  ports: readonly ServicePort[],
  backends: readonly Backend[],
): Led {
  if (!hasRedirects(snapshot)) return { backends, spared: [], by: [] };
  const by = new Set<string>();
  const spared = new Set<Endpoint>();
  const led = ports.flatMap((port): readonly Backend[] => {
    const own = backends.filter(({ servicePort }) => servicePort === port.port);
    const redirected = redirectedPort(snapshot, service, port);
    if (redirected === null) return own;
    for (const name of redirected.by) by.add(name);
    for (const pod of redirected.spared) spared.add(pod);
    const there = redirected.pods.map((pod) => ({ servicePort: port.port, ...pod }));
    return [...leftFor(redirected.others, own), ...there];
  });
  return { backends: led, spared: [...spared], by: [...by] };
}

/** What some areas are still led to. */
export function leftFor<T extends Pick<Backend, 'areas'>>(
  others: ReadonlySet<Area>,
  backends: readonly T[],
): readonly T[] {
  return backends.flatMap((backend) => {
    const { areas } = backend;
    const left = areas === undefined ? others : new Set([...others].filter((area) => areas.has(area)));
    return left.size === 0 ? [] : [{ ...backend, areas: left }];
  });
}
