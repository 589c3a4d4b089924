import type { OracleEndpoint } from './cluster.js';
import { nameOf, namespaceOf } from './cluster.js';
import { get, has, items, labelMap, str } from './fields.js';
import { configOf, isExported, isOfMesh, objectsOf, ofSome, textMatches, wholeHost, type Told } from './istio-mesh.js';
import type { Sent } from './istio-destination-rules.js';
import { every, some, truth, type Truth } from './istio-truth.js';
import type { Scene } from './network-policy.js';
import { selectorMatches } from './selectors.js';
import { isBehind, serviceAt } from './services.js';

const isTcp = (port: unknown): boolean => ['', 'TCP'].includes(str(get(port, 'protocol')));
const portsOf = (service: unknown): readonly unknown[] => items(get(service, 'spec', 'ports')).filter(isTcp);

/** The only port of a Service, whichever is asked for, else that one. */
function portAsked(service: unknown, { packet }: Scene): unknown {
  const ports = portsOf(service);
  return ports.length === 1 ? ports[0] : ports.find((one) => get(one, 'port') === packet.servicePort);
}

/** IM-51: the sections that may count for a port. */
function sectionsOf(port: unknown): readonly string[] {
  const [begin = ''] = (str(get(port, 'appProtocol')) || str(get(port, 'name'))).split('-');
  if (['http', 'http2', 'grpc'].includes(begin)) return ['http'];
  if (['https', 'tls'].includes(begin)) return ['tls'];
  const isKnown = ['tcp', 'mongo', 'mysql', 'redis'].includes(begin);
  return isKnown || [25, 53, 3306, 27017].includes(Number(get(port, 'port'))) ? ['tcp'] : ['http', 'tcp'];
}

/** A way that a VirtualService may take from a Service. */
export interface Way {
  /** Whether it has the endpoint. */
  readonly ends: Told;
  /** IM-55: whether it is for the request that is asked about. */
  readonly takes: Truth;
}

/** Ways by the rules of one section, in order. */
export interface Ways {
  readonly section: string;
  readonly ways: readonly Way[];
}

/** IM-51: by section the ways that a VirtualService may take from a Service. */
export function waysOf(route: unknown, service: unknown, to: OracleEndpoint, scene: Scene): readonly Ways[] {
  const port = portAsked(service, scene);
  if (port === undefined) return [];
  const asked = { service, port, to, scene };
  return sectionsOf(port).map((section) => {
    const { rules, rest } = countedRules(route, section, port);
    const ways = rules.map((rule): Way => {
      const conditions = meantOf(rule, port) ?? [];
      const takes = some(conditions.map((one) => requestMatches(one, scene)));
      return { ends: ofSome(ends(rule, route, asked)), takes };
    });
    if (ways.length === 0) return { section, ways: [{ ends: 'yes', takes: 'yes' }] };
    return { section, ways: rest === null ? ways : [...ways, { ends: rest, takes: 'yes' }] };
  });
}

const OF_CONNECTION = ['gateways', 'port'];

/** IM-55: whether a condition is for the request; open where it asks for more than path and method. */
function requestMatches(condition: unknown, { packet: { request } }: Scene): Truth {
  const matches = (wanted: unknown, text: string | undefined): Truth => {
    const [exact, prefix] = [get(wanted, 'exact'), get(wanted, 'prefix')];
    if (typeof exact !== 'string' && typeof prefix !== 'string') return 'open';
    if (prefix === '/') return 'yes';
    if (text === undefined) return 'by-request';
    return truth(typeof exact === 'string' ? text === exact : text.startsWith(str(prefix)));
  };
  const parts = Object.entries(condition as object).map(([key, wanted]: [string, unknown]): Truth => {
    if (key === 'uri') return matches(wanted, request?.path);
    if (key === 'method') return matches(wanted, request?.method);
    return OF_CONNECTION.includes(key) ? 'yes' : 'open';
  });
  return parts.includes('open') ? 'open' : every(parts);
}

/** IM-49: where a VirtualService may send what is for a Service, as far as pods of it may be there; null for itself. */
export function sentBy(route: unknown, service: unknown, scene: Scene): readonly (Sent | null)[] {
  const port = portAsked(service, scene);
  if (port === undefined) return [null];
  return sectionsOf(port).flatMap((section): readonly (Sent | null)[] => {
    const { rules, rest } = countedRules(route, section, port);
    const sent = rules.flatMap(destinationsOf).flatMap((one) => sentTo(one, namespaceOf(route), port, scene));
    return rules.length === 0 || rest === 'yes' ? [...sent, null] : sent;
  });
}

function sentTo(destination: unknown, home: string, port: unknown, scene: Scene): readonly Sent[] {
  const [name = '', namespace = home] = str(get(destination, 'host')).split('.');
  const found = serviceAt(namespace, name, scene.cluster);
  const there = portThere(found, destination, port);
  if (found === undefined || there === undefined || isSamePort(there, port) === 'no') return [];
  const subset = str(get(destination, 'subset'));
  if (subset !== '' && labelsOfSubset(subset, found, scene).length === 0) return [];
  const told = get(destination, 'port', 'number') ?? (portsOf(found).length === 1 ? get(there, 'port') : null);
  return [{ service: `${namespace}/${name}`, subset, port: typeof told === 'number' ? told : null }];
}

