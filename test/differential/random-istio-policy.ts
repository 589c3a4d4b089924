import type { Manifest } from './random-cluster.js';
import {
  aged,
  destinationRule,
  exported,
  serviceEntry,
  sidecar,
  virtualService,
  workloadEntries,
} from './random-istio-routing.js';
import { randomBlock } from './random-selector.js';
import type { RandomSource } from './random-source.js';
import {
  ACCOUNTS,
  HTTP_HOSTS,
  KEYS,
  METHODS,
  NAMESPACES,
  PATHS,
  PORT_NAMES,
  PORTS,
  SERVICES,
  VALUES,
} from './random-words.js';

const AROUND = { 'traffic.sidecar.istio.io/excludeInboundPorts': '80' };
const INTERCEPTION = 'sidecar.istio.io/interceptionMode';
const PROXY_CONFIG = 'proxy.istio.io/config';

const REVISION = 'istio.io/rev';
/** Of control planes, the last one a tag where there is one by that name. */
const REVISIONS = ['default', 'new', 'steady'] as const;

const GATEWAYS = ['way', 'front'] as const;
const GATEWAY_NAME = 'gateway.networking.k8s.io/gateway-name';

/** Labels of what goes through a waypoint. */
export function usesWaypoint(random: RandomSource, chance: number): Record<string, string> {
  if (!random.chance(chance)) return {};
  const elsewhere: Record<string, string> = random.chance(0.3)
    ? { 'istio.io/use-waypoint-namespace': random.pick(NAMESPACES) }
    : {};
  return { 'istio.io/use-waypoint': random.pick([...GATEWAYS, 'none']), ...elsewhere };
}

interface Meta {
  readonly labels?: object;
  readonly annotations?: object;
}

/** The manifest as a part of a mesh: some namespaces and pods ask for it, and some pods that run have a sidecar. */
export function inMesh(random: RandomSource, manifest: Manifest): Manifest {
  const metadata = manifest['metadata'] as Meta;
  const labelled = (more: object): object => ({ ...metadata, labels: { ...metadata.labels, ...more } });
  if (manifest['kind'] === 'Namespace') {
    const ambient = { 'istio.io/dataplane-mode': 'ambient' };
    const revision = random.chance(0.6) ? { [REVISION]: random.pick(REVISIONS) } : { 'istio-injection': 'enabled' };
    const mode = random.pick([revision, revision, ambient, ambient, {}]);
    return { ...manifest, metadata: labelled({ ...mode, ...usesWaypoint(random, 0.4) }) };
  }
  if (manifest['kind'] !== 'Pod') return manifest;
  let changed = metadata as object;
  if (random.chance(0.15)) changed = labelled({ 'istio.io/dataplane-mode': random.pick(['ambient', 'none']) });
  else if (random.chance(0.15)) changed = labelled({ 'sidecar.istio.io/inject': random.pick(['true', 'false']) });
  const labels = {
    ...usesWaypoint(random, 0.1),
    ...(random.chance(0.03) ? { app: 'ztunnel' } : {}),
    ...(random.chance(0.1) ? { [GATEWAY_NAME]: random.pick(GATEWAYS) } : {}),
  };
  changed = { ...changed, labels: { ...(changed as Meta).labels, ...labels } };
  if (random.chance(0.1)) changed = { ...changed, annotations: AROUND };
  else if (random.chance(0.08)) {
    const mode = random.pick(['NONE', 'TPROXY']);
    const own = random.chance(0.5) ? { [INTERCEPTION]: mode } : { [PROXY_CONFIG]: `interceptionMode: ${mode}` };
    changed = { ...changed, annotations: own };
  }
  if (!random.chance(0.4)) return { ...manifest, metadata: changed };
  const spec = manifest['spec'] as { containers: readonly object[] };
  const proxy = random.chance(0.5) ? [{ name: 'istio-proxy', image: 'example/proxy' }] : [];
  if (random.chance(0.15)) {
    const told = { [REVISION]: random.pick(REVISIONS) };
    const { labels: had, annotations } = changed as Meta;
    changed = random.chance(0.5)
      ? { ...changed, annotations: { ...annotations, ...told } }
      : { ...changed, labels: { ...had, ...told } };
  }
  const uid = `uid-${random.between(0, 1_000_000)}`;
  return {
    ...manifest,
    metadata: { ...changed, uid },
    spec: { ...spec, containers: [...spec.containers, ...proxy] },
  };
}

