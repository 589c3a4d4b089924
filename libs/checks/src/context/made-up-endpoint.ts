import { BLANK_ENDPOINT, formatIp, NO_LABELS, oncePer, parseCidr, shapeEndpoint } from '#engine';
import type { CompiledSnapshot, Endpoint, Ip, Labels } from '#engine';

/** A pod that nobody has made yet: what happens to the next workload of a namespace. */
export function newPod(snapshot: CompiledSnapshot, namespace: string, labels: Labels = NO_LABELS): Endpoint {
  const shape = {
    labels,
    annotations: NO_LABELS,
    serviceAccount: 'default',
    hostNetwork: false,
    ports: [],
    containers: [],
  };
  const endpoint = shapeEndpoint(shape, namespace, 'a new pod', snapshot.index);
  return { ...endpoint, ips: unusedPodAddress(snapshot), hypothetical: true };
}

/** A pod of a namespace that nobody has named, without labels: who it may be is anyone. */
export function strangerPod(snapshot: CompiledSnapshot): Endpoint {
  return {
    ...BLANK_ENDPOINT,
    kind: 'pod',
    name: 'any pod of any namespace',
    ips: unusedPodAddress(snapshot),
    hypothetical: true,
  };
}

/** An address that the next pod may get; none when the nodes do not tell their blocks. */
const unusedPodAddress = oncePer(({ index, directory }: CompiledSnapshot): readonly Ip[] => {
  const blocks = index.nodes.flatMap((node) => node.podCidrs).map(parseCidr);
  const block = blocks.find((cidr) => cidr !== null && cidr.to - cidr.from > 8n) ?? null;
  // The last address is the broadcast address; the search ends at once in any cluster with room for a pod.
  for (let value = (block?.to ?? 0n) - 1n; block !== null && value > block.from; value--) {
    const ip: Ip = { family: block.family, value };
    if (directory.owner(ip) === null) return [ip];
  }
  return [];
});

/** What reports call an endpoint: `shop/web-1`, `node n1`, an address, `a new pod of shop with app=web`. */
export function endpointName(endpoint: Endpoint): string {
  if (endpoint.kind === 'node') return `node ${endpoint.name}`;
  if (endpoint.kind === 'external') return endpoint.hostName || endpoint.ips.map(formatIp).join();
  if (endpoint.namespace === '') return endpoint.name;
  if (!endpoint.hypothetical || endpoint.workload !== null) return `${endpoint.namespace}/${endpoint.name}`;
  const labels = Object.entries(endpoint.labels).map(([key, value]) => `${key}=${value}`);
  return `${endpoint.name} of ${endpoint.namespace}${labels.length === 0 ? '' : ` with ${labels.join()}`}`;
}
