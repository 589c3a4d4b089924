import { groupBy } from '../../base/index.js';
import { ALL, and, not, objectLabel, or } from '../../model/index.js';
import type { CompiledPolicy, Condition, ObjectRef, PolicyEntry, Selector, Tier } from '../../model/index.js';
import { ALL_PORTS, subtractRanges } from '../../net/index.js';
import type { Ranges } from '../../net/index.js';
import type { CompileEnv } from '../frontend.js';
import { meshMembers, PARTIAL_WHY } from './enrolment.js';
import type { MeshMode } from './enrolment.js';
import { anyOf, isShownTo, podsIn, readAudience } from './export-to.js';
import type { Audience } from './export-to.js';
import { meshRoutes, routesFor } from './mesh-routes.js';
import { MESH_TIER, meshEntry, ruleRef, tcpPorts, throughServices } from './mesh-tier.js';
import { singlePorts } from './ports-alike.js';
import { waysOut } from './service-entries.js';
import type { WayOut } from './service-entries.js';
import { gateways } from './gateways.js';
import { confinedClients, PART_WHY, sightAt } from './sidecar-sight.js';
import type { Confined, Sight } from './sidecar-sight.js';
import { isNameOf } from './virtual-service.js';

/** What sidecars refuse their own pods where `outboundTrafficPolicy` is REGISTRY_ONLY (IM-43 to IM-45). */
export function sidecarConfines(env: CompileEnv): { policies: CompiledPolicy[]; tiers: Tier[] } {
  const confined = confinedClients(env);
  if (confined.every(({ object }) => object === null)) return { policies: [], tiers: [] };
  const own = not(gateways(env));
  const registry: Registry = { ways: waysOut(env), ...registryOf(env) };
  const policies = confined.flatMap(({ object, clients, sight }): CompiledPolicy[] => {
    if (object === null) return [];
    const entries = refusals(object, { clients: and(clients, own), sight }, registry);
    return [{ policy: object, entries, diagnostics: [], refused: false }];
  });
  return { policies, tiers: [MESH_TIER] };
}

/** What sidecars may see, read once for all of them. */
interface Registry {
  readonly env: CompileEnv;
  readonly routesOf: ReturnType<typeof routesFor>;
  readonly ways: readonly WayOut[];
}

function registryOf(env: CompileEnv): Omit<Registry, 'ways'> {
  return { env, routesOf: routesFor(meshRoutes((kind) => env.aux(kind))) };
}

interface Passed {
  readonly clients: Selector;
  readonly services: readonly string[];
  readonly ports: Ranges;
}

/** Clients whose sidecars let pass what they do not see, as it stands and without mutual TLS, and the Services that is for. */
export function passedThrough(env: CompileEnv): readonly Passed[] {
  const registry = registryOf(env);
  return confinedClients(env)
    .filter(({ object }) => object === null)
    .flatMap((each) => hiddenServices(each, registry))
    .map(({ who, names: services, ports, why }) => ({
      clients: why === null ? who : and(who, { type: 'unknown', why }),
      services,
      ports,
    }));
}

interface Hidden {
  readonly who: Selector;
  /** `namespace/name`. */
  readonly names: readonly string[];
  readonly ports: Ranges;
  /** Why they may see them all the same; null where they do not. */
  readonly why: string | null;
}

interface Seen extends Sight {
  /** Who sees a VirtualService that may lead from its name on. */
  readonly routed: Audience;
}

/** The Services that clients do not see, or may not see. */
function hiddenServices(
  { clients, sight }: Pick<Confined, 'clients' | 'sight'>,
  { env, routesOf }: Omit<Registry, 'ways'>,
): readonly Hidden[] {
  const alike = new Map<string, { readonly seen: Seen; readonly names: string[] }>();
  for (const { meta } of env.services.values()) {
    const name = objectLabel(meta);
    const isNamed = (host: string): boolean => isNameOf(host, name);
    const audience = readAudience(meta, env);
    const routed = anyOf(routesOf(name).flatMap((routes) => sight(routes).map(({ part }) => part)));
    for (const found of sight({ namespace: meta.namespace, audience, isNamed })) {
      if (found.whole === null) continue;
      const seen: Seen = { routed, ...found };
      const key = JSON.stringify([found.ports, found.whole, found.part, routed]);
      const known = alike.get(key) ?? { seen, names: [] };
      alike.set(key, known);
      known.names.push(name);
    }
  }
  return [...alike.values()].flatMap(({ seen: { whole, part, routed, ports }, names }) => {
    const unseen = and(clients, not(podsIn(part)));
    const some = (who: Selector, why: string | null): Hidden => ({ who, names: names.sort(), ports, why });
    const isPartly = part === null ? whole !== null : part.some((namespace) => !isShownTo(whole, namespace));
    return [
      ...(part === null || routed === null ? [] : [some(and(unseen, not(podsIn(routed))), null)]),
      ...(part === null || isNobody(routed) ? [] : [some(and(unseen, podsIn(routed)), ROUTED_WHY)]),
      ...(isPartly ? [some(and(clients, podsIn(part), not(podsIn(whole))), PART_WHY)] : []),
    ];
  });
}