const trustDomain = (random: RandomSource): string =>
  random.pick(['cluster.local', 'other.example', 'old.example', '*.example', '*old.example', 'other*']);

function principal(random: RandomSource, namespaces: readonly string[]): string {
  const namespace = random.pick(namespaces);
  const account = random.pick(ACCOUNTS);
  return random.pick([
    '*',
    `cluster.local/ns/${namespace}/sa/${account}`,
    `cluster.local/ns/${namespace}/*`,
    `cluster.local/ns/${namespace}/sa/*`,
    `cluster.local/ns/${namespace.slice(0, 1)}*`,
    `*/sa/${account}`,
    `${trustDomain(random)}/ns/${namespace}/sa/${account}`,
    `${trustDomain(random)}/ns/${namespace}/*`,
  ]);
}

const port = (random: RandomSource): string => String(random.pick(PORTS));

/** Values of one field of a source, operation or condition. */
function values(
  random: RandomSource,
  field: string,
  namespaces: readonly string[],
  addresses: readonly string[],
): string[] {
  const one = (): string => {
    switch (field) {
      case 'principals':
        return principal(random, namespaces);
      case 'namespaces':
        return random.pick([random.pick(namespaces), 'g*', '*e', '*', '*a', '*sa', 'g*n', 'd*/sa']);
      case 'trustDomains':
        return random.pick(['*', trustDomain(random)]);
      case 'serviceAccounts':
        return random.chance(0.5) ? random.pick(ACCOUNTS) : `${random.pick(namespaces)}/${random.pick(ACCOUNTS)}`;
      case 'ipBlocks':
      case 'remoteIpBlocks':
        return random.chance(0.3) ? random.pick(addresses) : randomBlock(random, addresses);
      case 'methods':
        return random.pick([...METHODS, 'G*', '*']);
      case 'paths':
        return random.pick([...PATHS, '/api*', '*/api', '*', '/api/{*}', '/{**}/api', '/{*}/api']);
      case 'hosts':
        return random.pick([...HTTP_HOSTS, '*.example.org', 'SHOP.*', 'shop.*', '*']);
      default:
        return port(random);
    }
  };
  return [...new Set(random.several(1, 2, one))];
}

function part(
  random: RandomSource,
  fields: readonly string[],
  namespaces: readonly string[],
  addresses: readonly string[],
): Record<string, unknown> {
  const out: Record<string, unknown> = {};
  for (const field of random.some(fields, 1, 2)) {
    const name = random.chance(0.3) ? `not${field.charAt(0).toUpperCase()}${field.slice(1)}` : field;
    out[name] = values(random, field, namespaces, addresses);
  }
  return out;
}

const CONDITIONS: Readonly<Record<string, string>> = {
  'source.ip': 'ipBlocks',
  'source.namespace': 'namespaces',
  'source.principal': 'principals',
  'source.serviceAccount': 'serviceAccounts',
  'source.trustDomain': 'trustDomains',
  'remote.ip': 'remoteIpBlocks',
  'destination.ip': 'ipBlocks',
  'destination.port': 'ports',
};

function condition(
  random: RandomSource,
  namespaces: readonly string[],
  addresses: readonly string[],
): Record<string, unknown> {
  const key = random.pick(Object.keys(CONDITIONS));
  const name = random.chance(0.3) ? 'notValues' : 'values';
  return { key, [name]: values(random, CONDITIONS[key] as string, namespaces, addresses) };
}

