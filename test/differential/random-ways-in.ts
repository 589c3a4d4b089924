import type { Manifest } from './random-cluster.js';
import type { RandomSource } from './random-source.js';
import { NAMESPACE_KEYS, NAMESPACES, PORT_NAMES, PORTS, SERVICES, VALUES } from './random-words.js';

const GATEWAYS = ['gate', 'door'] as const;
const HOSTS = ['a.example.org', 'b.a.example.org', '*.example.org', '*.a.example.org', 'other.org'] as const;
const ROUTES = ['HTTPRoute', 'GRPCRoute', 'TLSRoute', 'TCPRoute', 'UDPRoute'] as const;
const LISTENERS = ['HTTP', 'HTTPS', 'TLS', 'TCP', 'UDP'] as const;
const SECTIONS = ['main', 'more'] as const;
const GROUP = 'gateway.networking.k8s.io';

interface Meta {
  readonly name: string;
  readonly namespace: string;
  readonly labels?: object;
}

const metaOf = (manifest: Manifest): Meta => manifest['metadata'] as Meta;
const specOf = (manifest: Manifest): object => manifest['spec'] ?? {};

/**
 * Pods of an inventory, some of which mostly serve Ingress objects and some a Gateway, and some of whose ports are open at
 * the host.
 */
export function withDoors(random: RandomSource, inventory: readonly Manifest[]): readonly Manifest[] {
  const isServed = random.chance(0.7);
  const first = inventory.find(({ kind }) => kind === 'Pod');
  return inventory.map((manifest) => {
    if (manifest['kind'] !== 'Pod') return manifest;
    const serves =
      isServed && (manifest === first || random.chance(0.3))
        ? { 'app.kubernetes.io/name': random.pick(['ingress-nginx', 'traefik']) }
        : random.chance(0.2)
          ? { [`${GROUP}/gateway-name`]: random.pick(GATEWAYS) }
          : {};
    const { labels = {}, ...meta } = metaOf(manifest);
    const spec = specOf(manifest) as { containers: readonly { ports?: readonly object[] }[] };
    const containers = spec.containers.map((container) => ({
      ...container,
      ports: (container.ports ?? []).map((port) => ({ ...port, ...hostPort(random) })),
    }));
    const before = random.chance(0.2) ? { initContainers: [initContainer(random)] } : {};
    return {
      ...manifest,
      metadata: { ...meta, labels: { ...labels, ...serves } },
      spec: { ...spec, ...before, containers },
    };
  });
}

/** One that ends, or goes on beside the pod. */
function initContainer(random: RandomSource): object {
  const goesOn = random.chance(0.5) ? { restartPolicy: 'Always' } : {};
  return {
    name: 'before',
    image: 'i',
    ports: [{ containerPort: random.pick(PORTS), hostPort: random.pick(PORTS) }],
    ...goesOn,
  };
}

function hostPort(random: RandomSource): object {
  if (random.chance(0.8)) return {};
  const hostIP = random.chance(0.3) ? { hostIP: random.pick(['127.0.0.1', '::1', '0.0.0.0', '10.0.9.1']) } : {};
  return { hostPort: random.pick(PORTS), ...hostIP };
}

/** A Service that is open to the outside, mostly. */
export function published(random: RandomSource, service: Manifest): Manifest {
  const spec = specOf(service) as { ports?: readonly object[]; type?: string };
  if (service['kind'] !== 'Service' || spec.type === 'ExternalName') return service;
  const type = random.chance(0.7) ? { type: random.pick(['NodePort', 'LoadBalancer', 'LoadBalancer']) } : {};
  const ports = (spec.ports ?? []).map((port, index) =>
    random.chance(0.8) ? { ...port, nodePort: 30_000 + index } : port,
  );
  const policy = random.chance(0.4) ? { externalTrafficPolicy: 'Local', healthCheckNodePort: 32_000 } : {};
  const external = random.chance(0.3) ? { externalIPs: ['198.51.100.7'] } : {};
  const ranges = random.chance(0.3)
    ? { loadBalancerSourceRanges: random.some(['8.8.8.0/24', '10.0.0.0/8', '2001:db8::/32'], 1, 2) }
    : {};
  return { ...service, spec: { ...spec, ...type, ports, ...policy, ...external, ...ranges } };
}

const CLASSES = ['inner', 'outer'] as const;
const CONTROLLERS = ['k8s.io/ingress-nginx', 'traefik.io/ingress-controller', 'of-ours.example/controller'] as const;

/** Classes of Ingress objects, some of them defaults. */
function classes(random: RandomSource): readonly Manifest[] {
  return random.some(CLASSES, 1, 2).map((name): Manifest => {
    const annotations = { 'ingressclass.kubernetes.io/is-default-class': random.chance(0.4) ? 'true' : 'false' };
    const metadata = { name, annotations };
    const spec = { controller: random.pick(CONTROLLERS) };
    return { apiVersion: 'networking.k8s.io/v1', kind: 'IngressClass', metadata, spec };
  });
}

