import { parseAddress } from './addresses.js';
import { nameOf, namespaceOf, type OracleCluster, type OracleEndpoint, type OraclePod } from './cluster.js';
import { get, items, labelMap, str } from './fields.js';
import type { Scene } from './network-policy.js';
import { selectorMatches } from './selectors.js';

/** Whatever is asked. */
type InCluster = Pick<Scene, 'cluster'>;

const AROUND = 'traffic.sidecar.istio.io/excludeInboundPorts';
const INTERCEPTION = 'sidecar.istio.io/interceptionMode';

/** How a pod takes part in the mesh. `partly` is a sidecar around which some traffic goes. */
type Membership = 'sidecar' | 'ambient' | 'partly' | 'none';

/** IM-1 to IM-4. A pod that the API server has made (it has a uid) has a sidecar exactly when it has the container. */
export function membership(endpoint: OracleEndpoint, scene: InCluster): Membership {
  if (endpoint.type !== 'pod' || endpoint.hostNetwork || endpoint.labels.get('app') === 'ztunnel') return 'none';
  const namespace = scene.cluster.namespaces.get(endpoint.namespace) ?? new Map<string, string>();
  if (endpoint.containers.includes('istio-proxy') || (!endpoint.isRunning && wantsSidecar(endpoint, namespace))) {
    const isLeftOut = interceptionOf(endpoint, scene) === 'NONE';
    return isLeftOut || endpoint.annotations.has(AROUND) ? 'partly' : 'sidecar';
  }
  const mode = endpoint.labels.get('istio.io/dataplane-mode') ?? namespace.get('istio.io/dataplane-mode');
  return mode === 'ambient' ? 'ambient' : 'none';
}

/** IM-53: what has the address of a WorkloadEntry with an account, as the workload with a sidecar that it is. */
export function asMachine(endpoint: OracleEndpoint, scene: Scene): OracleEndpoint {
  if (endpoint.type !== 'outside') return endpoint;
  const entries = objectsOf('WorkloadEntry', scene);
  const found = entries.find((one) => isAt(endpoint, str(get(one, 'spec', 'address'))));
  const serviceAccount = str(get(found, 'spec', 'serviceAccount'));
  if (serviceAccount === '') return endpoint;
  return {
    type: 'pod',
    namespace: namespaceOf(found),
    name: nameOf(found),
    labels: machineLabels(found),
    serviceAccount,
    addresses: endpoint.addresses,
    hostNetwork: false,
    node: '',
    finished: false,
    ports: [],
    containers: ['istio-proxy'],
    annotations: new Map(),
    isRunning: true,
    isMachine: true,
  };
}

/** IM-62: whether a Service leads a client to workloads outside beside its pods. */
export function leadsToMachines(
  service: unknown,
  client: OraclePod,
  protocol: string,
  cluster: OracleCluster,
): boolean {
  const wanted = get(service, 'spec', 'selector');
  if (protocol !== 'TCP' || wanted === undefined || membership(client, { cluster }) === 'none') return false;
  return objectsOf('WorkloadEntry', { cluster }).some(
    (one) => namespaceOf(one) === namespaceOf(service) && selectorMatches({ matchLabels: wanted }, machineLabels(one)),
  );
}

/** IM-53: what the metadata says comes first. */
export const machineLabels = (entry: unknown): ReadonlyMap<string, string> =>
  new Map([...labelMap(get(entry, 'spec', 'labels')), ...labelMap(get(entry, 'metadata', 'labels'))]);

function isAt({ addresses }: OracleEndpoint, text: string): boolean {
  const wanted = parseAddress(text);
  return addresses.some(({ family, value }) => family === wanted?.family && value === wanted.value);
}

/** The question with machines in the place of their addresses. */
export function withMachines(scene: Scene): Scene {
  const { source, destination } = scene.packet;
  const packet = { ...scene.packet, source: asMachine(source, scene), destination: asMachine(destination, scene) };
  return { ...scene, packet };
}

/** IM-53: ztunnel and whoever is told not to may speak to a machine in plain text. */
export function isStrange(scene: Scene): boolean {
  const { source, destination } = scene.packet;
  if (destination.type !== 'pod' || destination.isMachine === undefined) return false;
  const isTold = (destination.labels.get(TLS_MODE) ?? 'istio') === 'istio';
  return !isTold || membership(source, scene) === 'ambient';
}