function rule(
  random: RandomSource,
  namespaces: readonly string[],
  addresses: readonly string[],
): Record<string, unknown> {
  const sources = random.chance(0.3)
    ? ['serviceAccounts', 'trustDomains', 'ipBlocks', 'remoteIpBlocks']
    : ['principals', 'namespaces', 'trustDomains', 'ipBlocks'];
  const operations = random.chance(0.5) ? ['ports', 'methods', 'paths', 'hosts'] : ['ports'];
  const operation = (fields: readonly string[]): object => ({ operation: part(random, fields, namespaces, addresses) });
  return {
    ...(random.chance(0.6)
      ? { from: random.several(1, 2, () => ({ source: part(random, sources, namespaces, addresses) })) }
      : {}),
    ...(random.chance(0.5) ? { to: random.several(1, 2, () => operation(operations)) } : {}),
    // Beside what is of requests, what is of connections.
    ...(random.chance(0.15) ? { to: [operation(['ports']), operation(['methods', 'paths'])] } : {}),
    ...(random.chance(0.3) ? { when: random.several(1, 2, () => condition(random, namespaces, addresses)) } : {}),
  };
}

const selector = (random: RandomSource): object => ({
  selector: { matchLabels: { [random.pick(KEYS)]: random.pick(VALUES) } },
});

/** A selector without labels. */
const noSelector = (random: RandomSource): object => ({ selector: random.pick([{}, { matchLabels: {} }]) });

const TARGETS = [
  { group: 'gateway.networking.k8s.io', kind: 'Gateway' },
  { group: 'gateway.networking.k8s.io', kind: 'GatewayClass' },
  { group: 'networking.istio.io', kind: 'Gateway' },
  { group: '', kind: 'Service' },
] as const;

/** Everything in reach, some of it by label, or what serves a gateway. */
function scope(random: RandomSource): object {
  if (random.chance(0.15)) {
    return { targetRefs: random.several(1, 2, () => ({ ...random.pick(TARGETS), name: random.pick(GATEWAYS) })) };
  }
  if (random.chance(0.5)) return selector(random);
  return random.chance(0.3) ? noSelector(random) : {};
}

/** Who may use a waypoint. */
function listeners(random: RandomSource): object[] {
  const from = random.pick(['All', 'All', 'Same', 'Selector']);
  const selector = {
    matchLabels: random.pick([{ 'istio-injection': 'enabled' }, { 'istio.io/dataplane-mode': 'ambient' }]),
  };
  const namespaces = from === 'Selector' ? { from, selector } : { from };
  const ofMesh = {
    name: 'mesh',
    port: 15008,
    protocol: 'HBONE',
    ...(random.chance(0.8) ? { allowedRoutes: { namespaces } } : {}),
  };
  const other = { name: 'other', port: 15009, protocol: 'HBONE', allowedRoutes: { namespaces: { from: 'All' } } };
  return random.pick([[ofMesh], [other, ofMesh], [other], []]);
}

function gateway(random: RandomSource, name: string, namespace: string): Manifest {
  const takes = random.pick(['all', 'service', 'workload', 'none', null]);
  return {
    apiVersion: 'gateway.networking.k8s.io/v1',
    kind: 'Gateway',
    metadata: {
      name,
      namespace,
      ...(takes === null ? {} : { labels: { 'istio.io/waypoint-for': takes } }),
    },
    spec: { gatewayClassName: random.pick(['istio-waypoint', 'istio']), listeners: listeners(random) },
  };
}

function istioGateway(random: RandomSource, name: string, namespace: string): Manifest {
  const metadata = { name, namespace };
  const tls = random.pick([{}, { tls: { mode: random.pick(['SIMPLE', 'ISTIO_MUTUAL']) } }]);
  const servers = [{ port: { number: 80, name: 'http', protocol: 'HTTP' }, hosts: ['*'], ...tls }];
  const spec = { selector: { [random.pick(KEYS)]: random.pick(VALUES) }, servers };
  return { apiVersion: 'networking.istio.io/v1', kind: 'Gateway', metadata, spec };
}

