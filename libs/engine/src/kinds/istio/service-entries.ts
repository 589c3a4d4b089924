import { field, list, path, text } from '../../base/index.js';
import { and, objectLabel, or, serviceOfDnsName } from '../../model/index.js';
import type { AuxFact, Selector } from '../../model/index.js';
import { blockOf, parseCidr, parseIp } from '../../net/index.js';
import type { CompileEnv } from '../frontend.js';
import { audienceOf, serviceAudience } from './export-to.js';
import type { Registered } from './export-to.js';
import { readMeshConfig } from './mesh-config.js';
import type { MeshConfig } from './mesh-config.js';
import { passes, textTest } from './text-match.js';
import { isNameOf } from './virtual-service.js';

export const SERVICE_ENTRY = 'ServiceEntry.networking.istio.io';

/** What the registry of the mesh has of the outside: where sidecars that see it let their clients go (IM-50). */
export interface WayOut extends Registered {
  readonly ports: readonly { readonly number: number; readonly reach: Selector }[];
}

/** Of ServiceEntries, and of Services that are an alias of a name outside. */
export function waysOut(env: CompileEnv): readonly WayOut[] {
  const config = readMeshConfig(env);
  const aliases = [...env.services.values()].filter(
    ({ serviceType, externalName }) => serviceType === 'ExternalName' && serviceOfDnsName(externalName) === null,
  );
  return [
    ...env.aux(SERVICE_ENTRY).map((fact) => entryWay(fact, config)),
    ...aliases.map(({ meta, ports }) => ({
      namespace: meta.namespace,
      audience: serviceAudience(meta, config),
      isNamed: (host: string) => isNameOf(host, objectLabel(meta)),
      ports: ports.map(({ port }) => ({ number: port, reach: NOT_TOLD })),
    })),
  ];
}

function entryWay(fact: AuxFact, { exportDefaults }: MeshConfig): WayOut {
  const { raw, meta } = fact;
  const hosts = list(path(raw, 'spec', 'hosts')).map((host) => text(host).toLowerCase());
  return {
    namespace: meta.namespace,
    audience: audienceOf(fact, exportDefaults.service),
    isNamed: (host) => hosts.some((own) => passes(textTest(host), own)),
    ports: list(path(raw, 'spec', 'ports')).flatMap((port) => {
      const number = field(port, 'number');
      if (typeof number !== 'number') return [];
      return [{ number, reach: reachOf(fact, hosts, text(field(port, 'protocol')).toUpperCase()) }];
    }),
  };
}

/** Protocols that name the host, in requests or as TLS begins. */
const NAMES_HOSTS: ReadonlySet<string> = new Set(['HTTP', 'HTTP2', 'HTTPS', 'GRPC', 'GRPC-WEB', 'TLS']);

/** Rules about names leave out the addresses of nodes, but a sidecar goes by the name alone. */
const NODE_BY_NAME = and(
  { type: 'kind', kinds: ['node'] },
  { type: 'unknown', why: 'by which name a node is asked for is not told' },
);

const NOT_TOLD: Selector = { type: 'unknown', why: 'what the registry of the mesh has for this port is not evaluated' };

function reachOf({ raw }: AuxFact, hosts: readonly string[], protocol: string): Selector {
  if (NAMES_HOSTS.has(protocol)) {
    return or(
      NODE_BY_NAME,
      ...hosts.map((pattern): Selector => ({ type: 'hostName', pattern: { dialect: 'labels-any-depth', pattern } })),
    );
  }
  // What goes to addresses goes on as it stands only where nothing is looked up.
  const isLookedUp = !['', 'NONE'].includes(text(path(raw, 'spec', 'resolution')));
  const blocks = list(path(raw, 'spec', 'addresses')).flatMap((address) => blockText(text(address)));
  return isLookedUp || blocks.length === 0 ? NOT_TOLD : or(...blocks.map(inBlock));
}

function blockText(address: string): readonly string[] {
  const ip = parseIp(address);
  if (ip !== null) return [blockOf(ip)];
  return parseCidr(address) === null ? [] : [address];
}

const inBlock = (cidr: string): Selector => ({ type: 'cidr', cidr, except: [] });
