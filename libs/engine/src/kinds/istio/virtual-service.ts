import { field, list, path, pointer, text } from '../../base/index.js';
import type { Json } from '../../base/index.js';
import { objectLabel, serviceOfDnsName } from '../../model/index.js';
import type { AuxFact } from '../../model/index.js';
import { audienceOf, isShownTo } from './export-to.js';
import { readMeshConfig } from './mesh-config.js';
import { ISTIO_GATEWAY } from './targets.compile.js';
import { passes, textTest } from './text-match.js';

export const VIRTUAL_SERVICE = 'VirtualService.networking.istio.io';

export type Aux = (kind: string) => readonly AuxFact[];

/** Where a VirtualService sends what enters at a Gateway. */
export interface GatewayRoute {
  readonly gateway: AuxFact;
  /** The VirtualService that is bound to the Gateway; another one where that one delegates. */
  readonly bound: AuxFact;
  readonly route: AuxFact;
  /** JSON pointer of the destination in `route`. */
  readonly pointer: string;
  readonly destination: Json;
  /** What clients ask for. */
  readonly hosts: readonly string[];
  /** Ports of the servers that take it; none where no server does. */
  readonly ports: readonly number[];
}

export const SECTIONS = ['http', 'tls', 'tcp'] as const;
export type Section = (typeof SECTIONS)[number];

/** By section: protocols of servers that take it, where TLS ends at the gateway and where it does not (IM-46). */
const TAKES: Readonly<Record<Section, { readonly ended: readonly string[]; readonly passed: readonly string[] }>> = {
  http: { ended: ['HTTP', 'HTTP2', 'GRPC', 'GRPC-WEB', 'HTTPS'], passed: [] },
  tls: { ended: [], passed: ['HTTPS', 'TLS'] },
  tcp: { ended: ['TCP', 'MONGO', 'MYSQL', 'REDIS', 'TLS'], passed: [] },
};

/** Every destination of every VirtualService that is bound to one of Istio's Gateways, in order of object (IM-46). */
export function gatewayRoutes(aux: Aux): readonly GatewayRoute[] {
  const gateways = new Map(aux(ISTIO_GATEWAY).map((fact) => [objectLabel(fact.meta), fact]));
  if (gateways.size === 0) return [];
  return aux(VIRTUAL_SERVICE).flatMap((bound) => {
    const names = textsOf(bound, 'gateways').map((name) => inNamespaceOf(bound, name));
    return [...new Set(names)].flatMap((name) => {
      const gateway = gateways.get(name);
      return gateway === undefined ? [] : SECTIONS.flatMap((section) => sectionRoutes(bound, gateway, section, aux));
    });
  });
}

function sectionRoutes(bound: AuxFact, gateway: AuxFact, section: Section, aux: Aux): readonly GatewayRoute[] {
  const hosts = textsOf(bound, 'hosts');
  const servers = list(path(gateway.raw, 'spec', 'servers')).filter(
    (server) => takesSection(server, section) && takesHosts(server, gateway, bound, hosts),
  );
  return list(path(bound.raw, 'spec', section)).flatMap((rule, index) => {
    const ports = servers
      .filter((server) => isMeant(rule, server, bound, gateway))
      .map((server) => path(server, 'port', 'number'))
      .filter((port) => typeof port === 'number');
    const own = { route: bound, rule, at: pointer('/spec', section, index) };
    return (delegatedRules(own, aux) ?? [own]).flatMap(({ route, rule: holding, at }) =>
      destinationsOf(holding, at).map((found) => ({ gateway, bound, hosts, ports, route, ...found })),
    );
  });
}

/** A rule of a VirtualService. */
export interface PlacedRule {
  readonly route: AuxFact;
  readonly rule: Json;
  /** JSON pointer of the rule in `route`. */
  readonly at: string;
}

/** The rules of the VirtualService that a rule delegates to; null when it does not. */
export function delegatedRules({ route: { meta }, rule }: PlacedRule, aux: Aux): readonly PlacedRule[] | null {
  const delegate = field(rule, 'delegate');
  if (delegate === undefined) return null;
  const [namespace, name] = [text(field(delegate, 'namespace')) || meta.namespace, text(field(delegate, 'name'))];
  const { exportDefaults } = readMeshConfig({ aux });
  return aux(VIRTUAL_SERVICE)
    .filter((fact) => fact.meta.namespace === namespace && fact.meta.name === name)
    .filter((fact) => isShownTo(audienceOf(fact, exportDefaults.virtualService), meta.namespace))
    .flatMap((route) =>
      list(path(route.raw, 'spec', 'http')).map((own, index) => ({
        route,
        rule: own,
        at: pointer('/spec/http', index),
      })),
    );
}

