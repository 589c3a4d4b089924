import { blockContains } from './addresses.js';
import type { OraclePod } from './cluster.js';
import { nameOf, namespaceOf } from './cluster.js';
import { get, has, items, labelMap, str } from './fields.js';
import { configOf, GATEWAY_NAME, isExported, membership, oldestFirst, textMatches } from './istio-mesh.js';
import type { Scene } from './network-policy.js';
import { selectorMatches } from './selectors.js';
import { serviceAt } from './services.js';

type Verdict = 'allow' | 'deny' | 'unknown';
type Told = 'yes' | 'no' | 'open';

/** Whether some part makes it so. */
const ofSome = (parts: readonly Told[]): Told =>
  (['yes', 'open'] as const).find((value) => parts.includes(value)) ?? 'no';

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
function seesService(sidecar: unknown, service: unknown, client: OraclePod, scene: Scene): Told {
  const home = namespaceOf(service);
  const said = str(get(service, 'metadata', 'annotations', 'networking.istio.io/exportTo'));
  const targets = said === '' ? [] : said.split(',').map((one) => one.trim());
  if (!isExported(targets, home, configOf(scene).exportTo.Service, client.namespace)) return 'no';
  return isListed(sidecar, [`${nameOf(service)}.${home}.svc.cluster.local`], home, client);
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

function seesAsked(client: OraclePod, service: string, scene: Scene): Told {
  const [namespace = '', name = ''] = service.split('/');
  const found = serviceAt(namespace, name, scene.cluster);
  if (found === undefined) return 'yes';
  const sees = seesService(sidecarFor(client, scene), found, client, scene);
  return sees === 'no' && isThere('VirtualService', scene) ? 'open' : sees;
}

/** IM-44: whether listeners name a host for a client, by where the object with it is. */
function isListed(sidecar: unknown, hosts: readonly string[], home: string, client: OraclePod): Told {
  const listeners = items(get(sidecar, 'spec', 'egress'));
  if (listeners.length === 0) return 'yes';
  const naming = listeners.filter((listener) =>
    items(get(listener, 'hosts')).some((value) => {
      const [from = '', name = ''] = str(value).split('/');
      const isFrom = from === '*' || (from === '.' ? client.namespace : from) === home;
      return isFrom && hosts.some((host) => textMatches(name, host));
    }),
  );
  if (naming.length === 0) return 'no';
  return naming.every((listener) => has(listener, 'port')) ? 'open' : 'yes';
}

/** IM-50: whether a ServiceEntry lets the client go to an address outside, of which no name is known. */
function isRegistered(scene: Scene): Told {
  const { source, destinationAddress, port } = scene.packet;
  if (source.type !== 'pod') return 'no';
  const { exportTo } = configOf(scene);
  const found = objectsOf('ServiceEntry', scene).map((entry): Told => {
    const own = items(get(entry, 'spec', 'ports')).filter((one) => get(one, 'number') === port);
    const home = namespaceOf(entry);
    const targets = items(get(entry, 'spec', 'exportTo')).map(str);
    if (own.length === 0 || !isExported(targets, home, exportTo.Service, source.namespace)) return 'no';
    const listed = isListed(sidecarFor(source, scene), items(get(entry, 'spec', 'hosts')).map(str), home, source);
    const blocks = items(get(entry, 'spec', 'addresses')).map(str);
    if (listed !== 'yes') return listed;
    const isByAddress = str(get(entry, 'spec', 'resolution')) === 'NONE' && blocks.length > 0;
    const ways = own.map((one): Told => {
      if (str(get(one, 'protocol')) !== 'TCP' || !isByAddress) return 'open';
      return destinationAddress !== null && blocks.some((block) => blockContains(block, destinationAddress))
        ? 'yes'
        : 'no';
    });
    return ofSome(ways);
  });
  return ofSome(found);
}

/** IM-45: what the client's own sidecar lets pass. */
export function sidecarVerdict(scene: Scene): Verdict {
  const { source, destination, protocol, service } = scene.packet;
  if (protocol !== 'TCP' || source.type !== 'pod' || !hasSidecar(source, scene)) return 'allow';
  if (!isClosed(sidecarFor(source, scene), scene)) return 'allow';
  const refused: Verdict = membership(source, scene) === 'partly' ? 'unknown' : 'deny';
  if (service === undefined) {
    if (destination.type === 'pod') return 'allow';
    return ({ yes: 'allow', open: 'unknown', no: refused } as const)[isRegistered(scene)];
  }
  return ({ yes: 'allow', open: 'unknown', no: refused } as const)[seesAsked(source, service, scene)];
}

/** IM-49: whether the client's sidecar speaks to the server in plain text. */
export function isPlain(scene: Scene): Told {
  const { source, destination, service } = scene.packet;
  if (source.type !== 'pod' || service === undefined || !hasSidecar(source, scene)) return 'no';
  const sees = seesAsked(source, service, scene);
  const passed = isClosed(sidecarFor(source, scene), scene) || sees === 'yes' ? 'no' : sees === 'no' ? 'yes' : 'open';
  if (membership(destination, scene) === 'ambient') return passed;
  return ofSome([passed, ownTls(source, service, scene)]);
}

/** IM-49: whether DestinationRules keep the client from mutual TLS of the mesh. */
function ownTls(client: OraclePod, service: string, scene: Scene): Told {
  const rules = rulesFor(client.namespace, service, scene);
  const modes = rules.map((one) => str(get(one, 'spec', 'trafficPolicy', 'tls', 'mode')));
  const mode = rules.length > 1 && !areForTheSame(rules) ? 'any' : (modes[rules.findIndex(hasPolicy)] ?? '');
  if (mode === 'any') return modes.some((one) => BY_MODE.has(one)) ? 'open' : 'no';
  return BY_MODE.get(mode) ?? 'no';
}

const BY_MODE: ReadonlyMap<string, Told> = new Map([
  ['DISABLE', 'yes'],
  ['SIMPLE', 'yes'],
  ['MUTUAL', 'open'],
]);

const hasPolicy = (rule: unknown): boolean => has(get(rule, 'spec'), 'trafficPolicy');
const targetsOf = (rule: unknown): readonly string[] => items(get(rule, 'spec', 'exportTo')).map(str);

/** Rules of one namespace that say the same of whom they are for are one rule to the mesh. */
function areForTheSame(rules: readonly unknown[]): boolean {
  const keys = rules.map((one) =>
    targetsOf(one)
      .map((to) => (to === '.' ? namespaceOf(one) : to))
      .sort()
      .join(),
  );
  return new Set(keys).size === 1;
}

/** IM-49: the rules that proxies of a namespace go by, the oldest first. */
function rulesFor(client: string, service: string, scene: Scene): readonly unknown[] {
  const [home = '', name = ''] = service.split('/');
  if (serviceAt(home, name, scene.cluster) === undefined) return [];
  const { root, exportTo } = configOf(scene);
  const host = `${name}.${home}.svc.cluster.local`;
  const all = oldestFirst(objectsOf('DestinationRule', scene)).filter((one) => textMatches(hostOf(one), host));
  const isShown = (one: unknown, to: string): boolean =>
    isExported(targetsOf(one), namespaceOf(one), exportTo.DestinationRule, to);
  const isKept = (one: unknown): boolean => {
    const targets = targetsOf(one);
    const said = targets.length === 0 ? [exportTo.DestinationRule] : [...new Set(targets)];
    return said.length === 1 && ['.', namespaceOf(one)].includes(said[0] ?? '');
  };
  const inNamespace = (namespace: string, is: (one: unknown) => boolean): readonly unknown[] =>
    narrowest(all.filter((one) => namespaceOf(one) === namespace && is(one)));
  const own = inNamespace(client, (one) => isShown(one, client) && (client !== root || isKept(one)));
  if (own.length > 0) return own;
  const away = [home, root].map((namespace) =>
    inNamespace(namespace, (one) => !isKept(one)).filter((one) => isShown(one, client)),
  );
  return away.find((found) => found.length > 0) ?? [];
}

const hostOf = (rule: unknown): string => {
  const host = str(get(rule, 'spec', 'host'));
  return host.includes('.') || host.includes('*') ? host : `${host}.${namespaceOf(rule)}.svc.cluster.local`;
};

/** Whole names first, then the longest ending. */
function narrowest(rules: readonly unknown[]): readonly unknown[] {
  const rank = (rule: unknown): number => (hostOf(rule).startsWith('*') ? hostOf(rule).length : 1000);
  const best = Math.max(...rules.map(rank));
  return rules.filter((rule) => rank(rule) === best);
}