const isNobody = (audience: Audience): boolean => audience?.length === 0;

const ROUTED_WHY = 'a VirtualService has its name and may lead on from there';

function refusals(
  object: ObjectRef,
  confined: Pick<Confined, 'clients' | 'sight'>,
  registry: Registry,
): readonly PolicyEntry[] {
  const doubts = (why: string | null): readonly Condition[] => (why === null ? [] : [doubt(why)]);
  const entries = hiddenServices(confined, registry).flatMap(({ who, names, ports, why }) =>
    refused(object, { who, peers: ALL, ports: ALL_PORTS }, [throughServices(names, ports), ...doubts(why)]),
  );
  return [
    ...entries,
    ...outsideOf(confined, registry.ways).flatMap((part) => refused(object, part, [{ type: 'direct' }])),
  ];
}

export const doubt = (what: string): Condition => ({ type: 'unsupported', what });

/** What some clients are refused. */
interface Refused {
  readonly who: Selector;
  readonly peers: Selector;
  readonly ports: Ranges;
}

const OUTSIDE = not({ type: 'kind', kinds: ['pod', 'hostpod'] });

/** All that is not pods, but for where ways out lead that clients see, by the clients' namespaces (IM-50). */
function outsideOf(
  { clients, sight }: Pick<Confined, 'clients' | 'sight'>,
  all: readonly WayOut[],
): readonly Refused[] {
  const ways = all.flatMap((way) => {
    const sights = sight(way);
    return way.ports.map((port) => ({ seen: sightAt(sights, port.number), ...port }));
  });
  const told = anyOf(ways.flatMap(({ seen: { whole, part } }) => [whole ?? [], part ?? []])) ?? [];
  const parts = [...told.map((name) => ({ who: podsIn([name]), name })), { who: not(podsIn(told)), name: null }];
  return parts.flatMap(({ who, name }): readonly Refused[] => {
    const sees = (audience: Audience): boolean => (name === null ? audience === null : isShownTo(audience, name));
    const ports = groupBy(
      ways.filter(({ seen }) => sees(seen.part)),
      ({ number }) => number,
    );
    const those = and(clients, who);
    return [
      { who: those, peers: OUTSIDE, ports: subtractRanges(ALL_PORTS, singlePorts(ports.keys())) },
      ...[...ports].map(([number, here]): Refused => {
        const wide = here.filter((one) => one.wide !== null);
        const isContested = wide.length > 1 && wide.some((one) => one.wide === 'takes');
        const reaches = here.map(({ reach, seen, wide }) => {
          if (!sees(seen.whole)) return PARTLY_SEEN;
          return wide !== null && isContested ? CONTESTED : reach;
        });
        return { who: those, peers: and(OUTSIDE, not(or(...reaches))), ports: singlePorts([number]) };
      }),
    ];
  });
}

const PARTLY_SEEN: Selector = { type: 'unknown', why: PART_WHY };
const CONTESTED: Selector = { type: 'unknown', why: 'several ServiceEntries have this port for all addresses' };

/** What the sidecars of some clients let nobody reach. */
export function refused(
  object: ObjectRef,
  { who, peers, ports }: Refused,
  conditions: readonly Condition[],
): readonly PolicyEntry[] {
  const entry = (member: MeshMode, more: readonly Condition[]): PolicyEntry => {
    const refusal = meshEntry('authentication', {
      source: ruleRef(object),
      subject: and(who, meshMembers(member)),
      action: 'deny',
    });
    return {
      ...refusal,
      direction: 'egress',
      peers: peers === ALL ? { type: 'any' } : { type: 'of', selectors: [peers] },
      ports: tcpPorts(ports),
      conditions: [...conditions, ...more],
    };
  };
  return [entry('sidecar', []), entry('partial', [doubt(PARTIAL_WHY)])];
}
