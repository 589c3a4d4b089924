import type { OraclePod } from './cluster.js';
import { nameOf, namespaceOf } from './cluster.js';
import { get, has, items, labelMap, str } from './fields.js';
import { configOf, GATEWAY_NAME, membership, oldestFirst, textMatches } from './istio.js';
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

/** IM-45: what the client's own sidecar lets pass. */
export function sidecarVerdict(scene: Scene): Verdict {
  const { source, destination, protocol, service } = scene.packet;
  if (protocol !== 'TCP' || source.type !== 'pod') return 'allow';
  const mode = membership(source, scene);
  if ((mode !== 'sidecar' && mode !== 'partly') || isGateway(source, scene)) return 'allow';
  const sidecar = sidecarFor(source, scene);
  const own = get(sidecar, 'spec', 'outboundTrafficPolicy');
  const isClosed = own === undefined ? configOf(scene).registryOnly : str(get(own, 'mode')) !== 'ALLOW_ANY';
  if (!isClosed) return 'allow';
  const isThere = (kind: string): boolean => objectsOf(kind, scene).length > 0;
  const refused = (mayBeSeen: boolean): Verdict => (mayBeSeen || mode === 'partly' ? 'unknown' : 'deny');
  if (service === undefined) {
    return destination.type === 'pod' ? 'allow' : refused(isThere('ServiceEntry') || isThere('VirtualService'));
  }
  const [namespace = '', name = ''] = service.split('/');
  const found = serviceAt(namespace, name, scene.cluster);
  const sees = found === undefined ? 'yes' : seesService(sidecar, found, source);
  return sees === 'yes' ? 'allow' : sees === 'open' ? 'unknown' : refused(isThere('VirtualService'));
}
