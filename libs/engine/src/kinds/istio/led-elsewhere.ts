import { groupBy, pushTo } from '../../base/index.js';
import { ALL, and, not, objectLabel, objectRef, or, TCP } from '../../model/index.js';
import type { CompiledPolicy, ObjectRef, PolicyEntry, Selector, ServiceFact, Tier } from '../../model/index.js';
import { ALL_PORTS } from '../../net/index.js';
import type { Ranges } from '../../net/index.js';
import type { CompileEnv } from '../frontend.js';
import { DESTINATION_RULE, readDestinationRules } from './destination-rules.js';
import { anyOf, isShownTo, podsIn, serviceAudience } from './export-to.js';
import type { Audience } from './export-to.js';
import { readMeshConfig } from './mesh-config.js';
import { meshRoutes, routesFor } from './mesh-routes.js';
import type { MeshRoutes } from './mesh-routes.js';
import { MESH_TIER, ruleRef, throughServices } from './mesh-tier.js';
import { singlePorts } from './ports-alike.js';
import { routeEnds, STAYS } from './route-ends.js';
import type { RouteContext, RouteEnd } from './route-ends.js';
import { confinedClients, gateways, sightAt } from './sidecar-sight.js';
import type { Confined } from './sidecar-sight.js';
import { doubt, refused } from './sidecars.js';
import { isNameOf } from './virtual-service.js';

/** Pods of Services that sidecars do not reach, as a VirtualService leads from there to others (IM-51). */
export function ledElsewhere(env: CompileEnv): { policies: CompiledPolicy[]; tiers: Tier[] } {
  const all = meshRoutes((kind) => env.aux(kind));
  if (all.length === 0) return { policies: [], tiers: [] };
  const routesOf = routesFor(all);
  const rules = readDestinationRules(env.aux(DESTINATION_RULE), readMeshConfig(env));
  const context: RouteContext = { env, rules };
  const confined = confinedClients(env);
  const found = new Map<string, { object: ObjectRef; entries: PolicyEntry[] }>();
  for (const service of env.services.values()) {
    const routes = routesOf(objectLabel(service.meta));
    if (routes.length === 0 || service.serviceType === 'ExternalName') continue;
    const routed = routedService(service, routes, context);
    for (const led of confined.flatMap((each) => ledClients(each, routed, env))) {
      const [first] = led.routes;
      if (first === undefined) continue;
      const object = objectRef(first.fact.meta);
      const key = objectLabel(object);
      const known = found.get(key) ?? { object, entries: [] };
      found.set(key, known);
      known.entries.push(...entriesOf(object, service, led));
    }
  }
  const policies = [...found.values()]
    .filter(({ entries }) => entries.length > 0)
    .map(({ object, entries }): CompiledPolicy => ({ policy: object, entries, diagnostics: [], refused: false }));
  return { policies, tiers: policies.length === 0 ? [] : [MESH_TIER] };
}

/** Clients for whom the same VirtualServices lead from ports of a Service. */
interface Led {
  readonly clients: Selector;
  readonly ports: Ranges;
  readonly routes: readonly MeshRoutes[];
  readonly ends: readonly RouteEnd[];
}

/** A Service with the VirtualServices that have its name, and where these lead from its ports. */
interface Routed {
  readonly service: ServiceFact;
  readonly routes: readonly {
    readonly one: MeshRoutes;
    readonly leads: readonly { readonly number: number; readonly ends: readonly RouteEnd[] }[];
  }[];
}

function routedService(service: ServiceFact, routes: readonly MeshRoutes[], context: RouteContext): Routed {
  const ports = service.ports.filter(({ protocol }) => protocol === TCP);
  const leadsOf = (one: MeshRoutes): Routed['routes'][number]['leads'] =>
    ports.map((port) => ({ number: port.port, ends: routeEnds(one, { service, port }, context) }));
  return { service, routes: routes.map((one) => ({ one, leads: leadsOf(one) })) };
}

function ledClients({ clients, sight }: Confined, { service, routes }: Routed, env: CompileEnv): readonly Led[] {
  const name = objectLabel(service.meta);
  const { namespace } = service.meta;
  const ofService = sight({
    namespace,
    audience: serviceAudience(service.meta, readMeshConfig(env)),
    isNamed: (host) => isNameOf(host, name),
  });
  const ofRoutes = routes.map(({ one, leads }) => {
    const sights = sight(one);
    return { one, leads, whole: anyOf(sights.map(({ whole }) => whole)), part: anyOf(sights.map(({ part }) => part)) };
  });
  const who = and(clients, not(gateways(env)));
  const ports = routes[0]?.leads ?? [];
  return areasOf([...ofService, ...ofRoutes]).flatMap(({ pods, sees }): readonly Led[] => {
    const shown = ofRoutes.filter(({ part }) => sees(part));
    if (shown.length === 0) return [];
    const leads = ports.map(({ number }, at) => {
      const isSure = sees(sightAt(ofService, number).whole) && shown.every(({ whole }) => sees(whole));
      const ends = shown.flatMap((each) => each.leads[at]?.ends ?? []);
      return { number, ends: isSure ? ends : [...ends, STAYS] };
    });
    const alike = [...groupBy(leads, ({ ends }) => JSON.stringify(ends)).values()];
    return alike.map((some) => ({
      clients: and(who, pods),
      ports: alike.length === 1 ? ALL_PORTS : singlePorts(some.map(({ number }) => number)),
      routes: shown.map(({ one }) => one),
      ends: some[0]?.ends ?? [],
    }));
  });
}

interface Area {
  readonly pods: Selector;
  readonly sees: (audience: Audience) => boolean;
}

/** All namespaces, told apart by what is shown to them. */
function areasOf(sights: readonly { readonly whole: Audience; readonly part: Audience }[]): readonly Area[] {
  const audiences = sights.flatMap(({ whole, part }) => [whole, part]);
  const told = [...new Set(audiences.flatMap((one) => one ?? []))].sort();
  const alike = new Map<string, string[]>();
  for (const name of told) pushTo(alike, JSON.stringify(audiences.map((one) => isShownTo(one, name))), name);
  const named = [...alike.values()].map((names): Area => {
    const [first = ''] = names;
    return { pods: podsIn(names), sees: (audience) => isShownTo(audience, first) };
  });
  return [...named, { pods: not(podsIn(told)), sees: (audience) => audience === null }];
}

function entriesOf(object: ObjectRef, { meta }: ServiceFact, { clients, ports, ends }: Led): readonly PolicyEntry[] {
  const reaches = ends.map(({ reach }) => reach);
  const services = [...new Set(ends.flatMap((end) => end.services))];
  const source = { ...ruleRef(object, ends.find(({ reach }) => reach !== ALL)?.pointer), name: leadsTo(services) };
  const through = throughServices([objectLabel(meta)], ports);
  const never = refused(object, { who: clients, peers: not(or(...reaches)), ports: ALL_PORTS }, [through]);
  const why = `${object.kind} ${objectLabel(object)} ${leadsTo(services)} for some of what is sent there`;
  const sometimes = refused(object, { who: clients, peers: not(and(...reaches)), ports: ALL_PORTS }, [
    through,
    doubt(why),
  ]);
  const isOneWay = reaches.every((reach) => JSON.stringify(reach) === JSON.stringify(reaches[0]));
  return [...(reaches.includes(ALL) ? [] : never), ...(isOneWay ? [] : sometimes)].map((entry) => {
    return { ...entry, source };
  });
}

const leadsTo = (services: readonly string[]): string =>
  services.length === 0 ? 'leads elsewhere' : `leads to ${services.join(', ')}`;
