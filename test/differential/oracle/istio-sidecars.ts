import type { OraclePod } from './cluster.js';
import { nameOf, namespaceOf } from './cluster.js';
import { get, has, items, labelMap, str } from './fields.js';
import { configOf, GATEWAY_NAME, membership, oldestFirst, textMatches } from './istio-mesh.js';
import type { Scene } from './network-policy.js';
import { selectorMatches } from './selectors.js';
import { serviceAt } from './services.js';

type Verdict = 'allow' | 'deny' | 'unknown';

const objectsOf = (kind: string, scene: Scene): readonly unknown[] =>
  scene.cluster.objects.get(`${kind}.networking.istio.io`) ?? [];

const podsWanted = (sidecar: unknown): ReadonlyMap<string, string> =>
  labelMap(get(sidecar, 'spec', 'workloadSelector', 'labels'));

/** IM-43: the one that chooses the pod, else that of its namespace, else that of the root namespace. */
function sidecarFor(client: OraclePod, scene: Scene): unknown {
  const all = oldestFirst(objectsOf('Sidecar', scene));
  const whole = (namespace: string): unknown =>
    all.find((one) => namespaceOf(one) === namespace && podsWanted(one).size === 0);
  const chosen = all.find(
    (one) =>
      namespaceOf(one) === client.namespace &&
      podsWanted(one).size > 0 &&
      selectorMatches({ matchLabels: get(one, 'spec', 'workloadSelector', 'labels') }, client.labels),
  );
  return chosen ?? whole(client.namespace) ?? whole(configOf(scene).root);
}

/** IM-43: whether the pod serves a gateway. */
function isGateway(pod: OraclePod, scene: Scene): boolean {
  const isChosen = objectsOf('Gateway', scene).some((one) =>
    selectorMatches({ matchLabels: get(one, 'spec', 'selector') }, pod.labels),
  );
  return pod.labels.has(GATEWAY_NAME) || isChosen;
}

/** IM-44: whether the client's sidecar sees a Service. */
function seesService(sidecar: unknown, service: unknown, client: OraclePod): 'yes' | 'no' | 'open' {
  const home = namespaceOf(service);
  const isKept = has(get(service, 'metadata', 'annotations'), 'networking.istio.io/exportTo');
  const listeners = items(get(sidecar, 'spec', 'egress'));
  if (listeners.length === 0) return isKept ? 'open' : 'yes';
  const host = `${nameOf(service)}.${home}.svc.cluster.local`;
  const naming = listeners.filter((listener) =>
    items(get(listener, 'hosts')).some((value) => {
      const [from = '', name = ''] = str(value).split('/');
      return textMatches(name, host) && (from === '*' || (from === '.' ? client.namespace : from) === home);
    }),
  );
  if (naming.length === 0) return 'no';
  return isKept || naming.every((listener) => has(listener, 'port')) ? 'open' : 'yes';
}

/** Whether what sidecars do concerns the client at all. */
function hasSidecar(client: OraclePod, scene: Scene): boolean {
  const mode = membership(client, scene);
  return (mode === 'sidecar' || mode === 'partly') && !isGateway(client, scene);
}

/** IM-45: whether the client's sidecar refuses what it does not see. */
function isClosed(sidecar: unknown, scene: Scene): boolean {
  const own = get(sidecar, 'spec', 'outboundTrafficPolicy');
  return own === undefined ? configOf(scene).registryOnly : str(get(own, 'mode')) !== 'ALLOW_ANY';
}

const isThere = (kind: string, scene: Scene): boolean => objectsOf(kind, scene).length > 0;

function seesAsked(client: OraclePod, service: string, scene: Scene): 'yes' | 'no' | 'open' {
  const [namespace = '', name = ''] = service.split('/');
  const found = serviceAt(namespace, name, scene.cluster);
  if (found === undefined) return 'yes';
  const sees = seesService(sidecarFor(client, scene), found, client);
  return sees === 'no' && isThere('VirtualService', scene) ? 'open' : sees;
}

/** IM-45: what the client's own sidecar lets pass. */
export function sidecarVerdict(scene: Scene): Verdict {
  const { source, destination, protocol, service } = scene.packet;
  if (protocol !== 'TCP' || source.type !== 'pod' || !hasSidecar(source, scene)) return 'allow';
  if (!isClosed(sidecarFor(source, scene), scene)) return 'allow';
  const refused: Verdict = membership(source, scene) === 'partly' ? 'unknown' : 'deny';
  if (service === undefined) {
    if (destination.type === 'pod') return 'allow';
    return isThere('ServiceEntry', scene) || isThere('VirtualService', scene) ? 'unknown' : refused;
  }
  return ({ yes: 'allow', open: 'unknown', no: refused } as const)[seesAsked(source, service, scene)];
}

/** IM-49: whether the client's sidecar speaks to the server in plain text. */
export function isPlain(scene: Scene): 'yes' | 'no' | 'open' {
  const { source, destination, service } = scene.packet;
  if (source.type !== 'pod' || service === undefined || !hasSidecar(source, scene)) return 'no';
  const sees = seesAsked(source, service, scene);
  const passed = isClosed(sidecarFor(source, scene), scene) || sees === 'yes' ? 'no' : sees === 'no' ? 'yes' : 'open';
  const carried = membership(destination, scene) === 'ambient';
  const off = !carried && isSwitchedOff(source, service, scene) ? 'yes' : 'no';
  return [passed, off].includes('yes') ? 'yes' : passed;
}

/** IM-49: by the DestinationRule of the client's namespace if that is not the root, else the Service's, else the root's. */
function isSwitchedOff(client: OraclePod, service: string, scene: Scene): boolean {
  const [home = '', name = ''] = service.split('/');
  const rules = objectsOf('DestinationRule', scene).filter(
    (one) => str(get(one, 'spec', 'host')) === `${name}.${home}.svc.cluster.local`,
  );
  const { root } = configOf(scene);
  const nearest = [...(client.namespace === root ? [] : [client.namespace]), home, root].find((namespace) =>
    rules.some((one) => namespaceOf(one) === namespace),
  );
  return rules.some(
    (one) => namespaceOf(one) === nearest && str(get(one, 'spec', 'trafficPolicy', 'tls', 'mode')) === 'DISABLE',
  );
}