/** Where a rule sends to. Of several destinations one without a weight gets nothing; mirrors get a copy (IM-48). */
export function destinationsOf(rule: Json, at: string): readonly Pick<GatewayRoute, 'pointer' | 'destination'>[] {
  const routes = list(field(rule, 'route'));
  const mirror = field(rule, 'mirror');
  return [
    ...routes.flatMap((route, index) => {
      if (routes.length > 1 && !((field(route, 'weight') ?? 0) as number)) return [];
      return [{ pointer: pointer(at, 'route', index), destination: field(route, 'destination') ?? null }];
    }),
    ...(mirror === undefined ? [] : [{ pointer: pointer(at, 'mirror'), destination: mirror }]),
    ...list(field(rule, 'mirrors')).map((one, index) => {
      return { pointer: pointer(at, 'mirrors', index), destination: field(one, 'destination') ?? null };
    }),
  ];
}

function takesSection(server: Json, section: Section): boolean {
  const protocol = text(path(server, 'port', 'protocol')).toUpperCase();
  const passes = ['PASSTHROUGH', 'AUTO_PASSTHROUGH'].includes(text(path(server, 'tls', 'mode')));
  return TAKES[section][passes ? 'passed' : 'ended'].includes(protocol);
}

/** Hosts of a server may limit the namespaces whose VirtualServices they take: `namespace/host`. */
function takesHosts(server: Json, gateway: AuxFact, { meta }: AuxFact, hosts: readonly string[]): boolean {
  return list(field(server, 'hosts')).some((value) => {
    const [first = '', second] = text(value).split('/');
    const [namespace, host] = second === undefined ? ['*', first] : [first, second];
    const home = namespace === '.' ? gateway.meta.namespace : namespace;
    return (home === '*' || home === meta.namespace) && hosts.some((wanted) => shareNames(host, wanted));
  });
}

function shareNames(a: string, b: string): boolean {
  const [one, other] = [a.toLowerCase(), b.toLowerCase()];
  const covers = (wide: string, narrow: string): boolean =>
    wide.startsWith('*') ? narrow.endsWith(wide.slice(1)) : wide === narrow;
  return covers(one, other) || covers(other, one);
}

/** One of the conditions of a rule names this Gateway and port, or none of them names any. */
function isMeant(rule: Json, server: Json, bound: AuxFact, gateway: AuxFact): boolean {
  const conditions = list(field(rule, 'match'));
  return (
    conditions.length === 0 ||
    conditions.some((condition) => {
      const names = list(field(condition, 'gateways')).map((name) => inNamespaceOf(bound, text(name)));
      const port = field(condition, 'port');
      const isHere = names.length === 0 || names.includes(objectLabel(gateway.meta));
      return isHere && (port === undefined || port === path(server, 'port', 'number'));
    })
  );
}

/** `namespace/name` of the Service that a host means in an object of `home`; null when it is none of the cluster (IM-48). */
export function serviceOfHost(host: string, home: string): string | null {
  if (!host.includes('.')) return host === '' || host === '*' ? null : `${home}/${host}`;
  return serviceOfDnsName(host);
}

/** Whether a host, which may be the ending of names, is one of a Service, whichever the domain of the cluster is. */
export function isNameOf(host: string, service: string): boolean {
  const [namespace = '', name = ''] = service.split('/');
  const [short, whole] = [textTest(host.replace(/\.svc\..*$/, '.svc')), textTest(host)];
  const own = `${name}.${namespace}.svc`;
  return passes(short, own) || passes(whole, `${own}.cluster.local`);
}

const textsOf = ({ raw }: AuxFact, key: string): readonly string[] => list(path(raw, 'spec', key)).map(text);

/** A Gateway by `namespace/name`, `./name`, its name, or an old whole one such as `name.namespace.svc.cluster.local`. */
function inNamespaceOf({ meta }: AuxFact, name: string): string {
  const [namespace = '', own] = name.split('/');
  if (own !== undefined) return `${namespace === '.' ? meta.namespace : namespace}/${own}`;
  const [first = '', home = meta.namespace] = name.split('.');
  return `${home}/${first}`;
}
