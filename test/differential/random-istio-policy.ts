import type { Manifest } from './random-cluster.js';
import { randomBlock } from './random-selector.js';
import type { RandomSource } from './random-source.js';
import { ACCOUNTS, HTTP_HOSTS, KEYS, METHODS, PATHS, PORTS, VALUES } from './random-words.js';

const AROUND = { 'traffic.sidecar.istio.io/excludeInboundPorts': '80' };

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
    return { ...manifest, metadata: labelled(random.pick([{ 'istio-injection': 'enabled' }, ambient, ambient, {}])) };
  }
  if (manifest['kind'] !== 'Pod') return manifest;
  let changed = metadata as object;
  if (random.chance(0.15)) changed = labelled({ 'istio.io/dataplane-mode': random.pick(['ambient', 'none']) });
  else if (random.chance(0.15)) changed = labelled({ 'sidecar.istio.io/inject': random.pick(['true', 'false']) });
  if (random.chance(0.1)) changed = { ...changed, annotations: AROUND };
  if (!random.chance(0.4)) return { ...manifest, metadata: changed };
  const spec = manifest['spec'] as { containers: readonly object[] };
  const proxy = random.chance(0.5) ? [{ name: 'istio-proxy', image: 'example/proxy' }] : [];
  const uid = `uid-${random.between(0, 1_000_000)}`;
  return {
    ...manifest,
    metadata: { ...changed, uid },
    spec: { ...spec, containers: [...spec.containers, ...proxy] },
  };
}

function principal(random: RandomSource, namespaces: readonly string[]): string {
  const namespace = random.pick(namespaces);
  const account = random.pick(ACCOUNTS);
  return random.pick([
    '*',
    `cluster.local/ns/${namespace}/sa/${account}`,
    `cluster.local/ns/${namespace}/*`,
    `cluster.local/ns/${namespace.slice(0, 1)}*`,
    `*/sa/${account}`,
    `other.example/ns/${namespace}/sa/${account}`,
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
        return random.pick([random.pick(namespaces), 'g*', '*e', '*']);
      case 'serviceAccounts':
        return random.chance(0.5) ? random.pick(ACCOUNTS) : `${random.pick(namespaces)}/${random.pick(ACCOUNTS)}`;
      case 'ipBlocks':
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
  const sources = random.chance(0.3) ? ['serviceAccounts', 'ipBlocks'] : ['principals', 'namespaces', 'ipBlocks'];
  const operations = random.chance(0.5) ? ['ports', 'methods', 'paths', 'hosts'] : ['ports'];
  return {
    ...(random.chance(0.6)
      ? { from: random.several(1, 2, () => ({ source: part(random, sources, namespaces, addresses) })) }
      : {}),
    ...(random.chance(0.5)
      ? { to: random.several(1, 2, () => ({ operation: part(random, operations, namespaces, addresses) })) }
      : {}),
    ...(random.chance(0.3) ? { when: random.several(1, 2, () => condition(random, namespaces, addresses)) } : {}),
  };
}

const selector = (random: RandomSource): object => ({
  selector: { matchLabels: { [random.pick(KEYS)]: random.pick(VALUES) } },
});

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
      ...(random.chance(0.5) ? selector(random) : {}),
      ...(random.chance(0.1) ? {} : { rules: random.several(1, 3, () => rule(random, namespaces, addresses)) }),
    },
  };
}

const MODES = ['UNSET', 'DISABLE', 'PERMISSIVE', 'STRICT', 'STRICT'] as const;

function authentication(random: RandomSource, index: number, namespaces: readonly string[]): Manifest {
  const chosen = random.chance(0.5);
  const ports = random.some(PORTS, 0, 2).map((number) => [number, { mode: random.pick(MODES) }]);
  return {
    apiVersion: 'security.istio.io/v1',
    kind: 'PeerAuthentication',
    metadata: {
      name: `mtls-${index}`,
      namespace: random.pick([...namespaces, 'istio-system']),
      creationTimestamp: `2026-01-0${random.between(1, 4)}T00:00:00Z`,
    },
    spec: {
      ...(chosen ? selector(random) : {}),
      ...(random.chance(0.8) ? { mtls: { mode: random.pick(MODES) } } : {}),
      ...(chosen && ports.length > 0 ? { portLevelMtls: Object.fromEntries(ports) as object } : {}),
    },
  };
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
  ];
  if (random.chance(0.5)) {
    const lines = [
      ...(random.chance(0.5) ? [`rootNamespace: ${random.pick(namespaces)}`] : []),
      ...(random.chance(0.5) ? ['trustDomain: other.example'] : []),
    ];
    const metadata = { name: 'istio', namespace: 'istio-system' };
    out.push({ apiVersion: 'v1', kind: 'ConfigMap', metadata, data: { mesh: lines.join('\n') } });
  }
  return out;
}