/** Ingress and Route objects with their classes, Gateways, their routes and grants, in some namespaces. */
export function randomDoors(random: RandomSource, namespaces: readonly string[]): readonly Manifest[] {
  const made = <T extends Manifest>(kind: string, apiVersion: string, spec: () => object): T[] =>
    random.several(1, 2, (index): T => {
      const metadata = { name: `${kind.toLowerCase()}-${index}`, namespace: random.pick(namespaces) };
      return { apiVersion, kind, metadata, spec: spec() } as unknown as T;
    });
  const gateways = GATEWAYS.map((name): Manifest => {
    const metadata = { name, namespace: random.pick(namespaces) };
    const listeners = SECTIONS.map((section) => listener(random, section));
    return { apiVersion: `${GROUP}/v1`, kind: 'Gateway', metadata, spec: { listeners } };
  });
  return [
    ...classes(random),
    ...made('Ingress', 'networking.k8s.io/v1', () => ingress(random)),
    ...made('Route', 'route.openshift.io/v1', () => route(random)),
    ...gateways,
    ...ROUTES.flatMap((kind) => made(kind, versionOf(kind), () => gatewayRoute(random, kind, gateways))),
    ...made('ReferenceGrant', `${GROUP}/v1beta1`, () => grant(random, namespaces)),
  ];
}

const versionOf = (kind: string): string => `${GROUP}/${['TCPRoute', 'UDPRoute'].includes(kind) ? 'v1alpha2' : 'v1'}`;

function ingress(random: RandomSource): object {
  const backend = (): object => {
    const port = random.chance(0.7)
      ? { number: random.pick(PORTS) }
      : { name: random.pick(['p0', 'p1', ...PORT_NAMES]) };
    return { service: { name: random.pick(SERVICES), port } };
  };
  const paths = random.several(1, 3, () => ({ path: '/', backend: backend() }));
  const named = random.chance(0.7) ? { ingressClassName: random.pick([...CLASSES]) } : {};
  return { rules: [{ http: { paths } }], ...(random.chance(0.5) ? { defaultBackend: backend() } : {}), ...named };
}

function route(random: RandomSource): object {
  const to = (): object => ({
    kind: 'Service',
    name: random.pick(SERVICES),
    ...(random.chance(0.3) ? { weight: random.pick([0, 0, 100]) } : {}),
  });
  const port = random.chance(0.5) ? { port: { targetPort: random.pick([...PORTS, 'p0', 'p1']) } } : {};
  return { to: to(), alternateBackends: random.several(0, 2, to), ...port };
}

function listener(random: RandomSource, name: string): object {
  const chosen = { matchLabels: { [random.pick(NAMESPACE_KEYS)]: random.pick(VALUES) } };
  const namespaces = random.pick([
    { from: 'All' },
    { from: 'All' },
    { from: 'Same' },
    { from: 'Selector', selector: chosen },
  ]);
  const kinds = random.chance(0.2) ? { kinds: [{ kind: random.pick(ROUTES) }] } : {};
  return {
    name,
    port: random.pick(PORTS),
    protocol: random.pick(LISTENERS),
    ...(random.chance(0.4) ? { hostname: random.pick(HOSTS) } : {}),
    ...(random.chance(0.8) ? { allowedRoutes: { namespaces, ...kinds } } : {}),
  };
}

function gatewayRoute(random: RandomSource, kind: string, gateways: readonly Manifest[]): object {
  const backend = (): object => ({
    name: random.pick(SERVICES),
    port: random.pick(PORTS),
    ...(random.chance(0.4) ? { namespace: random.pick(NAMESPACES) } : {}),
    ...(random.chance(0.3) ? { weight: random.pick([0, 0, 1]) } : {}),
  });
  const speaksHttp = kind === 'HTTPRoute' || kind === 'GRPCRoute';
  const filters = (): object =>
    speaksHttp && random.chance(0.3)
      ? { filters: [{ type: 'RequestMirror', requestMirror: { backendRef: backend() } }] }
      : {};
  const parents = random.several(1, 2, () => {
    const { name, namespace } = metaOf(random.pick(gateways));
    return { name, namespace, ...(random.chance(0.2) ? { sectionName: random.pick(SECTIONS) } : {}) };
  });
  const rules = random.several(1, 2, () => ({
    backendRefs: random.several(1, 2, () => ({ ...backend(), ...filters() })),
    ...filters(),
  }));
  const hostnames = kind.startsWith('TCP') || kind.startsWith('UDP') || random.chance(0.6);
  return { parentRefs: parents, rules, ...(hostnames ? {} : { hostnames: random.some(HOSTS, 1, 2) }) };
}

function grant(random: RandomSource, namespaces: readonly string[]): object {
  const from = ROUTES.map((kind) => ({ group: GROUP, kind, namespace: random.pick(namespaces) }));
  const name = random.chance(0.3) ? { name: random.pick(SERVICES) } : {};
  return { from: random.some(from, 2, from.length), to: [{ group: '', kind: 'Service', ...name }] };
}
