import { canonicalJson, field, isObject, list, path, pointer, text } from '../../base/index.js';
import type { Json } from '../../base/index.js';
import { ALL, and, NONE, objectLabel, or, TCP } from '../../model/index.js';
import type { L7Rule, Selector, ServiceFact, ServicePort } from '../../model/index.js';
import { ProblemList } from '../../normalise/problem-list.js';
import type { CompileEnv } from '../frontend.js';
import { rulesOf } from './destination-rules.js';
import type { DestinationRules } from './destination-rules.js';
import { readWorkloadSelector } from './fields.parse.js';
import { readMeshConfig } from './mesh-config.js';
import { isForSidecars, isForSomeClients, readDestination } from './mesh-routes.js';
import type { MeshDestination, MeshRoutes } from './mesh-routes.js';
import { OF_CONNECTION, requestsOf } from './route-requests.js';
import { spokenAt } from './spoken.js';
import type { Spoken } from './spoken.js';
import { inNamespace } from './targets.compile.js';
import { delegatedRules, destinationsOf } from './virtual-service.js';
import type { PlacedRule, Section } from './virtual-service.js';

/** Where sidecars may take what is for a port of a Service. */
export interface RouteEnd {
  /** Those pods of the Service that are reached there. */
  readonly reach: Selector;
  /** Services that it leads to, by `namespace/name`. */
  readonly services: readonly string[];
  /** What sends there, of which the TLS settings count; null for the Service itself. */
  readonly to: readonly MeshDestination[] | null;
  /** The requests that the rule names, which go there unless an earlier end has them; null where it names them by what is not told. */
  readonly asks: readonly L7Rule[] | null;
  /** JSON pointer of the rule. */
  readonly pointer: string;
}

const ALL_REQUESTS: readonly L7Rule[] = [{}];

/** A port of the Service that was asked for. */
export interface AskedPort {
  readonly service: ServiceFact;
  readonly port: ServicePort;
}

export interface RouteContext {
  readonly env: CompileEnv;
  readonly rules: DestinationRules;
}

/** To the Service itself. */
export const STAYS: RouteEnd = { reach: ALL, services: [], to: null, asks: ALL_REQUESTS, pointer: '' };

const SECTIONS_OF: Readonly<Record<Spoken, readonly Section[]>> = {
  http: ['http'],
  tls: ['tls'],
  tcp: ['tcp'],
  any: ['http', 'tcp'],
};

/** Where a VirtualService leads; which end counts depends on what clients say, and on who they are (IM-51). */
export function routeEnds(routes: MeshRoutes, asked: AskedPort, context: RouteContext): readonly RouteEnd[] {
  return SECTIONS_OF[spokenAt(asked.port)].flatMap((section) => sectionEnds(routes, section, asked, context));
}

function sectionEnds(
  { fact }: MeshRoutes,
  section: Section,
  asked: AskedPort,
  context: RouteContext,
): readonly RouteEnd[] {
  const ends: RouteEnd[] = [];
  let isForAll = false;
  for (const [index, rule] of list(path(fact.raw, 'spec', section)).entries()) {
    for (const found of appliedRules({ route: fact, rule, at: pointer('/spec', section, index) }, asked, context)) {
      const end = { pointer: pointer('/spec', section, index), ...endOf(found.placed, asked, context) };
      if (found.asks.length > 0) ends.push({ asks: found.asks, ...end });
      if (found.isUnsure) ends.push({ asks: null, ...end });
      isForAll ||= found.isForAll;
      if (found.takesAll) return ends;
    }
  }
  if (ends.length === 0) return [STAYS];
  // What no rule takes goes to the Service by TCP and where there are rules for other clients only; else it is refused.
  return [...ends, section === 'tcp' || !isForAll ? STAYS : { ...STAYS, reach: NONE, to: [] }];
}

interface Applied {
  readonly placed: PlacedRule;
  /** The requests that it surely takes where no earlier one does. */
  readonly asks: readonly L7Rule[];
  /** Whether it may take others, by what is not told. */
  readonly isUnsure: boolean;
  /** Whether it is for clients whoever they are. */
  readonly isForAll: boolean;
  /** Whether nothing is left for the rules behind it. */
  readonly takesAll: boolean;
}

/** A rule, or those that it delegates to, that may count for a port. */
function appliedRules(placed: PlacedRule, asked: AskedPort, { env }: RouteContext): readonly Applied[] {
  const own = appliedTo(placed, asked, env);
  if (own === null) return [];
  const delegated = delegatedRules(placed, (kind) => env.aux(kind));
  if (delegated === null) return [own];
  return delegated.flatMap((each): readonly Applied[] => {
    const found = appliedTo(each, asked, env);
    if (found === null) return [];
    return [
      {
        ...bothAsk(own, found),
        placed: each,
        isForAll: own.isForAll && found.isForAll,
        takesAll: own.takesAll && found.takesAll,
      },
    ];
  });
}

/** What a rule and the one that it delegates to both take: told where one of them takes all. */
function bothAsk(one: Applied, other: Applied): Pick<Applied, 'asks' | 'isUnsure'> {
  if (one.takesAll || other.takesAll) return one.takesAll ? other : one;
  return { asks: [], isUnsure: true };
}