function service(random: RandomSource, name: string, namespace: string): Manifest {
  const exportTo = exported(random).join(', ');
  const kept = exportTo === '' ? {} : { annotations: { 'networking.istio.io/exportTo': exportTo } };
  const managed = random.chance(0.1) ? { 'gateway.istio.io/managed': 'istio.io-mesh-controller' } : {};
  const spoken = random.pick([
    {},
    { name: 'http' },
    { name: 'tcp-a' },
    { name: 'tls' },
    { name: 'a', appProtocol: 'grpc' },
  ]);
  const target = (): object =>
    random.pick([{}, {}, {}, { targetPort: 80 }, { targetPort: 8080 }, { targetPort: random.pick(PORT_NAMES) }]);
  const more = random.chance(0.3) ? [{ name: random.pick(['http-b', 'tcp-b', 'other']), port: 81, ...target() }] : [];
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name, namespace, labels: { ...usesWaypoint(random, 0.5), ...managed }, ...kept },
    spec: {
      ...(random.chance(0.7) ? { selector: { [random.pick(KEYS)]: random.pick(VALUES) } } : {}),
      ports: [{ port: 80, ...(more.length > 0 ? { name: 'first' } : {}), ...spoken, ...target() }, ...more],
    },
  };
}

function authorization(
  random: RandomSource,
  index: number,
  namespaces: readonly string[],
  addresses: readonly string[],
): Manifest {
  const action = random.pick(['ALLOW', 'ALLOW', 'ALLOW', 'DENY', 'DENY', 'AUDIT', 'CUSTOM']);
  return {
    apiVersion: 'security.istio.io/v1',
    kind: 'AuthorizationPolicy',
    metadata: {
      name: `authz-${index}`,
      namespace: random.pick([...namespaces, 'istio-system']),
      ...(random.chance(0.05) ? { annotations: { 'istio.io/dry-run': 'true' } } : {}),
    },
    spec: {
      ...(action === 'ALLOW' && random.chance(0.5) ? {} : { action }),
      ...(action === 'CUSTOM' ? { provider: { name: 'outside' } } : {}),
      ...scope(random),
      ...(random.chance(0.1) ? {} : { rules: random.several(1, 3, () => rule(random, namespaces, addresses)) }),
    },
  };
}

const peerAuthentication = (metadata: object, spec: object): Manifest => ({
  apiVersion: 'security.istio.io/v1',
  kind: 'PeerAuthentication',
  metadata,
  spec,
});

const MODES = ['UNSET', 'DISABLE', 'PERMISSIVE', 'STRICT', 'STRICT'] as const;

function authentication(random: RandomSource, index: number, namespaces: readonly string[]): Manifest {
  const chosen = random.chance(0.5);
  const ports = random.some(PORTS, 0, 2).map((number) => [number, { mode: random.pick(MODES) }]);
  return peerAuthentication(aged(random, `mtls-${index}`, namespaces), {
    ...(chosen ? selector(random) : random.chance(0.2) ? noSelector(random) : {}),
    ...(random.chance(0.8) ? { mtls: { mode: random.pick(MODES) } } : {}),
    ...(chosen && ports.length > 0 ? { portLevelMtls: Object.fromEntries(ports) as object } : {}),
  });
}

/** A mesh that is strict, where a policy with ports stands in some namespace, half of the time beside one without a mode. */
function strictMesh(random: RandomSource, namespaces: readonly string[]): Manifest[] {
  const namespace = random.pick(namespaces);
  const mtls = random.pick([{}, { mtls: { mode: random.pick(['DISABLE', 'PERMISSIVE']) } }]);
  const ports = random.some(PORTS, 1, 2).map((number) => [number, { mode: random.pick(MODES) }]);
  return [
    peerAuthentication({ name: 'strict', namespace: 'istio-system' }, { mtls: { mode: 'STRICT' } }),
    ...(random.chance(0.5) ? [peerAuthentication({ name: 'silent', namespace }, {})] : []),
    peerAuthentication(
      { name: 'of-ports', namespace },
      { ...selector(random), ...mtls, portLevelMtls: Object.fromEntries(ports) as object },
    ),
  ];
}

