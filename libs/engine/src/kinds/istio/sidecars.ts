import { field, list, pushTo, text } from '../../base/index.js';
import { ALL, and, NONE, not, objectLabel, objectRef, or } from '../../model/index.js';
import type { AuxFact, CompiledPolicy, Condition, ObjectRef, PolicyEntry, Selector, Tier } from '../../model/index.js';
import { ALL_PORTS, mergeRanges, subtractRanges } from '../../net/index.js';
import type { Ranges } from '../../net/index.js';
import { ProblemList } from '../../normalise/problem-list.js';
import type { CompileEnv } from '../frontend.js';
import { meshMembers, PARTIAL_WHY } from './enrolment.js';
import type { MeshMode } from './enrolment.js';
import { anyOf, bothOf, isShownTo, podsIn, serviceAudience } from './export-to.js';
import type { Audience, Registered } from './export-to.js';
import { readWorkloadSelector } from './fields.parse.js';
import { readMeshConfig } from './mesh-config.js';
import { MESH_TIER, meshEntry, ruleRef, tcpPorts } from './mesh-tier.js';
import { oldestFirst } from './oldest-first.js';
import { waysOut } from './service-entries.js';
import { GATEWAY_NAME, inNamespace, ISTIO_GATEWAY, istioGatewayPods } from './targets.compile.js';
import { isNameOf, VIRTUAL_SERVICE } from './virtual-service.js';

const SIDECAR = 'Sidecar.networking.istio.io';

const GATEWAY_API_PODS: Selector = { type: 'label', owner: 'pod', key: GATEWAY_NAME, op: 'exists', values: [] };

/** Clients whose sidecars see the same Services. */
interface Confined {
  /** The Sidecar, or the mesh's configuration, that lets pass only what goes to them; null where none does. */
  readonly object: ObjectRef | null;
  readonly clients: Selector;
  readonly sight: (registered: Registered) => Sight;
}

/** Which clients see a Service, by their namespaces, and which of them through some of its ports, where that is not told. */
interface Sight {
  readonly whole: Audience;
  readonly part: Audience;
}

/** What sidecars refuse their own pods where `outboundTrafficPolicy` is REGISTRY_ONLY (IM-43 to IM-45). */
export function sidecarConfines(env: CompileEnv): { policies: CompiledPolicy[]; tiers: Tier[] } {
  const policies = confinedClients(env).flatMap(({ object, clients, sight }): CompiledPolicy[] => {
    if (object === null) return [];
    const entries = refusals(object, { clients: and(clients, not(gateways(env))), sight }, env);
    return [{ policy: object, entries, diagnostics: [], refused: false }];
  });
  return { policies, tiers: policies.length === 0 ? [] : [MESH_TIER] };
}

/** Clients whose sidecars let pass what they do not see, as it stands and without mutual TLS, and the Services that is for. */
export function passedThrough(env: CompileEnv): readonly { clients: Selector; services: readonly string[] }[] {
  return confinedClients(env)
    .filter(({ object }) => object === null)
    .flatMap((each) => hiddenServices(each, env))
    .map(({ who, names, why }) => ({
      clients: why === null ? who : and(who, { type: 'unknown', why }),
      services: names,
    }));
}

