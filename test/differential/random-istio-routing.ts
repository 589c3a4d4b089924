import type { Manifest } from './random-cluster.js';
import { randomBlock } from './random-selector.js';
import type { RandomSource } from './random-source.js';
import { ACCOUNTS, KEYS, METHODS, NAMESPACES, PATHS, PORTS, SERVICES, VALUES } from './random-words.js';

/** What an object says of whom it is shown to; most say nothing. */
export function exported(random: RandomSource): string[] {
  if (random.chance(0.7)) return [];
  return random.pick([['.'], ['~'], ['*'], random.some(NAMESPACES, 1, 2), ['.', random.pick(NAMESPACES)]]);
}

/** In some namespace, the root one too, and of some age: of two alike the older one may count. */
export function aged(random: RandomSource, name: string, namespaces: readonly string[]): object {
  return {
    name,
    namespace: random.pick([...namespaces, 'istio-system']),
    creationTimestamp: `2026-01-0${random.between(1, 4)}T00:00:00Z`,
  };
}

/** What a client's proxy sees, and whether it refuses the rest. */
export function sidecar(random: RandomSource, index: number, namespaces: readonly string[]): Manifest {
  const host = (): string => {
    const home = random.pick(namespaces);
    const whole = `${random.pick(SERVICES)}.${home}.svc.cluster.local`;
    return random.pick([
      './*',
      '*/*',
      '~/*',
      `${home}/*`,
      `${home}/${whole}`,
      `*/${whole}`,
      `./${whole}`,
      `*/*.${home}.svc.cluster.local`,
    ]);
  };
  const listener = (): object => ({
    hosts: random.several(1, 2, host),
    ...(random.chance(0.3)
      ? { port: { number: random.pick([80, 443]), protocol: random.pick(['HTTP', 'TCP', 'TCP', 'HTTP_PROXY']) } }
      : {}),
    ...(random.chance(0.05) ? { bind: '127.0.0.1' } : {}),
    ...(random.chance(0.05) ? { captureMode: random.pick(['NONE', 'IPTABLES']) } : {}),
  });
  const chosen = { workloadSelector: { labels: { [random.pick(KEYS)]: random.pick(VALUES) } } };
  const mode = random.pick(['REGISTRY_ONLY', 'REGISTRY_ONLY', 'ALLOW_ANY', '', null]);
  return {
    apiVersion: 'networking.istio.io/v1',
    kind: 'Sidecar',
    metadata: aged(random, `sidecar-${index}`, namespaces),
    spec: {
      ...(random.chance(0.4) ? chosen : {}),
      ...(random.chance(0.8) ? { egress: random.several(1, 3, listener) } : {}),
      ...(mode === null ? {} : { outboundTrafficPolicy: mode === '' ? {} : { mode } }),
    },
  };
}

const MESH_OWN = ['ISTIO_MUTUAL', 'ISTIO_MUTUAL'];

/** How clients speak to a Service. */
export function destinationRule(random: RandomSource, index: number, namespaces: readonly string[]): Manifest {
  const [name, home] = [random.pick(SERVICES), random.pick(namespaces)];
  const whole = `${name}.${home}.svc.cluster.local`;
  const host = random.pick([whole, whole, name, `*.${home}.svc.cluster.local`, '*.local', '*']);
  const tls = (): object => {
    const mode = random.pick(['DISABLE', 'DISABLE', 'SIMPLE', 'MUTUAL', null, ...MESH_OWN, ...MESH_OWN]);
    const secret = mode === 'MUTUAL' && random.chance(0.5) ? { credentialName: 'own' } : {};
    return mode === null ? {} : { tls: { mode, ...secret } };
  };
  const settings = random.chance(0.3)
    ? { portLevelSettings: random.some(PORTS, 1, 3).map((number) => ({ port: { number }, ...tls() })) }
    : {};
  const exportTo = exported(random).filter((one) => one !== '~');
  const chosen = { workloadSelector: { matchLabels: { [random.pick(KEYS)]: random.pick(VALUES) } } };
  return {
    apiVersion: 'networking.istio.io/v1',
    kind: 'DestinationRule',
    metadata: aged(random, `rule-${index}`, [...namespaces, home]),
    spec: {
      host,
      ...(random.chance(0.85) ? { trafficPolicy: { ...tls(), ...settings } } : {}),
      ...(random.chance(0.15) ? chosen : {}),
      ...(random.chance(0.4)
        ? {
            subsets: [
              {
                name: 'v1',
                labels: { [random.pick(KEYS)]: random.pick(VALUES) },
                ...(random.chance(0.3) ? { trafficPolicy: { ...tls(), ...settings } } : {}),
              },
            ],
          }
        : {}),
      ...(exportTo.length === 0 ? {} : { exportTo }),
    },
  };
}