/** The rules that may count, up to the one that takes all, and whether the Service has what none takes; null where one does. */
function countedRules(
  route: unknown,
  section: string,
  port: unknown,
): { readonly rules: readonly unknown[]; readonly rest: Told | null } {
  const rules = items(get(route, 'spec', section)).filter((rule) => meantOf(rule, port) !== null);
  const last = rules.findIndex((rule) => meantOf(rule, port)?.some((one) => isForAll(one) && !isPicky(one)));
  if (last >= 0) return { rules: rules.slice(0, last + 1), rest: null };
  const isForSomebody = rules.every((rule) => !meantOf(rule, port)?.some(isForAll));
  return { rules, rest: section === 'tcp' || isForSomebody ? 'yes' : 'no' };
}

/** The conditions of a rule that may hold for a port, with one that always holds where there are none; null for none. */
function meantOf(rule: unknown, port: unknown): readonly unknown[] | null {
  const all = items(get(rule, 'match'));
  if (all.length === 0) return [{}];
  const meant = all.filter((one) => {
    return isOfMesh(one) && (!has(one, 'port') || get(one, 'port') === get(port, 'port'));
  });
  return meant.length === 0 ? null : meant;
}

const isForAll = (condition: unknown): boolean => !has(condition, 'sourceLabels') && !has(condition, 'sourceNamespace');
const isPicky = (condition: unknown): boolean =>
  (has(condition, 'uri') && get(condition, 'uri', 'prefix') !== '/') ||
  ['method', 'headers', 'sniHosts', 'destinationSubnets'].some((key) => has(condition, key));

interface Asked {
  readonly service: unknown;
  readonly port: unknown;
  readonly to: OracleEndpoint;
  readonly scene: Scene;
}

/** IM-48: the destinations of a rule to which something is sent. */
export function destinationsOf(rule: unknown): readonly unknown[] {
  const routes = items(get(rule, 'route'));
  const weighed = routes.filter((one) => routes.length === 1 || Number(get(one, 'weight') ?? 0) > 0);
  return [...weighed.map((one) => get(one, 'destination')), get(rule, 'mirror')].filter((one) => one !== undefined);
}

/** Whether the destinations of a rule have the endpoint on the port that was asked for. */
const ends = (rule: unknown, route: unknown, asked: Asked): readonly Told[] =>
  destinationsOf(rule).map((one) => hasEndpoint(one, namespaceOf(route), asked));

function hasEndpoint(destination: unknown, home: string, { service, port, to, scene }: Asked): Told {
  const [name = '', namespace = home] = str(get(destination, 'host')).split('.');
  const found = serviceAt(namespace, name, scene.cluster);
  if (found === undefined) return 'no';
  const there = portThere(found, destination, port);
  if (there === undefined) return 'no';
  const parts = [
    isSamePort(there, port),
    inSubset(str(get(destination, 'subset')), found, to, scene),
    found === service ? 'yes' : isChosen(found, to),
  ];
  return (['no', 'open'] as const).find((one) => parts.includes(one)) ?? 'yes';
}

/** IM-48: the port that is named, the only one, or the one that is asked for. */
function portThere(service: unknown, destination: unknown, asked: unknown): unknown {
  const ports = portsOf(service);
  const number = get(destination, 'port', 'number') ?? get(ports.length === 1 ? ports[0] : asked, 'port');
  return ports.find((one) => get(one, 'port') === number);
}

function isChosen(service: unknown, to: OracleEndpoint): Told {
  if (!has(get(service, 'spec'), 'selector')) return 'open';
  return to.type === 'pod' && isBehind(service as Parameters<typeof isBehind>[0], to) ? 'yes' : 'no';
}

function isSamePort(one: unknown, other: unknown): Told {
  const [a, b] = [one, other].map((port) => get(port, 'targetPort') ?? get(port, 'port'));
  if (a === b) return 'yes';
  return typeof a === 'number' && typeof b === 'number' ? 'no' : 'open';
}

function rulesAbout(service: unknown, scene: Scene): readonly unknown[] {
  const host = `${nameOf(service)}.${namespaceOf(service)}.svc.cluster.local`;
  return objectsOf('DestinationRule', scene).filter((rule) => {
    return textMatches(wholeHost(get(rule, 'spec', 'host'), namespaceOf(rule)), host);
  });
}

const labelsOfSubset = (subset: string, service: unknown, scene: Scene): readonly unknown[] =>
  rulesAbout(service, scene)
    .flatMap((rule) => items(get(rule, 'spec', 'subsets')))
    .filter((one) => get(one, 'name') === subset)
    .map((one) => get(one, 'labels'));

/** IM-51: whether the endpoint has the labels of a subset. */
function inSubset(subset: string, service: unknown, to: OracleEndpoint, scene: Scene): Told {
  if (subset === '') return 'yes';
  const home = namespaceOf(service);
  const rules = rulesAbout(service, scene);
  const found = labelsOfSubset(subset, service, scene);
  if (found.length === 0) return 'no';
  const isForEverybody = (rule: unknown): boolean =>
    namespaceOf(rule) === home &&
    !has(get(rule, 'spec'), 'workloadSelector') &&
    isExported(
      items(get(rule, 'spec', 'exportTo')).map(str),
      '',
      configOf(scene).exportTo.DestinationRule,
      'a namespace of any name',
    );
  const texts = found.map((labels) => JSON.stringify([...labelMap(labels)].sort()));
  if (!rules.every(isForEverybody) || new Set(texts).size > 1) return 'open';
  return to.type === 'pod' && selectorMatches({ matchLabels: found[0] }, to.labels) ? 'yes' : 'no';
}
