import { oncePer, pushTo } from '../../base/index.js';
import { ALL, and, NONE, not, or } from '../../model/index.js';
import type { Selector } from '../../model/index.js';
import type { Ranges } from '../../net/index.js';
import type { CompileEnv } from '../frontend.js';
import { controlPlanes } from './control-planes.js';
import type { ControlPlane } from './control-planes.js';
import { DESTINATION_RULE } from './destination-rules.js';
import { meshMembers } from './enrolment.js';
import { readMeshConfig } from './mesh-config.js';
import { portsAlike } from './ports-alike.js';
import { ruledServices } from './ruled-services.js';
import { gateways } from './gateways.js';
import { passedThrough } from './sidecars.js';
import { withoutIdentity } from './transport.js';

/** Clients whose sidecars send what is for some Services in plain text, so that servers do not know them (IM-49). */
export interface PlainClients {
  readonly clients: Selector;
  /** Which backends of the Services that is so for. */
  readonly servers: Selector;
  /** `namespace/name`. */
  readonly services: readonly string[];
  /** Those of the Services. */
  readonly ports: Ranges;
}

type ByNamespace = ReadonlyMap<string, readonly PlainClients[]>;

const everyone = oncePer((planes: readonly ControlPlane[]): ByNamespace => {
  const areas = planes.flatMap(({ env, members }) => {
    const passed = passedThrough(env).map((area) => ({ ...area, servers: ALL }));
    const own = and(members, not(gateways(env)));
    return [...passed, ...switchedOff(env)].map((area) => ({ ...area, clients: and(own, area.clients) }));
  });
  const [first] = planes;
  return first === undefined ? new Map() : byNamespace(first.env, areas, SIDECARS);
});

/**
 * Those of Services that lead to `namespace`, or of all when it is the root one; each backend of a Service stands in one
 * of them.
 */
export function plainClients(env: CompileEnv, namespace: string): readonly PlainClients[] {
  const known = everyone(controlPlanes(env));
  if (namespace === readMeshConfig(env).rootNamespace) return [...known.values()].flat();
  return [...(known.get(namespace) ?? []), ...(known.get(ANYWHERE) ?? [])];
}

/** Where Services lead whose endpoints are written by hand, as far as no pod of their namespace is named for them. */
const ANYWHERE = '';

const SIDECARS = meshMembers('sidecar', 'partial');
const AMBIENT = meshMembers('ambient');

/** Services that the same of `areas` concern on the same ports stand together. */
function byNamespace(env: CompileEnv, areas: readonly PlainClients[], members: Selector): ByNamespace {
  const placeOf = (service: string): string => {
    const isChosen = (env.services.get(service)?.selector ?? null) !== null;
    const endpoints = env.slices.get(service)?.flatMap((slice) => slice.endpoints) ?? [];
    return isChosen && endpoints.every(({ pod }) => pod !== '') ? (service.split('/', 1)[0] ?? '') : ANYWHERE;
  };
  const concern = new Map<string, number[]>();
  for (const [index, { services }] of areas.entries()) {
    for (const service of services) pushTo(concern, service, index);
  }
  const alike = new Map<string, { indices: readonly number[]; ports: Ranges; services: string[] }>();
  for (const service of [...concern.keys()].sort()) {
    const here = concern.get(service) ?? [];
    for (const { members: places, ports } of portsAlike(here.map((index) => areas[index]?.ports ?? []))) {
      if (places.length === 0) continue;
      const indices = places.map((place) => here[place] ?? 0);
      const key = JSON.stringify([placeOf(service), indices, ports]);
      const known = alike.get(key) ?? { indices, ports, services: [] };
      alike.set(key, known);
      known.services.push(service);
    }
  }
  const out = new Map<string, PlainClients[]>();
  for (const { indices, ports, services } of alike.values()) {
    const place = placeOf(services[0] ?? '');
    const those = indices.flatMap((index) => areas[index] ?? []);
    const passed = those.filter(({ servers }) => servers === ALL);
    const to = (servers: Selector, of: readonly PlainClients[]): void => {
      const clients = and(members, or(...of.map((one) => one.clients)));
      pushTo(out, place, { clients, servers, services, ports });
    };
    if (passed.length === those.length) to(ALL, those);
    else {
      to(AMBIENT, passed);
      to(not(AMBIENT), those);
    }
  }
  return out;
}

/**
 * DestinationRules that send to a Service without mutual TLS of the mesh; what goes to ambient backends is carried all
 * the same.
 */
function switchedOff(env: CompileEnv): readonly PlainClients[] {
  const config = readMeshConfig(env);
  if (env.aux(DESTINATION_RULE).length === 0 && config.autoMtls) return [];
  const alike = new Map<string, PlainClients & { readonly services: string[] }>();
  for (const { service, clients, ports, kinds } of ruledServices(env)) {
    const who = and(clients, withoutIdentity(kinds));
    if (who === NONE) continue;
    const key = JSON.stringify([who, ports]);
    const known = alike.get(key) ?? { clients: who, servers: not(AMBIENT), services: [], ports };
    alike.set(key, known);
    known.services.push(service);
  }
  return [...alike.values()];
}
