import { field, groupBy, list, path, text } from '../../base/index.js';
import type { Json } from '../../base/index.js';
import { ALL, and, NONE, not, objectRef, or } from '../../model/index.js';
import type { AuxFact, ObjectRef, Selector } from '../../model/index.js';
import { ALL_PORTS, hasNumber, mergeRanges } from '../../net/index.js';
import type { Ranges } from '../../net/index.js';
import { ProblemList } from '../../normalise/problem-list.js';
import type { CompileEnv } from '../frontend.js';
import { anyOf, bothOf } from './export-to.js';
import type { Audience, Registered } from './export-to.js';
import { readWorkloadSelector } from './fields.parse.js';
import { readMeshConfig } from './mesh-config.js';
import { oldestFirst } from './oldest-first.js';
import { portsApart } from './ports-alike.js';
import { inNamespace } from './targets.compile.js';

const SIDECAR = 'Sidecar.networking.istio.io';

/** Clients whose sidecars see the same of the registry. */
export interface Confined {
  /** The Sidecar, or the mesh's configuration, that lets pass only what goes to it; null where none does. */
  readonly object: ObjectRef | null;
  readonly clients: Selector;
  /** For all ports of something in the registry, in parts. */
  readonly sight: (registered: Registered) => readonly Sight[];
}

/** Which clients see something on some of its ports, by their namespaces, and which of them, or more, perhaps do. */
export interface Sight {
  readonly ports: Ranges;
  readonly whole: Audience;
  readonly part: Audience;
}

export const PART_WHY = 'a listener with a port or an address of its own may show it';

/** What is seen on one port. */
export function sightAt(sights: readonly Sight[], port: number): Pick<Sight, 'whole' | 'part'> {
  return sights.find(({ ports }) => hasNumber(ports, port)) ?? { whole: [], part: [] };
}

/** All clients that have sidecars, by what these see. */
export function confinedClients(env: CompileEnv): readonly Confined[] {
  const config = readMeshConfig(env);
  const { registryOnly } = config;
  const areas = areasOf(env, config.rootNamespace);
  const found = areas.map(({ fact, clients, isOfMesh }): Confined => {
    const isClosed = isRegistryOnly(fact) ?? registryOnly !== null;
    return { object: isClosed ? objectRef(fact.meta) : null, clients, sight: sightOf(fact, isOfMesh) };
  });
  if (areas.some(({ isOfMesh }) => isOfMesh)) return found;
  const others = not(or(...areas.map(({ clients }) => clients)));
  return [...found, { object: registryOnly, clients: others, sight: exported }];
}

interface Area {
  readonly fact: AuxFact;
  readonly clients: Selector;
  /** Whether it is for all namespaces without a Sidecar of their own. */
  readonly isOfMesh: boolean;
}

/**
 * Whom each Sidecar is for: one with a `workloadSelector` for its pods, else the one of the namespace, else the one of
 * the root namespace; of two alike the older one (IM-43).
 */
function areasOf(env: CompileEnv, rootNamespace: string): readonly Area[] {
  const sidecars = [...env.aux(SIDECAR)]
    .sort((a, b) => oldestFirst(a.meta, b.meta))
    .map((fact) => ({ fact, pods: podsOf(fact), namespace: fact.meta.namespace }));
  const chosen = sidecars.filter(({ pods }) => pods !== ALL);
  const whole = sidecars.filter(({ pods }) => pods === ALL);
  const areas: Area[] = [];
  const taken = new Map<string, Selector>();
  for (const { fact, pods, namespace } of [...chosen, ...whole.filter((one) => one.namespace !== rootNamespace)]) {
    const before = taken.get(namespace) ?? NONE;
    taken.set(namespace, or(before, pods));
    const clients = and(inNamespace(namespace), pods, not(before));
    if (clients !== NONE) areas.push({ fact, clients, isOfMesh: false });
  }
  const ofMesh = whole.find((one) => one.namespace === rootNamespace);
  if (ofMesh === undefined) return areas;
  return [...areas, { fact: ofMesh.fact, clients: not(or(...areas.map(({ clients }) => clients))), isOfMesh: true }];
}