/** Mesh policies of both kinds; half of the meshes tell their configuration. */
export function randomIstioObjects(
  random: RandomSource,
  namespaces: readonly string[],
  addresses: readonly string[],
): Manifest[] {
  const out = [
    ...random.several(0, 4, (index) => authorization(random, index, namespaces, addresses)),
    ...random.several(0, 3, (index) => authentication(random, index, namespaces)),
    ...(random.chance(0.35) ? strictMesh(random, namespaces) : []),
    ...namespaces.flatMap((namespace) => random.some(GATEWAYS, 0, 2).map((name) => gateway(random, name, namespace))),
    ...random.some(namespaces, 0, 2).map((namespace) => istioGateway(random, random.pick(GATEWAYS), namespace)),
    ...namespaces.flatMap((namespace) => random.some(SERVICES, 1, 2).map((name) => service(random, name, namespace))),
    ...random.several(0, 2, (index) => sidecar(random, index, namespaces)),
    ...random.several(0, 8, (index) => destinationRule(random, index, namespaces)),
    ...random.several(0, 2, (index) => serviceEntry(random, index, random.pick(namespaces), addresses)),
    ...random.several(0, 3, (index) => virtualService(random, index, namespaces)),
    ...workloadEntries(random, namespaces, addresses, () => usesWaypoint(random, 0.3)),
  ];
  const names = random.pick([[], ['istio'], ['istio-new'], ['istio', 'istio-new'], ['istio', 'istio-new']]);
  for (const name of names) {
    const data = { mesh: meshLines(random, namespaces).join('\n') };
    out.push({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace: 'istio-system' }, data });
  }
  for (const tag of random.some(['steady', 'default'], 0, random.pick([0, 2]))) {
    const labels = { 'istio.io/tag': tag, [REVISION]: random.pick(['default', 'new']) };
    const metadata = { name: `istio-revision-tag-${tag}`, labels };
    out.push({ apiVersion: 'admissionregistration.k8s.io/v1', kind: 'MutatingWebhookConfiguration', metadata });
  }
  if (random.chance(0.2)) out.push(ztunnel(random));
  return out.map((one) => (random.chance(0.1) ? ofRevision(random, one) : one));
}

/** An object of Istio that is for one control plane. */
function ofRevision(random: RandomSource, manifest: Manifest): Manifest {
  const ofIstio = /^(security|networking)\.istio\.io\//.test(String(manifest['apiVersion']));
  if (!ofIstio || manifest['kind'] === 'WorkloadEntry') return manifest;
  const metadata = manifest['metadata'] as Meta;
  return { ...manifest, metadata: { ...metadata, labels: { ...metadata.labels, [REVISION]: random.pick(REVISIONS) } } };
}

function ztunnel(random: RandomSource): Manifest {
  const annotations = random.chance(0.7) ? { [REVISION]: random.pick(REVISIONS) } : {};
  const spec = { containers: [{ name: 'istio-proxy', image: 'example/ztunnel' }] };
  const template = { metadata: { labels: { app: 'ztunnel' }, annotations }, spec };
  return {
    apiVersion: 'apps/v1',
    kind: 'DaemonSet',
    metadata: { name: 'ztunnel', namespace: 'istio-system' },
    spec: { selector: { matchLabels: { app: 'ztunnel' } }, template },
  };
}

/** What a control plane is told. */
function meshLines(random: RandomSource, namespaces: readonly string[]): readonly string[] {
  return [
    ...(random.chance(0.5) ? [`rootNamespace: ${random.pick(namespaces)}`] : []),
    ...(random.chance(0.5) ? ['trustDomain: other.example'] : []),
    ...(random.chance(0.15) ? ['enableAutoMtls: false'] : []),
    ...(random.chance(0.5)
      ? ['extensionProviders: [{name: outside, envoyExtAuthzGrpc: {service: a.example.org, port: 9000}}]']
      : []),
    ...(random.chance(0.1) ? ['defaultConfig:', `  interceptionMode: ${random.pick(['NONE', 'TPROXY'])}`] : []),
    ...(random.chance(0.3) ? ['outboundTrafficPolicy:', '  mode: REGISTRY_ONLY'] : []),
    ...random
      .some(['defaultServiceExportTo', 'defaultDestinationRuleExportTo'], 0, 2)
      .map((key) => `${key}: ["${random.pick(['.', '*', '*'])}"]`),
    ...(random.chance(0.15) ? ['discoverySelectors:', '- matchLabels:', `    team: ${random.pick(VALUES)}`] : []),
    ...(random.chance(0.5) ? ['trustDomainAliases:', '- old.example', '- older.example'] : []),
  ];
}