/** A rule of a VirtualService: for whom or what it is, and where it leads. */
function routeRule(random: RandomSource, section: string): object {
  const destination = (): object => {
    const [name, home] = [random.pick(SERVICES), random.pick(NAMESPACES)];
    const port = random.chance(0.1) ? { port: { number: random.pick([80, 81]) } } : {};
    const subset = random.chance(0.3) ? { subset: 'v1' } : {};
    return { host: random.pick([name, name, `${name}.${home}.svc.cluster.local`]), ...subset, ...port };
  };
  const asks = {
    http: [
      { uri: { prefix: '/' } },
      { uri: { prefix: random.pick(PATHS) } },
      { uri: { [random.pick(['exact', 'regex'])]: random.pick(PATHS) } },
      { method: { [random.pick(['exact', 'prefix'])]: random.pick([...METHODS, 'P']) } },
      { method: { exact: random.pick(METHODS) }, uri: { prefix: random.pick(PATHS) } },
      { headers: { team: { exact: 'a' } } },
    ],
    tls: [{ sniHosts: ['shop.example.org'] }],
    tcp: [{ destinationSubnets: ['10.0.0.0/8'] }],
  }[section] ?? [{}];
  const matches = [...asks, { port: random.pick([80, 81]) }, { sourceNamespace: 'red' }, { gateways: ['edge'] }];
  const own = section === 'tls' ? { sniHosts: ['shop.example.org'] } : {};
  const match = (): object => ({ ...random.pick(matches), ...own });
  const route = (): object => ({ destination: destination(), weight: random.pick([0, 50]) });
  const mirror = section === 'http' && random.chance(0.2) ? { mirror: destination() } : {};
  return {
    ...(section === 'tls' || random.chance(0.5) ? { match: random.several(1, 2, match) } : {}),
    ...(section === 'http' && random.chance(0.1) ? { redirect: { uri: '/' } } : { route: random.several(1, 2, route) }),
    ...mirror,
  };
}

/** What may bring a Service into the sight of sidecars. */
export function virtualService(random: RandomSource, index: number, namespaces: readonly string[]): Manifest {
  const metadata = { name: `routes-${index}`, namespace: random.pick(namespaces) };
  const name = random.pick(SERVICES);
  const home = random.pick(namespaces);
  const host = (): string =>
    random.pick(['a.example.org', name, `${name}.${home}.svc.cluster.local`, `*.${home}.svc.cluster.local`]);
  const exportTo = exported(random);
  const gateways = random.pick([{}, {}, { gateways: ['mesh'] }, { gateways: ['edge'] }]);
  const sections = random.some(['http', 'http', 'tcp', 'tls'], 0, 3);
  const spec = {
    hosts: random.several(1, 2, host),
    ...gateways,
    ...(exportTo.length === 0 ? {} : { exportTo }),
    ...Object.fromEntries(sections.map((section) => [section, random.several(1, 3, () => routeRule(random, section))])),
  };
  return { apiVersion: 'networking.istio.io/v1', kind: 'VirtualService', metadata, spec };
}

/** Machines outside that are of the mesh, each with an address of its own; `more` makes labels for one. */
export function workloadEntries(
  random: RandomSource,
  namespaces: readonly string[],
  addresses: readonly string[],
  more: () => object,
): Manifest[] {
  const outside = addresses.filter((address) => !address.includes('/'));
  return random.some(outside, 0, 2).map((address, index): Manifest => {
    const some = (): object =>
      Object.fromEntries(random.some(KEYS, 0, KEYS.length).map((key) => [key, random.pick(VALUES)]));
    const isMember = random.chance(0.85);
    const tlsMode = random.pick(['istio', 'disabled']);
    const mode = isMember && random.chance(0.15) ? { 'security.istio.io/tlsMode': tlsMode } : {};
    return {
      apiVersion: 'networking.istio.io/v1',
      kind: 'WorkloadEntry',
      metadata: {
        name: `machine-${index}`,
        namespace: random.pick(namespaces),
        labels: { ...(random.chance(0.5) ? some() : {}), ...more() },
      },
      spec: {
        address,
        labels: { ...some(), ...mode },
        ...(isMember ? { serviceAccount: random.pick(ACCOUNTS) } : {}),
        ...(random.chance(0.3) ? { ports: { tcp: random.pick(PORTS) } } : {}),
      },
    };
  });
}

/** What sidecars may let go outside. */
export function serviceEntry(
  random: RandomSource,
  index: number,
  namespace: string,
  addresses: readonly string[],
): Manifest {
  const exportTo = exported(random);
  const resolution = random.pick(['NONE', 'NONE', 'DNS', 'STATIC', null]);
  const outside = addresses.filter((address) => !address.includes('/'));
  const endpoint = (): object => ({
    address: random.pick(outside),
    ...(random.chance(0.3) ? { ports: { tcp: random.pick(PORTS) } } : {}),
  });
  const ends = random.chance(0.8)
    ? { endpoints: random.several(1, 2, endpoint) }
    : { workloadSelector: { labels: { [random.pick(KEYS)]: random.pick(VALUES) } } };
  const port = (number: number): object => ({
    number,
    name: 'tcp',
    protocol: random.pick(['TCP', 'TCP', 'TLS', 'HTTP']),
    ...(random.chance(0.15) ? { targetPort: random.pick(PORTS) } : {}),
  });
  return {
    apiVersion: 'networking.istio.io/v1',
    kind: 'ServiceEntry',
    metadata: { name: `entry-${index}`, namespace },
    spec: {
      hosts: [random.pick(['a.example.org', 'api.example.org', '*.example.org'])],
      ports: random.some(PORTS, 1, 3).map(port),
      ...(random.chance(0.4) ? { addresses: [randomBlock(random, addresses)] } : {}),
      ...(resolution === null ? {} : { resolution }),
      ...(resolution === 'STATIC' && outside.length > 0 ? ends : {}),
      ...(exportTo.length === 0 ? {} : { exportTo }),
    },
  };
}
