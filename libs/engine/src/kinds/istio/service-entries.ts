import { field, list, path, text } from '../../base/index.js';
import type { Json } from '../../base/index.js';
import { ALL, and, or } from '../../model/index.js';
import type { AuxFact, Selector } from '../../model/index.js';
import { blockOf, parseCidr, parseIp } from '../../net/index.js';
import type { CompileEnv } from '../frontend.js';
import { audienceOf } from './export-to.js';
import type { Registered } from './export-to.js';
import { readMeshConfig } from './mesh-config.js';
import type { MeshConfig } from './mesh-config.js';
import { passes, textTest } from './text-match.js';
import { chosenEntries, SERVICE_ENTRY } from './workload-entries.js';
import type { MachineEntry } from './workload-entries.js';

/** What the registry of the mesh has of the outside: where sidecars that see it let their clients go (IM-50). */
export interface WayOut extends Registered {
  readonly ports: readonly {
    readonly number: number;
    readonly reach: Selector;
    /** Of an entry for all addresses whether it lets pass on or takes what goes to this port; null for no such one. */
    readonly wide: 'passes' | 'takes' | null;
  }[];
}

/** Of ServiceEntries. Services that are an alias of a name outside add nothing: what they stand for must be one of these. */
export function waysOut(env: CompileEnv): readonly WayOut[] {
  const config = readMeshConfig(env);
  return env.aux(SERVICE_ENTRY).map((fact) => entryWay(fact, config, env));
}

function entryWay(fact: AuxFact, { exportDefaults }: MeshConfig, env: CompileEnv): WayOut {
  const { raw, meta } = fact;
  const hosts = list(path(raw, 'spec', 'hosts')).map((host) => text(host).toLowerCase());
  return {
    namespace: meta.namespace,
    audience: audienceOf(fact, exportDefaults.service),
    isNamed: (host) => hosts.some((own) => passes(textTest(host), own)),
    ports: list(path(raw, 'spec', 'ports')).flatMap((port) => {
      const number = field(port, 'number');
      return typeof number === 'number' ? [{ number, ...reachOf({ fact, env }, hosts, port, number) }] : [];
    }),
  };
}

/** Protocols that name the host in requests, and those that name it as TLS begins. */
const BY_REQUEST: ReadonlySet<string> = new Set(['HTTP', 'HTTP2', 'GRPC', 'GRPC-WEB']);
const BY_SERVER_NAME: ReadonlySet<string> = new Set(['HTTPS', 'TLS']);

/** Rules about names leave out the addresses of nodes, but a sidecar goes by the name alone. */
const NODE_BY_NAME = and(
  { type: 'kind', kinds: ['node'] },
  { type: 'unknown', why: 'by which name a node is asked for is not told' },
);

const OTHERWISE: Selector = { type: 'unknown', why: 'a ServiceEntry leads there from addresses of its own' };

type Reach = Pick<WayOut['ports'][number], 'reach' | 'wide'>;

/** A ServiceEntry with what it may select of. */
interface Placed {
  readonly fact: AuxFact;
  readonly env: CompileEnv;
}

function reachOf(placed: Placed, hosts: readonly string[], port: Json, number: number): Reach {
  const { raw } = placed.fact;
  const protocol = text(field(port, 'protocol')).toUpperCase();
  const blocks = list(path(raw, 'spec', 'addresses')).flatMap((address) => blockText(text(address)));
  if (BY_REQUEST.has(protocol)) return { reach: byName(hosts), wide: null };
  if (BY_SERVER_NAME.has(protocol)) {
    // Only what goes to its addresses is looked at, whatever the name.
    return { reach: blocks.length === 0 ? byName(hosts) : and(byName(hosts), OTHERWISE), wide: null };
  }
  const resolution = text(path(raw, 'spec', 'resolution'));
  const isPassedOn = ['', 'NONE'].includes(resolution);
  if (isPassedOn && blocks.length === 0) return { reach: ALL, wide: 'passes' };
  if (isPassedOn) return { reach: or(...blocks.map(inBlock)), wide: null };
  const ends = endpointsOf(placed, hosts, port, resolution);
  // Where it has no addresses, all that goes to its port is sent to its endpoints, from whichever address it came.
  const there = or(...ends.flatMap((end) => (end.port === number ? [end.reach] : [])));
  const elsewhere = or(...ends.flatMap((end) => (end.port === number ? [] : [end.reach])));
  if (blocks.length === 0) return { reach: or(there, and(elsewhere, OTHERWISE)), wide: 'takes' };
  const asked = resolution === 'STATIC' ? [...ends.map((end) => end.reach), ...blocks.map(inBlock)] : [ALL];
  return { reach: and(or(...asked), OTHERWISE), wide: null };
}

interface End {
  readonly reach: Selector;
  readonly port: number;
}

/** Where a ServiceEntry sends to: its `endpoints`, workloads that are told elsewhere, else its hosts. */
function endpointsOf({ fact, env }: Placed, hosts: readonly string[], port: Json, resolution: string): readonly End[] {
  const { raw } = fact;
  const target = field(port, 'targetPort') ?? field(port, 'number');
  const at = (own: Json | undefined): number =>
    typeof own === 'number' ? own : typeof target === 'number' ? target : 0;
  const endOf = (address: string, ports: Json | undefined): End[] => {
    const own = at(path(ports, text(field(port, 'name'))));
    const blocks = blockText(address);
    if (blocks.length > 0) return [{ reach: or(...blocks.map(inBlock)), port: own }];
    return address === '' ? [] : [{ reach: byName([address.toLowerCase()]), port: own }];
  };
  const ends = list(path(raw, 'spec', 'endpoints')).flatMap((one) =>
    endOf(text(field(one, 'address')), field(one, 'ports')),
  );
  const others = selectedEntries(fact, env).flatMap(({ address, ports }) => endOf(address, ports));
  // What is looked up goes by its hosts too: clients know no other names.
  const named = resolution === 'STATIC' ? [] : [{ reach: byName(hosts), port: at(undefined) }];
  return [...ends, ...others, ...named];
}

/** Of the workloads that it selects those outside the cluster: pods are no matter of ways out. */
function selectedEntries({ raw, meta }: AuxFact, env: CompileEnv): readonly MachineEntry[] {
  const selector = path(raw, 'spec', 'workloadSelector');
  return selector === undefined ? [] : chosenEntries(env, meta.namespace, field(selector, 'labels'));
}

function byName(hosts: readonly string[]): Selector {
  const names = hosts.map((pattern): Selector => ({
    type: 'hostName',
    pattern: { dialect: 'labels-any-depth', pattern },
  }));
  return or(NODE_BY_NAME, ...names);
}

function blockText(address: string): readonly string[] {
  const ip = parseIp(address);
  if (ip !== null) return [blockOf(ip)];
  return parseCidr(address) === null ? [] : [address];
}

const inBlock = (cidr: string): Selector => ({ type: 'cidr', cidr, except: [] });
