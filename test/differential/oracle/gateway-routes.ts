import { nameOf, namespaceOf, protocolOf, type OracleCluster } from './cluster.js';
import { get, has, items, labelMap, str, type Raw } from './fields.js';
import { GATEWAY_API, gatewayAt } from './gateways.js';
import { selectorMatches } from './selectors.js';
import { behindService, serviceAt } from './services.js';
import type { OpenedWay } from './ways-in.js';

/** Which protocols a listener must have for a kind of route. */
const SPOKEN: Readonly<Record<string, readonly string[]>> = {
  HTTPRoute: ['HTTP', 'HTTPS'],
  GRPCRoute: ['HTTP', 'HTTPS'],
  TLSRoute: ['TLS'],
  TCPRoute: ['TCP', 'TLS'],
  UDPRoute: ['UDP'],
};

/** SVC-24, SVC-25. */
export function gatewayRoutes(cluster: OracleCluster): readonly OpenedWay[] {
  return Object.keys(SPOKEN).flatMap((kind) =>
    (cluster.objects.get(`${kind}.${GATEWAY_API}`) ?? []).flatMap((route) =>
      items(get(route, 'spec', 'parentRefs')).flatMap((parent) => {
        const namespace = str(get(parent, 'namespace')) || namespaceOf(route);
        const gateway = gatewayAt(GATEWAY_API, namespace, str(get(parent, 'name')), cluster);
        return gateway === undefined ? [] : backendsOf(kind, route, gateway, parent, cluster);
      }),
    ),
  );
}

type Reference = readonly [pointer: string, reference: unknown, isUnused: boolean];

function copies(holder: unknown, at: string, isUnused: boolean): readonly Reference[] {
  return items(get(holder, 'filters')).flatMap((filter, index): Reference[] =>
    get(filter, 'type') === 'RequestMirror'
      ? [[`${at}/filters/${index}/requestMirror/backendRef`, get(filter, 'requestMirror', 'backendRef'), isUnused]]
      : [],
  );
}

function referencesOf(route: Raw): readonly Reference[] {
  return items(get(route, 'spec', 'rules')).flatMap((rule, at) => [
    ...items(get(rule, 'backendRefs')).flatMap((one, index): Reference[] => {
      const place = `/spec/rules/${at}/backendRefs/${index}`;
      const isUnused = get(one, 'weight') === 0;
      return [[place, one, isUnused], ...copies(one, place, isUnused)];
    }),
    ...copies(rule, `/spec/rules/${at}`, false),
  ]);
}

function backendsOf(
  kind: string,
  route: Raw,
  gateway: Raw,
  parent: unknown,
  cluster: OracleCluster,
): readonly OpenedWay[] {
  const isTaken = items(get(gateway, 'spec', 'listeners')).some((listener) =>
    takes(listener, kind, route, gateway, parent, cluster),
  );
  const protocol = kind === 'UDPRoute' ? 'UDP' : 'TCP';
  const label = `${namespaceOf(gateway)}/${nameOf(gateway)}`;
  return referencesOf(route).map(([pointer, reference, isUnused]) => {
    const namespace = str(get(reference, 'namespace')) || namespaceOf(route);
    const name = str(get(reference, 'name'));
    const mayUse = namespace === namespaceOf(route) || isGranted(kind, route, namespace, name, cluster);
    const service = isTaken && mayUse && !isUnused ? serviceAt(namespace, name, cluster) : undefined;
    const isMeant = (port: unknown): boolean =>
      protocolOf(port) === protocol && get(port, 'port') === get(reference, 'port');
    return {
      place: `Gateway ${kind} ${namespaceOf(route)}/${nameOf(route)} ${pointer}`,
      protocol,
      backends: behindService(service, isMeant, cluster),
      servedBy: { gateway: label },
    };
  });
}

function takes(
  listener: unknown,
  kind: string,
  route: Raw,
  gateway: Raw,
  parent: unknown,
  cluster: OracleCluster,
): boolean {
  const isAsked = (key: 'sectionName' | 'port', own: string): boolean =>
    !has(parent, key) || get(parent, key) === get(listener, own);
  const kinds = items(get(listener, 'allowedRoutes', 'kinds')).map((one) => get(one, 'kind'));
  return (
    isAsked('sectionName', 'name') &&
    isAsked('port', 'port') &&
    (SPOKEN[kind] ?? []).includes(str(get(listener, 'protocol'))) &&
    (kinds.length === 0 || kinds.includes(kind)) &&
    takesFrom(get(listener, 'allowedRoutes', 'namespaces'), namespaceOf(route), gateway, cluster) &&
    meets(str(get(listener, 'hostname')), items(get(route, 'spec', 'hostnames')).map(str))
  );
}

function takesFrom(allowed: unknown, namespace: string, gateway: Raw, cluster: OracleCluster): boolean {
  const from = str(get(allowed, 'from')) || 'Same';
  if (from === 'All') return true;
  if (from === 'Same') return namespace === namespaceOf(gateway);
  const labels = cluster.namespaces.get(namespace) ?? labelMap({});
  return from === 'Selector' && selectorMatches(get(allowed, 'selector'), labels);
}

/** Whether a name is one that the listener and some of the route's names both stand for. */
function meets(listener: string, hosts: readonly string[]): boolean {
  if (listener === '' || hosts.length === 0) return true;
  const own = listener.toLowerCase();
  return hosts.some((host) => standsFor(own, host.toLowerCase()) || standsFor(host.toLowerCase(), own));
}

const standsFor = (wide: string, narrow: string): boolean =>
  wide === narrow || (wide.startsWith('*.') && narrow.endsWith(wide.slice(1)));

function isGranted(kind: string, route: Raw, namespace: string, name: string, cluster: OracleCluster): boolean {
  const grants = (cluster.objects.get(`ReferenceGrant.${GATEWAY_API}`) ?? []).filter(
    (grant) => namespaceOf(grant) === namespace,
  );
  return grants.some((grant) => {
    const isFrom = items(get(grant, 'spec', 'from')).some(
      (one) =>
        get(one, 'group') === GATEWAY_API && get(one, 'kind') === kind && get(one, 'namespace') === namespaceOf(route),
    );
    const isTo = items(get(grant, 'spec', 'to')).some(
      (one) => get(one, 'kind') === 'Service' && (!has(one, 'name') || get(one, 'name') === name),
    );
    return isFrom && isTo;
  });
}