const TLS_MODE = 'security.istio.io/tlsMode';

/** IM-4: what the pod says, else what its proxy's settings say, else what the mesh does, which no machine heeds (IM-53). */
function interceptionOf(pod: OraclePod, scene: InCluster): string {
  const { annotations, isMachine } = pod;
  if (isMachine) return '';
  const [, set] = (annotations.get('proxy.istio.io/config') ?? '').split('interceptionMode: ');
  return annotations.get(INTERCEPTION) ?? set ?? configOf(seenBy(pod, scene)).interception;
}

const REVISION = 'istio.io/rev';

/** IM-66: the revision of the control plane that a pod's proxy has. */
function revisionOf(pod: OraclePod, cluster: OracleCluster): string {
  const { objects } = cluster;
  const named = (word: string): string => {
    const tag = (objects.get('MutatingWebhookConfiguration.admissionregistration.k8s.io') ?? []).findLast(
      (one) => str(get(one, 'metadata', 'labels', 'istio.io/tag')) === word,
    );
    return tag === undefined ? word : str(get(tag, 'metadata', 'labels', REVISION));
  };
  const home = cluster.namespaces.get(pod.namespace) ?? new Map<string, string>();
  if (!pod.containers.includes('istio-proxy') && (pod.isRunning || !wantsSidecar(pod, home))) {
    const ztunnel = (objects.get('DaemonSet.apps') ?? []).find((one) => nameOf(one) === 'ztunnel');
    return str(get(ztunnel, 'spec', 'template', 'metadata', 'annotations', REVISION)) || named('default');
  }
  const told = pod.annotations.get(REVISION) ?? pod.labels.get(REVISION);
  if (pod.isRunning && !pod.isMachine && told !== undefined) return told;
  if (home.get('istio-injection') === 'enabled') return named('default');
  return named(home.get(REVISION) ?? pod.labels.get(REVISION) ?? 'default');
}

const wholes = new WeakMap<OracleCluster, OracleCluster>();
const views = new WeakMap<OracleCluster, Map<string, OracleCluster>>();

/** IM-66, IM-67: what is asked, in the cluster as the control plane of a pod's proxy reads it. */
export function seenBy<S extends InCluster>(pod: OracleEndpoint, scene: S): S {
  const whole = wholes.get(scene.cluster) ?? scene.cluster;
  if (pod.type !== 'pod') return { ...scene, cluster: whole };
  const revision = revisionOf(pod, whole);
  const known = views.get(whole) ?? new Map<string, OracleCluster>();
  views.set(whole, known);
  const cluster = known.get(revision) ?? asRead(whole, revision);
  known.set(revision, cluster);
  wholes.set(cluster, whole);
  return { ...scene, cluster };
}

function asRead(whole: OracleCluster, revision: string): OracleCluster {
  const maps = (whole.objects.get('ConfigMap') ?? []).filter((one) => /^istio($|-)/.test(nameOf(one)));
  const own = maps.filter((one) => nameOf(one) === (revision === 'default' ? 'istio' : `istio-${revision}`));
  const read = maps.length < 2 ? maps : own;
  const objects = [...whole.objects].map(([kind, all]) => {
    if (kind === 'ConfigMap') return [kind, read] as const;
    if (!/\.(security|networking)\.istio\.io$/.test(kind)) return [kind, all] as const;
    const isRead = (one: unknown): boolean =>
      [undefined, revision].includes(labelMap(get(one, 'metadata', 'labels')).get(REVISION)) &&
      isLookedInto(namespaceOf(one), { cluster: { ...whole, objects: new Map([['ConfigMap', read]]) } });
    return [kind, all.filter(isRead)] as const;
  });
  return { ...whole, objects: new Map(objects) };
}

/** IM-68. */
export function isLookedInto(namespace: string, scene: InCluster): boolean {
  const { discovery } = configOf(scene);
  if (discovery === null) return true;
  const [key, value] = discovery;
  return scene.cluster.namespaces.get(namespace)?.get(key) === value;
}

function wantsSidecar(pod: OraclePod, namespace: ReadonlyMap<string, string>): boolean {
  const own = pod.labels.get('sidecar.istio.io/inject');
  if (own === 'false' || namespace.get('istio-injection') === 'disabled') return false;
  if (own === 'true' || namespace.get('istio-injection') === 'enabled') return true;
  return namespace.has(REVISION) || pod.labels.has(REVISION);
}

