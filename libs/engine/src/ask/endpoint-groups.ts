import { groupBy, oncePer } from '../base/index.js';
import { firstIn, formatIp } from '../net/index.js';
import type { CompiledSnapshot } from '../compile/compile-snapshot.js';
import type { Endpoint } from '../compile/endpoint.js';
import { relevanceOf, signature } from '../reach/matrix/index.js';
import type { Relevance } from '../reach/matrix/index.js';

/** Endpoints that no policy can tell apart, the first of them to speak for all. */
export interface EndpointGroup {
  readonly members: readonly Endpoint[];
}

/** Whether pods that no policy tells apart stand in one group although they are of several workloads. */
export type Grain = 'workloads' | 'classes';

/** Groups endpoints by everything that a policy of the snapshot looks at, and by node if asked to. Nodes stand alone. */
export function groupEndpoints(
  snapshot: CompiledSnapshot,
  endpoints: readonly Endpoint[],
  byNode: boolean,
  grain: Grain,
): EndpointGroup[] {
  if (endpoints.length === 1) return [{ members: endpoints }];
  const relevance = relevanceIn(snapshot);
  const { unenforcedNodes } = snapshot.enforced.enforcement;
  const keyOf = (endpoint: Endpoint): string => {
    const { kind, namespace, name, node, workload } = endpoint;
    if (kind !== 'pod') return `${kind}/${namespace}/${name}`;
    // The node tells whether the own-node exemption applies and whether a policy agent runs there.
    const place = byNode ? node : unenforcedNodes.has(node);
    const owner = grain === 'classes' || workload === null ? '' : `${workload.kind} ${workload.name}`;
    return JSON.stringify([namespace, signature(endpoint, relevance), place, owner]);
  };
  return grouped(endpoints, keyOf);
}

/** A node as policy sees it in place of a client: by its first address of each family, which are those inside. (SVC-19) */
export const inPlaceOfClients = oncePer((node: Endpoint): Endpoint => {
  const first = [firstIn(4, node.ips), firstIn(6, node.ips)].filter((ip) => ip !== undefined);
  return first.length === node.ips.length ? node : { ...node, ips: first };
});

/** Nodes in groups that no policy tells apart where it sees them in place of clients. */
export const nodeGroups = oncePer((snapshot: CompiledSnapshot): readonly EndpointGroup[] => {
  const relevance = relevanceIn(snapshot);
  // Their names count where a policy speaks of nodes by name or of the same node.
  const nameless = (node: Endpoint): Endpoint => (relevance.nodes ? node : { ...node, node: '' });
  return grouped(snapshot.directory.nodes(), (node) => signature(nameless(inPlaceOfClients(node)), relevance));
});

function grouped(endpoints: readonly Endpoint[], keyOf: (endpoint: Endpoint) => string): EndpointGroup[] {
  return [...groupBy(endpoints, keyOf).values()].map((members) => ({ members }));
}

const relevanceIn = oncePer(({ intended, enforced }: CompiledSnapshot): Relevance =>
  relevanceOf([...intended.sets, ...enforced.sets]),
);

/** The addresses of an endpoint, first IPv4 first. */
export function addressText(endpoint: Endpoint): string {
  const ip = endpoint.ips[0];
  return ip === undefined ? '' : formatIp(ip);
}
