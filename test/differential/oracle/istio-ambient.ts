import { type OraclePod } from './cluster.js';
import { get, items, labelMap, nonEmpty, str } from './fields.js';
import { GATEWAY_API, GATEWAY_NAME, gatewayAt } from './gateways.js';
import { membership, withMachines } from './istio-mesh.js';
import { type Scene } from './network-policy.js';
import { networkPolicyVerdict } from './network-policy-verdict.js';
import { selectorMatches } from './selectors.js';
import { serviceAt } from './services.js';

const HBONE = 15008;

/** The waypoint that an object or else its namespace names, as `namespace/name`; null for none. */
function waypointOf(own: ReadonlyMap<string, string>, namespace: string, scene: Scene): string | null {
  const labels = own.has('istio.io/use-waypoint') ? own : scene.cluster.namespaces.get(namespace);
  const name = labels?.get('istio.io/use-waypoint');
  if (name === undefined || name === 'none') return null;
  return `${labels?.get('istio.io/use-waypoint-namespace') ?? namespace}/${name}`;
}

/** IM-57: whether the listener for the mesh lets a namespace use the waypoint. */
function mayUse(namespace: string, gateway: unknown, scene: Scene): boolean {
  if (gateway === undefined) return true;
  const ofMesh = items(get(gateway, 'spec', 'listeners')).find(
    (one) => str(get(one, 'protocol')) === 'HBONE' && get(one, 'port') === HBONE,
  );
  const allowed = get(ofMesh, 'allowedRoutes', 'namespaces');
  const labels = scene.cluster.namespaces.get(namespace) ?? new Map<string, string>();
  switch (str(get(allowed, 'from'))) {
    case 'All':
      return true;
    case 'Selector':
      return selectorMatches(get(allowed, 'selector'), labels);
    default:
      return namespace === str(get(gateway, 'metadata', 'namespace'));
  }
}

/** IM-57: pods that serve a Gateway are behind none. */
function servesGateway({ labels, namespace }: OraclePod, scene: Scene): boolean {
  const name = labels.get(GATEWAY_NAME);
  return name !== undefined && gatewayAt(GATEWAY_API, namespace, name, scene.cluster) !== undefined;
}

/** IM-36: whether a waypoint ends the connection on its way, so that nobody can tell what becomes of it. */
export function takesDetour(asked: Scene): boolean {
  const scene = withMachines(asked);
  const { source, destination, protocol, service } = scene.packet;
  const { cluster } = scene;
  if (protocol !== 'TCP' || destination.type !== 'pod' || source.type !== 'pod') return false;
  if (membership(source, scene) === 'none') return false;
  // There is an ambient mesh where the containers of some pod, as they run, make it a part of one.
  if (!cluster.pods.some((pod) => membership({ ...pod, isRunning: true }, scene) === 'ambient')) return false;
  const ways: (readonly [string | null, string])[] = [
    [
      servesGateway(destination, scene) ? null : waypointOf(destination.labels, destination.namespace, scene),
      'workload',
    ],
  ];
  const [home = '', ofService = ''] = (service ?? '').split('/');
  const found = serviceAt(home, ofService, cluster);
  if (found !== undefined && home === destination.namespace) {
    const labels = labelMap(get(found, 'metadata', 'labels'));
    if (labels.get('gateway.istio.io/managed') !== 'istio.io-mesh-controller')
      ways.push([waypointOf(labels, destination.namespace, scene), 'service']);
  }
  return ways.some(([waypoint, traffic]) => {
    if (waypoint === null) return false;
    const [namespace = '', name = ''] = waypoint.split('/');
    const gateway = gatewayAt(GATEWAY_API, namespace, name, cluster);
    if (!mayUse(destination.namespace, gateway, scene)) return false;
    const takes = str(get(gateway, 'metadata', 'labels', 'istio.io/waypoint-for')) || 'service';
    const isOwn = source.namespace === namespace && source.labels.get(GATEWAY_NAME) === name;
    return !isOwn && (takes === traffic || takes === 'all');
  });
}

/** IM-35, IM-69: the ports that the CNI may see of the connection. */
function portsSeen(scene: Scene): readonly (number | null)[] {
  const { source, destination, protocol, port } = scene.packet;
  if (protocol !== 'TCP') return [port];
  const client = membership(source, scene);
  const server = membership(destination, scene);
  if (client === 'ambient' && (server === 'ambient' || server === 'sidecar'))
    return [scene.conventions.meshNamesPorts ? port : HBONE];
  return client === 'sidecar' && server === 'ambient' ? [port, HBONE] : [port];
}

/** What NetworkPolicy says of the packets that the CNI may see; empty when none isolates the subject. */
export function carriedNetworkPolicyVerdicts(scene: Scene): ReadonlySet<'allow' | 'deny'> {
  const verdicts = portsSeen(scene).map((port) =>
    networkPolicyVerdict({ ...scene, packet: { ...scene.packet, port } }),
  );
  return nonEmpty(verdicts.flatMap((verdict) => (verdict === 'open' ? (['allow', 'deny'] as const) : verdict)));
}
