import type { OraclePod } from './cluster.js';
import { namespaceOf } from './cluster.js';
import { get, has, items, labelMap, str } from './fields.js';
import { GATEWAY_API, GATEWAY_NAME, gatewayAt } from './gateways.js';
import { configOf, membership, objectsOf, oldestFirst, textMatches, type Told } from './istio-mesh.js';
import type { Scene } from './network-policy.js';
import { selectorMatches } from './selectors.js';

const podsWanted = (sidecar: unknown): ReadonlyMap<string, string> =>
  labelMap(get(sidecar, 'spec', 'workloadSelector', 'labels'));

/** IM-43: the one that chooses the pod, else that of its namespace, else that of the root namespace. */
export function sidecarFor(client: OraclePod, scene: Scene): unknown {
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

/** IM-63: whether what it takes is told by Gateways. */
export function servesGateway(workload: OraclePod, scene: Scene): boolean {
  const mode = membership(workload, scene);
  return (mode === 'sidecar' || mode === 'partly') && isGateway(workload, scene);
}

/** IM-63: whether one of its Gateways asks clients for certificates. */
export function asksForCertificates(workload: OraclePod, scene: Scene): boolean {
  const chosen = objectsOf('Gateway', scene).filter((one) =>
    selectorMatches({ matchLabels: get(one, 'spec', 'selector') }, workload.labels),
  );
  const servers = chosen.flatMap((one) => items(get(one, 'spec', 'servers')));
  const named = gatewayAt(GATEWAY_API, workload.namespace, workload.labels.get(GATEWAY_NAME) ?? '', scene.cluster);
  return (
    servers.some((one) => str(get(one, 'tls', 'mode')).endsWith('MUTUAL')) ||
    items(get(named, 'spec', 'listeners')).some((one) => get(one, 'protocol') === 'HBONE')
  );
}

/** Whether what sidecars do concerns the client at all. */
export function hasSidecar(client: OraclePod, scene: Scene): boolean {
  const mode = membership(client, scene);
  return (mode === 'sidecar' || mode === 'partly') && !isGateway(client, scene);
}

const listenersOf = (sidecar: unknown): readonly unknown[] => items(get(sidecar, 'spec', 'egress'));

/** Whether a listener names one of some hosts, which `is` like the one that it has, for a client. */
function names(
  listener: unknown,
  hosts: readonly string[],
  home: string,
  client: OraclePod,
  is: (pattern: string, host: string) => boolean,
): boolean {
  return items(get(listener, 'hosts')).some((value) => {
    const [from = '', name = ''] = str(value).split('/');
    const isFrom = from === '*' || (from === '.' ? client.namespace : from) === home;
    return isFrom && hosts.some((host) => is(name, host));
  });
}

const isProxy = (listener: unknown): boolean => str(get(listener, 'port', 'protocol')) === 'HTTP_PROXY';
const isApart = (listener: unknown): boolean =>
  isProxy(listener) || has(listener, 'bind') || get(listener, 'captureMode') === 'NONE';
const portOf = (listener: unknown): unknown => (isProxy(listener) ? undefined : get(listener, 'port', 'number'));

/** IM-44: whether listeners show a port of a host to a client, by where the object with it is. */
export function isListed(
  sidecar: unknown,
  hosts: readonly string[],
  home: string,
  client: OraclePod,
  port: number,
): Told {
  const listeners = listenersOf(sidecar);
  if (listeners.length === 0) return 'yes';
  const isOwn = listeners.some((listener) => portOf(listener) === port);
  const naming = listeners.filter((listener) => names(listener, hosts, home, client, textMatches));
  const near = naming.filter((listener) => portOf(listener) === (isOwn ? port : undefined));
  if (near.some((listener) => !isApart(listener))) return 'yes';
  return naming.some((listener) => [port, undefined].includes(portOf(listener) as number | undefined)) ? 'open' : 'no';
}

/** Two hosts with a name in common. */
const meet = (one: string, other: string): boolean => textMatches(one, other) || textMatches(other, one);

/** IM-45: whether some listener brings a VirtualService with these hosts to a client. */
export function bringsRoutes(sidecar: unknown, hosts: readonly string[], home: string, client: OraclePod): Told {
  if (listenersOf(sidecar).length === 0) return 'yes';
  const naming = listenersOf(sidecar).filter((listener) => names(listener, hosts, home, client, meet));
  if (naming.length === 0) return 'no';
  return naming.some((listener) => !isApart(listener)) ? 'yes' : 'open';
}
