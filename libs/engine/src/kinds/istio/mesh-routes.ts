import { field, list, path, pushTo, text } from '../../base/index.js';
import type { Json } from '../../base/index.js';
import type { AuxFact } from '../../model/index.js';
import { audienceOf } from './export-to.js';
import type { Registered } from './export-to.js';
import { readMeshConfig } from './mesh-config.js';
import { isNameOf, serviceOfHost, VIRTUAL_SERVICE } from './virtual-service.js';
import type { Aux } from './virtual-service.js';

/** A VirtualService by which sidecars go. */
export interface MeshRoutes extends Registered {
  readonly fact: AuxFact;
  /** Whole names in small letters; some are the ending of names. */
  readonly hosts: readonly string[];
}

/** The VirtualServices by which sidecars go: of gateway `mesh`, which is meant where none is named. */
export function meshRoutes(aux: Aux): readonly MeshRoutes[] {
  const { exportDefaults } = readMeshConfig({ aux });
  return aux(VIRTUAL_SERVICE)
    .filter(({ raw }) => isForSidecars(field(raw, 'spec')))
    .map((fact) => {
      const { namespace } = fact.meta;
      const hosts = list(path(fact.raw, 'spec', 'hosts')).map((host) => wholeName(text(host).toLowerCase(), namespace));
      const audience = audienceOf(fact, exportDefaults.virtualService);
      return { fact, hosts, namespace, audience, isNamed: (host) => hosts.some((own) => meet(own, host)) };
    });
}

function wholeName(host: string, namespace: string): string {
  return host.includes('.') || host.startsWith('*') ? host : `${host}.${namespace}.svc.cluster.local`;
}

/** Whether two hosts, which may be endings of names, have a name in common. */
function meet(one: string, other: string): boolean {
  const covers = (wide: string, narrow: string): boolean =>
    wide.startsWith('*') ? narrow.endsWith(wide.slice(1)) : wide === narrow;
  const small = other.toLowerCase();
  return covers(one, small) || covers(small, one);
}

/** Those of some VirtualServices whose hosts a Service, by `namespace/name`, is one of. */
export function routesFor(all: readonly MeshRoutes[]): (service: string) => readonly MeshRoutes[] {
  const byService = new Map<string, MeshRoutes[]>();
  const wild: MeshRoutes[] = [];
  for (const routes of all) {
    const named = routes.hosts.map((host) => serviceOfHost(host, routes.namespace));
    for (const service of new Set(named)) if (service !== null) pushTo(byService, service, routes);
    if (routes.hosts.some((host) => host.startsWith('*'))) wild.push(routes);
  }
  const stands = (service: string) => (routes: MeshRoutes) => routes.hosts.some((host) => isNameOf(host, service));
  return (service) => [...new Set([...(byService.get(service) ?? []), ...wild.filter(stands(service))])];
}

/** Where a rule of a VirtualService sends. */
export interface MeshDestination {
  /** `namespace/name`; null for none of the cluster. */
  readonly service: string | null;
  /** '' for the whole Service. */
  readonly subset: string;
  /** null for the port that was asked for. */
  readonly port: number | null;
}

/** Whether a VirtualService, or a condition of a rule, is for sidecars. */
export function isForSidecars(spec: Json | undefined): boolean {
  const gateways = list(field(spec, 'gateways'));
  return gateways.length === 0 || gateways.includes('mesh');
}

export const isForSomeClients = (condition: Json): boolean =>
  field(condition, 'sourceLabels') !== undefined || field(condition, 'sourceNamespace') !== undefined;

export function readDestination(destination: Json, namespace: string): MeshDestination {
  const port = path(destination, 'port', 'number');
  return {
    service: serviceOfHost(text(field(destination, 'host')).toLowerCase(), namespace),
    subset: text(field(destination, 'subset')),
    port: typeof port === 'number' ? port : null,
  };
}
