import { groupBy, oncePer, pushTo } from '../../base/index.js';
import { and, not, objectLabel, TCP } from '../../model/index.js';
import type { Selector, ServiceFact } from '../../model/index.js';
import { ALL_PORTS } from '../../net/index.js';
import type { Ranges } from '../../net/index.js';
import type { CompileEnv } from '../frontend.js';
import { DESTINATION_RULE, readDestinationRules } from './destination-rules.js';
import { anyOf, isShownTo, podsIn, readAudience } from './export-to.js';
import type { Audience } from './export-to.js';
import { readMeshConfig } from './mesh-config.js';
import { meshRoutes, routesFor } from './mesh-routes.js';
import type { MeshRoutes } from './mesh-routes.js';
import { singlePorts } from './ports-alike.js';
import { routeEnds, STAYS } from './route-ends.js';
import type { RouteContext, RouteEnd } from './route-ends.js';
import { gateways } from './gateways.js';
import { confinedClients, sightAt } from './sidecar-sight.js';
import type { Confined } from './sidecar-sight.js';
import { spokenAt } from './spoken.js';
import { isNameOf } from './virtual-service.js';

/** Clients for whom the same VirtualServices lead from ports of a Service. */
export interface Led {
  readonly clients: Selector;
  readonly ports: Ranges;
  readonly routes: readonly MeshRoutes[];
  readonly ends: readonly RouteEnd[];
  /** Whether each end has the requests that it asks for and no earlier one; else it cannot be told which counts. */
  readonly isInOrder: boolean;
}

/** By Service the clients that VirtualServices lead from there (IM-51). */
export const ledClients = oncePer((env: CompileEnv): ReadonlyMap<ServiceFact, readonly Led[]> => {
  const all = meshRoutes((kind) => env.aux(kind));
  if (all.length === 0) return new Map();
  const routesOf = routesFor(all);
  const rules = readDestinationRules(env.aux(DESTINATION_RULE), readMeshConfig(env));
  const confined = confinedClients(env);
  const found = new Map<ServiceFact, readonly Led[]>();
  for (const service of env.services.values()) {
    const routes = routesOf(objectLabel(service.meta));
    if (routes.length === 0 || service.serviceType === 'ExternalName') continue;
    const routed = routedService(service, routes, { env, rules });
    found.set(
      service,
      confined.flatMap((each) => ledFrom(each, routed, env)),
    );
  }
  return found;
});

/** A Service with the VirtualServices that have its name, and where these lead from its ports. */
interface Routed {
  readonly service: ServiceFact;
  readonly routes: readonly {
    readonly one: MeshRoutes;
    readonly leads: readonly {
      readonly number: number;
      readonly ends: readonly RouteEnd[];
      readonly isHttp: boolean;
    }[];
  }[];
}

function routedService(service: ServiceFact, routes: readonly MeshRoutes[], context: RouteContext): Routed {
  const ports = service.ports.filter(({ protocol }) => protocol === TCP);
  const leadsOf = (one: MeshRoutes): Routed['routes'][number]['leads'] =>
    ports.map((port) => ({
      number: port.port,
      ends: routeEnds(one, { service, port }, context),
      isHttp: spokenAt(port) === 'http',
    }));
  return { service, routes: routes.map((one) => ({ one, leads: leadsOf(one) })) };
}

function ledFrom({ clients, sight }: Confined, { service, routes }: Routed, env: CompileEnv): readonly Led[] {
  const name = objectLabel(service.meta);
  const { namespace } = service.meta;
  const ofService = sight({
    namespace,
    audience: readAudience(service.meta, env),
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
      const isInOrder = isSure && shown.length === 1 && shown[0]?.leads[at]?.isHttp === true;
      return { number, ends: isSure ? ends : [...ends, STAYS], isInOrder };
    });
    const alike = [...groupBy(leads, ({ ends, isInOrder }) => JSON.stringify([ends, isInOrder])).values()];
    return alike.map((some) => ({
      clients: and(who, pods),
      ports: alike.length === 1 ? ALL_PORTS : singlePorts(some.map(({ number }) => number)),
      routes: shown.map(({ one }) => one),
      ends: some[0]?.ends ?? [],
      isInOrder: some[0]?.isInOrder ?? false,
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