function confinedClients(env: CompileEnv): readonly Confined[] {
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

/** Sidecars are no matter of gateways, whose proxies have no pod beside them. */
export function gateways(env: CompileEnv): Selector {
  return or(GATEWAY_API_PODS, ...env.aux(ISTIO_GATEWAY).map(istioGatewayPods));
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
  const matchLabels = field(field(field(raw, 'spec'), 'workloadSelector'), 'labels');
  if (matchLabels === undefined) return ALL;
  return readWorkloadSelector({ matchLabels }, '/spec/workloadSelector', new ProblemList(meta)) ?? ALL;
}

/** A policy without a mode is REGISTRY_ONLY; null where the Sidecar leaves it to the mesh. */
function isRegistryOnly({ raw }: AuxFact): boolean | null {
  const policy = field(field(raw, 'spec'), 'outboundTrafficPolicy');
  return policy === undefined ? null : text(field(policy, 'mode')) !== 'ALLOW_ANY';
}

/** All that is exported to a client's namespace is seen. */
const exported: Confined['sight'] = ({ audience }) => ({ whole: audience, part: audience });

/** `namespace/host` of listeners; `.` is the namespace of the client, `~` none; no listener sees all (IM-44). */
function sightOf({ raw, meta }: AuxFact, isOfMesh: boolean): Confined['sight'] {
  const listeners = list(field(field(raw, 'spec'), 'egress'));
  if (listeners.length === 0) return exported;
  const hosts = listeners.flatMap((listener) =>
    list(field(listener, 'hosts')).map((value) => {
      const [namespace = '', host = ''] = text(value).split('/');
      return { namespace, host, isWhole: field(listener, 'port') === undefined };
    }),
  );
  return ({ namespace: home, audience, isNamed }) => {
    const named = hosts.filter(({ host }) => isNamed(host));
    const seenBy = ({ namespace }: { readonly namespace: string }): Audience => {
      if (namespace === '.') return isOfMesh ? [home] : home === meta.namespace ? null : [];
      return namespace === '*' || namespace === home ? null : [];
    };
    return {
      whole: bothOf(audience, anyOf(named.filter(({ isWhole }) => isWhole).map(seenBy))),
      part: bothOf(audience, anyOf(named.map(seenBy))),
    };
  };
}

interface Hidden {
  readonly who: Selector;
  /** `namespace/name`. */
  readonly names: readonly string[];
  /** Why they may see them all the same; null where they do not. */
  readonly why: string | null;
}

/** The Services that clients do not see, or may not see. */
function hiddenServices({ clients, sight }: Pick<Confined, 'clients' | 'sight'>, env: CompileEnv): readonly Hidden[] {
  const config = readMeshConfig(env);
  const alike = new Map<string, { readonly sight: Sight; readonly names: string[] }>();
  for (const { meta } of env.services.values()) {
    const isNamed = (host: string): boolean => isNameOf(host, objectLabel(meta));
    const found = sight({ namespace: meta.namespace, audience: serviceAudience(meta, config), isNamed });
    const key = JSON.stringify([found.whole, found.part]);
    const known = alike.get(key) ?? { sight: found, names: [] };
    alike.set(key, known);
    known.names.push(objectLabel(meta));
  }
  const virtual = env.aux(VIRTUAL_SERVICE).length > 0 ? 'a VirtualService may bring it into sight' : null;
  return [...alike.values()].flatMap(({ sight: { whole, part }, names }) => {
    const hidden = { who: and(clients, not(podsIn(part))), names: names.sort(), why: virtual };
    const open = { who: and(clients, podsIn(part), not(podsIn(whole))), names, why: PART_WHY };
    const isPartly = part === null ? whole !== null : part.some((namespace) => !isShownTo(whole, namespace));
    return [...(part === null ? [] : [hidden]), ...(isPartly ? [open] : [])];
  });
}

const PART_WHY = 'through which of its ports the sidecar sees the Service is not evaluated';

function refusals(
  object: ObjectRef,
  confined: Pick<Confined, 'clients' | 'sight'>,
  env: CompileEnv,
): readonly PolicyEntry[] {
  const doubts = (why: string | null): readonly Condition[] => (why === null ? [] : [doubt(why)]);
  const entries = hiddenServices(confined, env).flatMap(({ who, names, why }) =>
    refused(object, { who, peers: ALL, ports: ALL_PORTS }, [{ type: 'service', names }, ...doubts(why)]),
  );
  return [...entries, ...outsideOf(confined, env).flatMap((part) => refused(object, part, [{ type: 'direct' }]))];
}

const doubt = (what: string): Condition => ({ type: 'unsupported', what });

/** What some clients are refused. */
interface Refused {
  readonly who: Selector;
  readonly peers: Selector;
  readonly ports: Ranges;
}

const OUTSIDE = not({ type: 'kind', kinds: ['pod', 'hostpod'] });

/** All that is not pods, but for where ways out lead that clients see, by the clients' namespaces (IM-50). */
function outsideOf({ clients, sight }: Pick<Confined, 'clients' | 'sight'>, env: CompileEnv): readonly Refused[] {
  const ways = waysOut(env).map((way) => ({ way, seen: sight(way) }));
  const told = anyOf(ways.flatMap(({ seen: { part } }) => (part === null ? [] : [part]))) ?? [];
  const parts = [...told.map((name) => ({ who: podsIn([name]), name })), { who: not(podsIn(told)), name: null }];
  return parts.flatMap(({ who, name }): readonly Refused[] => {
    const sees = (audience: Audience): boolean => (name === null ? audience === null : isShownTo(audience, name));
    const ports = new Map<number, Selector[]>();
    for (const { way, seen } of ways.filter(({ seen: { part } }) => sees(part))) {
      for (const { number, reach } of way.ports) pushTo(ports, number, sees(seen.whole) ? reach : PARTLY_SEEN);
    }
    const numbers = mergeRanges([...ports.keys()].map((number) => [number, number]));
    const those = and(clients, who);
    return [
      { who: those, peers: OUTSIDE, ports: subtractRanges(ALL_PORTS, numbers) },
      ...[...ports].map(([number, reaches]): Refused => {
        return { who: those, peers: and(OUTSIDE, not(or(...reaches))), ports: [[number, number]] };
      }),
    ];
  });
}

const PARTLY_SEEN: Selector = { type: 'unknown', why: PART_WHY };

function refused(
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
