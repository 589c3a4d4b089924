import type { Manifest } from './random-cluster.js';
import { usesWaypoint } from './random-istio-policy.js';
import type { RandomSource } from './random-source.js';
import { KEYS, NAMESPACES, PORT_NAMES, PORTS, PROTOCOLS, SERVICES, VALUES } from './random-words.js';

interface PodManifest {
  readonly metadata: { readonly name: string; readonly namespace: string };
  readonly spec: { readonly nodeName: string };
  readonly status: {
    readonly phase: string;
    readonly podIP?: string;
    readonly podIPs: readonly { readonly ip: string }[];
  };
}

const isLive = ({ status }: PodManifest): boolean => status.podIP !== undefined && status.phase === 'Running';

/** The pods that run and have an address, some of them ready and some not, among the rest of an inventory. */
export function livePods(random: RandomSource, inventory: readonly Manifest[]): readonly Manifest[] {
  return inventory.flatMap((manifest) => {
    if (manifest['kind'] !== 'Pod') return [manifest];
    if (!isLive(manifest as unknown as PodManifest)) return [];
    if (random.chance(0.5)) return [manifest];
    const conditions = [{ type: 'Ready', status: random.pick(['True', 'True', 'False', 'Unknown']) }];
    return [{ ...manifest, status: { ...(manifest['status'] as object), conditions } }];
  });
}

/** Ports with names of their own, each number once in a protocol. */
function ports(random: RandomSource): object[] {
  const names = random.chance(0.5) ? ['p0', 'p1', 'p2'] : random.shuffled(PORT_NAMES);
  return random.some(PORTS, 1, 3).map((port, index) => {
    const target = random.pick([null, random.pick(PORTS), random.pick(PORT_NAMES), random.pick(PORT_NAMES)]);
    const protocol = random.chance(0.6) ? {} : { protocol: random.pick(PROTOCOLS) };
    return { name: names[index], port, ...protocol, ...(target === null ? {} : { targetPort: target }) };
  });
}

const CONDITIONS = [
  { ready: true },
  { ready: false },
  { ready: false, terminating: true },
  { ready: false, serving: true, terminating: true },
  { ready: false, serving: false, terminating: true },
];

const HINTS = [{ forZones: [{ name: 'z1' }] }, { forNodes: [{ name: 'node-1' }] }];

const OUTSIDE = { IPv4: ['8.8.8.8', '10.0.9.1'], IPv6: ['2001:db8::8', 'fd00:9::1'] } as const;

/** A slice of one family that leads to pods by name, to whoever has an address, or to addresses outside. */
function slice(random: RandomSource, service: Manifest, index: number, pods: readonly PodManifest[]): Manifest {
  const { name, namespace } = service['metadata'] as { name: string; namespace: string };
  const named = (service['spec'] as { ports: readonly { name: string; protocol?: string }[] }).ports;
  const addressType = random.chance(0.75) ? 'IPv4' : 'IPv6';
  const endpoint = (): object => {
    const pod = random.pick(pods);
    const own = pod.status.podIPs.find(({ ip }) => ip.includes(':') === (addressType === 'IPv6'))?.ip;
    const isNear = own !== undefined && pod.metadata.namespace === namespace && random.chance(0.7);
    const address = own === undefined || random.chance(0.2) ? random.pick(OUTSIDE[addressType]) : own;
    return {
      addresses: [address],
      ...(random.chance(0.8) ? { nodeName: pod.spec.nodeName } : {}),
      ...(random.chance(0.6) ? { conditions: random.pick(CONDITIONS) } : {}),
      ...(random.chance(0.2) ? { hints: random.pick(HINTS) } : {}),
      ...(isNear ? { addresses: [own], targetRef: { kind: 'Pod', name: pod.metadata.name } } : {}),
    };
  };
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { name: `${name}-${index}`, namespace, labels: { 'kubernetes.io/service-name': name } },
    addressType,
    ports: random.some(named, 1, named.length).map((port) => ({
      name: port.name,
      protocol: port.protocol ?? 'TCP',
      port: random.pick(PORTS),
    })),
    endpoints: random.several(0, 3, endpoint),
  };
}

const ADDRESSES = [['10.96.0.7'], ['fd00:96::7'], ['10.96.0.7', 'fd00:96::7']].map((clusterIPs) => ({ clusterIPs }));

/** Which of the ready endpoints a client gets, which is no matter of whom it may reach (SVC-6). */
const PREFERENCES = [
  { trafficDistribution: 'PreferClose' },
  { trafficDistribution: 'PreferSameNode' },
  { sessionAffinity: 'ClientIP' },
];

function alias(random: RandomSource, name: string, namespace: string): Manifest {
  const externalName = `${random.pick(SERVICES)}.${random.pick(NAMESPACES)}.svc.cluster.local`;
  const spec = { type: 'ExternalName', externalName };
  return { apiVersion: 'v1', kind: 'Service', metadata: { name, namespace }, spec };
}

/** Services of all sorts in each of some namespaces, with slices or without. */
export function randomServices(random: RandomSource, inventory: readonly Manifest[]): readonly Manifest[] {
  const pods = inventory.filter((one) => one['kind'] === 'Pod') as unknown as PodManifest[];
  return [...new Set(pods.map((pod) => pod.metadata.namespace))].flatMap((namespace) =>
    SERVICES.flatMap((name): Manifest[] => {
      if (random.chance(0.15)) return [alias(random, name, namespace)];
      const selector = random.chance(0.9) ? { selector: { [random.pick(KEYS)]: random.pick(VALUES) } } : {};
      const service: Manifest = {
        apiVersion: 'v1',
        kind: 'Service',
        metadata: { name, namespace, labels: usesWaypoint(random, 0.1) },
        spec: {
          ...selector,
          ...random.pick([{}, { clusterIP: 'None' }, { type: 'NodePort' }, { type: 'LoadBalancer' }, ...ADDRESSES]),
          ...(random.chance(0.2) ? { publishNotReadyAddresses: true } : {}),
          ...(random.chance(0.2) ? { internalTrafficPolicy: 'Local' } : {}),
          ...(random.chance(0.2) ? random.pick(PREFERENCES) : {}),
          ports: ports(random),
        },
      };
      const slices = random.chance(0.4) ? random.several(1, 2, (index) => slice(random, service, index, pods)) : [];
      return [service, ...slices];
    }),
  );
}