function appliedTo(placed: PlacedRule, { port }: AskedPort, env: CompileEnv): Applied | null {
  const conditions = list(field(placed.rule, 'match'));
  const meant = conditions.filter((one) => {
    const number = field(one, 'port') ?? port.port;
    return isForSidecars(one) && (number === 0 || number === port.port);
  });
  if (conditions.length > 0 && meant.length === 0) return null;
  const ofAll = meant.filter((one) => !isForSomeClients(one));
  if (conditions.length === 0 || ofAll.some((one) => !asksOfRequest(one))) {
    return { placed, asks: ALL_REQUESTS, isUnsure: false, isForAll: true, takesAll: true };
  }
  const { pathForm } = readMeshConfig(env);
  const asks = meant.flatMap((one) => requestsOf(one, pathForm) ?? []);
  return { placed, asks, isUnsure: asks.length < meant.length, isForAll: ofAll.length > 0, takesAll: false };
}

function asksOfRequest(condition: Json): boolean {
  if (!isObject(condition)) return false;
  return Object.entries(condition).some(([key, value]) => {
    const isStatic = OF_CONNECTION.includes(key) || key === 'ignoreUriCase';
    return !isStatic && !(key === 'uri' && field(value, 'prefix') === '/');
  });
}

function endOf(
  { route, rule }: PlacedRule,
  asked: AskedPort,
  context: RouteContext,
): Omit<RouteEnd, 'asks' | 'pointer'> {
  const all = destinationsOf(rule, '').map(({ destination }) => readDestination(destination, route.meta.namespace));
  const own = objectLabel(asked.service.meta);
  const reached = all.map((one) => ({ one, reach: reachOf(one, asked, context) }));
  return {
    reach: or(...reached.map(({ reach }) => reach)),
    to: reached.flatMap(({ one, reach }) => (reach === NONE ? [] : [onOnlyPort(one, context)])),
    services: [...new Set(all.flatMap(({ service }) => (service === null || service === own ? [] : [service])))],
  };
}

/** Of a Service with one port that one is meant. */
function onOnlyPort(to: MeshDestination, { env }: RouteContext): MeshDestination {
  if (to.port !== null || to.service === null) return to;
  const ports = env.services.get(to.service)?.ports.filter(({ protocol }) => protocol === TCP) ?? [];
  return ports.length === 1 ? { ...to, port: ports[0]?.port ?? null } : to;
}

/** The pods of the Service that was asked for which are reached at a destination, on the port that they were asked for. */
function reachOf(to: MeshDestination, { service, port }: AskedPort, { env, rules }: RouteContext): Selector {
  const fact = to.service === null ? undefined : env.services.get(to.service);
  if (fact === undefined) return NONE;
  const tcp = fact.ports.filter(({ protocol }) => protocol === TCP);
  const number = to.port ?? (tcp.length === 1 ? tcp[0]?.port : port.port);
  const there = tcp.find((one) => one.port === number);
  if (there === undefined) return NONE;
  const pods = fact === service ? ALL : podsBehind(fact);
  return and(pods, inSubset(to, fact, rules), samePort(there, port));
}

function podsBehind({ selector, serviceType, meta }: ServiceFact): Selector {
  if (selector === null || serviceType === 'ExternalName') return UNKNOWN_PODS;
  return and(inNamespace(meta.namespace), labelled(selector));
}

const labelled = (matchLabels: Json): Selector =>
  readWorkloadSelector({ matchLabels }, '', new ProblemList(null)) ?? ALL;

/** Told exactly where one DestinationRule of the Service's namespace says so for all clients. */
function inSubset({ subset }: MeshDestination, { meta }: ServiceFact, rules: DestinationRules): Selector {
  if (subset === '') return ALL;
  const all = rulesOf(objectLabel(meta), rules);
  const labels = all.flatMap(({ rule }) =>
    list(path(rule.raw, 'spec', 'subsets'))
      .filter((one) => text(field(one, 'name')) === subset)
      .map((one) => field(one, 'labels') ?? {}),
  );
  const [first] = labels;
  if (first === undefined) return NONE;
  const isSettled = all.every(({ rule, audience }) => rule.meta.namespace === meta.namespace && audience === null);
  if (isSettled && labels.every((one) => canonicalJson(one) === canonicalJson(first))) return labelled(first);
  return UNKNOWN_SUBSET;
}

function samePort(there: ServicePort, asked: ServicePort): Selector {
  const [one, other] = [there.targetPort ?? there.port, asked.targetPort ?? asked.port];
  if (one === other) return ALL;
  return typeof one === 'number' && typeof other === 'number' ? NONE : UNKNOWN_PORT;
}

const UNKNOWN_PODS: Selector = { type: 'unknown', why: 'the Service that a VirtualService leads to chooses no pods' };
const UNKNOWN_SUBSET: Selector = {
  type: 'unknown',
  why: 'which DestinationRule has the subset that a VirtualService leads to depends on the client',
};
const UNKNOWN_PORT: Selector = {
  type: 'unknown',
  why: 'the Service that a VirtualService leads to has another port, by name',
};