/** The pods that it chooses; all when it is for whole namespaces. */
function podsOf({ raw, meta }: AuxFact): Selector {
  const matchLabels = path(raw, 'spec', 'workloadSelector', 'labels');
  if (matchLabels === undefined) return ALL;
  return readWorkloadSelector({ matchLabels }, '/spec/workloadSelector', new ProblemList(meta)) ?? ALL;
}

/** A policy without a mode is REGISTRY_ONLY; null where the Sidecar leaves it to the mesh. */
function isRegistryOnly({ raw }: AuxFact): boolean | null {
  const policy = path(raw, 'spec', 'outboundTrafficPolicy');
  return policy === undefined ? null : text(field(policy, 'mode')) !== 'ALLOW_ANY';
}

/** All that is exported to a client's namespace is seen. */
const exported: Confined['sight'] = ({ audience }) => [{ ports: ALL_PORTS, whole: audience, part: audience }];

interface Listener {
  /** null for all ports. */
  readonly port: number | null;
  /** Whether it takes what clients send to the addresses of Services. */
  readonly takes: boolean;
  readonly hosts: readonly { readonly namespace: string; readonly host: string }[];
}

/**
 * `namespace/host` of listeners; `.` is the namespace of the client, `~` none; no listener sees all. On a port that
 * listeners have for themselves they show what they name, on others those without one do (IM-44).
 */
function sightOf({ raw, meta }: AuxFact, isOfMesh: boolean): Confined['sight'] {
  const listeners = list(path(raw, 'spec', 'egress')).map(readListener);
  if (listeners.length === 0) return exported;
  const parts = portsApart(listeners.flatMap(({ port }) => port ?? []));
  return ({ namespace: home, audience, isNamed }) => {
    const seenBy = (some: readonly Listener[]): Audience => {
      const named = some.flatMap(({ hosts }) => hosts).filter(({ host }) => isNamed(host));
      const to = named.map(({ namespace }): Audience => {
        if (namespace === '.') return isOfMesh ? [home] : home === meta.namespace ? null : [];
        return namespace === '*' || namespace === home ? null : [];
      });
      return bothOf(audience, anyOf(to));
    };
    return alikeTogether(
      parts.map(({ number, ports }): Sight => {
        const near = listeners.filter(({ port }) => port === number);
        const all = listeners.filter(({ port }) => port === number || port === null);
        return { ports, whole: seenBy(near.filter(({ takes }) => takes)), part: seenBy(all) };
      }),
    );
  };
}

/** Ports that make no difference stand together, as questions need not tell them. */
function alikeTogether(sights: readonly Sight[]): readonly Sight[] {
  const groups = groupBy(sights, ({ whole, part }) => JSON.stringify([whole, part]));
  return [...groups.values()].flatMap(([first, ...others]): readonly Sight[] => {
    if (first === undefined) return [];
    return [
      { ports: mergeRanges([first, ...others].flatMap(({ ports }) => ports)), whole: first.whole, part: first.part },
    ];
  });
}

function readListener(listener: Json): Listener {
  const port = path(listener, 'port', 'number');
  const isProxy = text(path(listener, 'port', 'protocol')).toUpperCase() === 'HTTP_PROXY';
  const isApart = text(field(listener, 'bind')) !== '' || text(field(listener, 'captureMode')) === 'NONE';
  return {
    port: typeof port === 'number' && port > 0 && !isProxy ? port : null,
    takes: !isProxy && !isApart,
    hosts: list(field(listener, 'hosts')).map((value) => {
      const [namespace = '', host = ''] = text(value).split('/');
      return { namespace, host };
    }),
  };
}