/** IM-20: exact, `x*`, `*x`, or `*` for any that is there. */
export function textMatches(pattern: string, value: string): boolean {
  if (pattern === '*') return value !== '';
  if (pattern.startsWith('*')) return value.endsWith(pattern.slice(1));
  if (pattern.endsWith('*')) return value.startsWith(pattern.slice(0, -1));
  return value === pattern;
}

export interface MeshConfig {
  readonly root: string;
  readonly trustDomain: string | null;
  readonly aliases: readonly string[];
  readonly registryOnly: boolean;
  /** Whether authorizer `outside` is among its providers; null where nobody knows. */
  readonly hasAuthorizer: boolean | null;
  readonly autoMtls: boolean;
  readonly interception: string;
  /** IM-68: a label that namespaces have which are looked into; null for all. */
  readonly discovery: readonly [key: string, value: string] | null;
  /** By kind: `.`, `*` or `~` for objects without `exportTo`. */
  readonly exportTo: Readonly<Record<'Service' | 'DestinationRule', string>>;
}

export function configOf(scene: InCluster): MeshConfig {
  const [map] = scene.cluster.objects.get('ConfigMap') ?? [];
  const everywhere = { Service: '*', DestinationRule: '*' };
  if (map === undefined) {
    return {
      root: 'istio-system',
      trustDomain: null,
      aliases: [],
      registryOnly: false,
      hasAuthorizer: null,
      autoMtls: true,
      interception: '',
      discovery: null,
      exportTo: everywhere,
    };
  }
  const lines = str(get(map, 'data', 'mesh')).split('\n');
  const mesh = new Map(lines.map((line) => line.split(': ') as [string, string]));
  return {
    root: mesh.get('rootNamespace') ?? namespaceOf(map),
    trustDomain: mesh.get('trustDomain') ?? 'cluster.local',
    aliases: lines.filter((line) => line.startsWith('- ') && !line.endsWith(':')).map((line) => line.slice(2)),
    registryOnly: mesh.get('  mode') === 'REGISTRY_ONLY',
    hasAuthorizer: mesh.has('extensionProviders'),
    autoMtls: mesh.get('enableAutoMtls') !== 'false',
    interception: mesh.get('  interceptionMode') ?? '',
    discovery: mesh.has('    team') ? ['team', mesh.get('    team') ?? ''] : null,
    exportTo: {
      Service: mesh.get('defaultServiceExportTo')?.slice(2, 3) ?? '*',
      DestinationRule: mesh.get('defaultDestinationRuleExportTo')?.slice(2, 3) ?? '*',
    },
  };
}

export function oldestFirst(objects: readonly unknown[]): readonly unknown[] {
  const age = (one: unknown): string =>
    `${str(get(one, 'metadata', 'creationTimestamp'))} ${namespaceOf(one)}/${str(get(one, 'metadata', 'name'))}`;
  return [...objects].sort((a, b) => (age(a) < age(b) ? -1 : 1));
}

/** IM-47: whether proxies of a namespace are shown an object that says `targets`. */
export function isExported(targets: readonly string[], home: string, otherwise: string, client: string): boolean {
  const said = targets.length === 0 ? [otherwise] : targets;
  if (said.includes('*')) return true;
  return !said.includes('~') && (said.includes(client) || (said.includes('.') && home === client));
}

/** A host by its whole name: short ones are of the object's namespace. */
export const wholeHost = (host: unknown, home: string): string =>
  /[.*]/.test(str(host)) ? str(host) : `${str(host)}.${home}.svc.cluster.local`;

/** IM-45: whether a VirtualService, or a condition of its rules, is for sidecars. */
export function isOfMesh(holder: unknown): boolean {
  const gateways = items(get(holder, 'gateways'));
  return gateways.length === 0 || gateways.includes('mesh');
}

export type Told = 'yes' | 'no' | 'open';

/** Whether some part makes it so. */
export const ofSome = (parts: readonly Told[]): Told =>
  (['yes', 'open'] as const).find((value) => parts.includes(value)) ?? 'no';

export const objectsOf = (kind: string, scene: InCluster): readonly unknown[] =>
  scene.cluster.objects.get(`${kind}.networking.istio.io`) ?? [];
