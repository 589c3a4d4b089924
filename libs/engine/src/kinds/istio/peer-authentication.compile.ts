import { field, isObject, oncePer, pointer } from '../../base/index.js';
import type { Json } from '../../base/index.js';
import { ALL, and, NONE, not, or } from '../../model/index.js';
import type { CompiledPolicy, ObjectRef, PolicyEntry, PolicyFact, Selector } from '../../model/index.js';
import { ALL_PORTS, mergeRanges, subtractRanges } from '../../net/index.js';
import type { Ranges } from '../../net/index.js';
import { describe, ProblemList } from '../../normalise/problem-list.js';
import type { CompileEnv } from '../frontend.js';
import { EVERY_MEMBER, meshMembers, SEEN_CLIENTS } from './enrolment.js';
import { readWorkloadSelector, warnUnknownFields } from './fields.parse.js';
import { servingProxies } from './gateways.js';
import { readMeshConfig } from './mesh-config.js';
import { aroundProxies, meshEntry, ruleRef, tcpPorts, throughServices } from './mesh-tier.js';
import { oldestFirst } from './oldest-first.js';
import { plainClients } from './plain-clients.js';

const KIND = 'PeerAuthentication';
const MODES = ['UNSET', 'DISABLE', 'PERMISSIVE', 'STRICT'] as const;
type Mode = (typeof MODES)[number];
type ExplicitMode = Exclude<Mode, 'UNSET'>;
const EXPLICIT = ['DISABLE', 'PERMISSIVE', 'STRICT'] as const satisfies readonly ExplicitMode[];

/** A PeerAuthentication as it was written. */
interface Authentication {
  readonly fact: PolicyFact;
  /** null: the whole namespace, or the whole mesh in the root namespace. */
  readonly selector: Selector | null;
  /** Whether it has one, be it without labels. */
  readonly writesSelector: boolean;
  readonly mode: Mode;
  /** Modes by port of the workload; they need a selector. */
  readonly ports: ReadonlyMap<number, Mode>;
  readonly problems: ProblemList;
}

/** Reads and compiles a PeerAuthentication: where mutual TLS is strict, clients without an identity are refused. */
export function compilePeerAuthentication(fact: PolicyFact, env: CompileEnv): CompiledPolicy {
  const { group, kind, namespace, name } = fact.meta;
  const policy = { group, kind, namespace, name };
  const all = readAll(env);
  const own = all.find((one) => one.fact === fact) ?? read(fact);
  const entries = own.problems.failed ? [] : entriesOf(own, all, policy, env);
  return { policy, entries, diagnostics: own.problems.diagnostics, refused: own.problems.failed };
}

/** All of a snapshot, oldest first: of two that collide the older one holds (IM-29). */
const readAll = oncePer((env: CompileEnv): readonly Authentication[] =>
  env.policies
    .filter(({ meta }) => meta.kind === KIND && meta.group === 'security.istio.io')
    .map(read)
    .sort((a, b) => oldestFirst(a.fact.meta, b.fact.meta)),
);

function read(fact: PolicyFact): Authentication {
  const problems = new ProblemList(fact.meta);
  const spec = field(fact.raw, 'spec') ?? {};
  if (!isObject(spec)) problems.error('istio.spec', '/spec', `expected an object, found ${describe(spec)}`);
  warnUnknownFields(spec, ['selector', 'mtls', 'portLevelMtls'], '/spec', problems);
  const selector = readWorkloadSelector(field(spec, 'selector'), '/spec/selector', problems);
  const mode = readMode(field(spec, 'mtls'), '/spec/mtls', problems);
  const ports = readPortModes(field(spec, 'portLevelMtls'), problems);
  if (ports.size > 0 && selector === null) {
    problems.error('istio.port_mtls', '/spec/portLevelMtls', '`portLevelMtls` needs a `selector`');
  }
  if (mode === 'DISABLE' || [...ports.values()].includes('DISABLE')) {
    const message = 'clients have no identity where mutual TLS is off; ambient workloads read it as PERMISSIVE';
    problems.suspect('istio.mtls_disabled', '/spec', message);
  }
  const writesSelector = isObject(field(spec, 'selector'));
  return { fact, selector, writesSelector, mode, ports, problems };
}

function readMode(value: Json | undefined, at: string, problems: ProblemList): Mode {
  warnUnknownFields(value, ['mode'], at, problems);
  const written = field(value, 'mode') ?? 'UNSET';
  const mode = MODES.find((known) => known === written);
  if (mode !== undefined) return mode;
  problems.error('istio.mtls_mode', pointer(at, 'mode'), `expected ${MODES.join(', ')}, found ${describe(written)}`);
  return 'UNSET';
}

function readPortModes(value: Json | undefined, problems: ProblemList): ReadonlyMap<number, Mode> {
  const at = '/spec/portLevelMtls';
  const out = new Map<number, Mode>();
  if (value === undefined) return out;
  if (!isObject(value)) {
    problems.error('istio.port_mtls', at, `expected an object by port, found ${describe(value)}`);
    return out;
  }
  for (const [key, entry] of Object.entries(value)) {
    const port = /^\d{1,5}$/.test(key) ? Number(key) : 0;
    if (port < 1 || port > 65535)
      problems.error('istio.port', pointer(at, key), `\`${key}\` is no port from 1 to 65535`);
    else out.set(port, readMode(entry, pointer(at, key), problems));
  }
  return out;
}

/** Refusals that follow from one policy, given all others. */
function entriesOf(
  own: Authentication,
  all: readonly Authentication[],
  policy: ObjectRef,
  env: CompileEnv,
): readonly PolicyEntry[] {
  const level = levelOf(own, env);
  if (level === 'nobody') {
    const message = 'it holds for nobody: a selector has no effect in the root namespace of the mesh';
    own.problems.suspect('istio.mtls_root_selector', '/spec/selector', message);
    return [];
  }
  const elder = level === 'workload' ? own : elderOf(own, all, env);
  if (elder !== own) {
    const message = `\`${elder?.fact.meta.name ?? ''}\` is older and holds in its place`;
    own.problems.suspect('istio.mtls_shadowed', '/spec', message);
  }
  const told = toldZtunnel(all, env);
  if (env.ambient.has(policy.namespace) && isLostAtZtunnel(own, told, env)) {
    const message =
      'ztunnel enforces nothing of it: mutual TLS is strict for the mesh and its namespace does not say so';
    own.problems.suspect('istio.mtls_lost', '/spec/portLevelMtls', message);
  }
  if (!told.includes(own)) {
    const message = 'a selector without labels keeps it from ambient workloads of other namespaces';
    own.problems.suspect('istio.mtls_selector_lost', '/spec/selector', message);
  }
  return strictWhere(own, all, told, env).flatMap((where) => strict(own, where, policy, env));
}

/** Where one policy makes mutual TLS strict, which ztunnel may see in another way than sidecars. */
function strictWhere(
  own: Authentication,
  all: readonly Authentication[],
  told: readonly Authentication[],
  env: CompileEnv,
): readonly WorkloadPorts[] {
  const usual = decidedBy(own, 'STRICT', all, env);
  if (told.length === all.length) return usual;
  const elsewhere = and(meshMembers('ambient'), not({ type: 'namespace', names: [readMeshConfig(env).rootNamespace] }));
  const within = (areas: readonly WorkloadPorts[], selector: Selector): readonly WorkloadPorts[] =>
    areas.map(({ subject, ports }) => ({ subject: and(subject, selector), ports }));
  return [
    ...within(usual, not(elsewhere)),
    ...(told.includes(own) ? within(decidedBy(own, 'STRICT', told, env), elsewhere) : []),
  ];
}

/** Those that ztunnel is told of outside the root namespace: a policy there with any selector is not for the mesh (IM-60). */
function toldZtunnel(all: readonly Authentication[], env: CompileEnv): readonly Authentication[] {
  if (env.ambient.size === 0) return all;
  const told = all.filter((one) => !one.writesSelector || levelOf(one, env) !== 'mesh');
  return told.length === all.length ? all : told;
}

/**
 * Whether istiod makes nothing for ztunnel of a policy with ports (IM-56): it takes STRICT ports to be those of the mesh
 * already, also where the policy's mode says otherwise, and a namespace that leaves the mode unset not to be STRICT.
 */
function isLostAtZtunnel(own: Authentication, all: readonly Authentication[], env: CompileEnv): boolean {
  if (levelOf(own, env) !== 'workload' || atLevel('mesh', all, env)[0]?.mode !== 'STRICT') return false;
  const ofNamespace = atLevel('namespace', all, env, own.fact.meta.namespace)[0];
  if ((ofNamespace?.mode ?? 'UNSET') !== 'UNSET' || own.mode === 'STRICT') return false;
  return own.mode === 'UNSET'
    ? ofNamespace !== undefined && portsIn(own, 'PERMISSIVE').length > 0
    : portsIn(own, 'STRICT').length > 0;
}

/** `nobody`: a selector in the root namespace is left out by istiod, for sidecars and for ztunnel (IM-32). */
type Level = 'mesh' | 'namespace' | 'workload' | 'nobody';

function levelOf({ fact, selector }: Authentication, env: CompileEnv): Level {
  const root = fact.meta.namespace === readMeshConfig(env).rootNamespace;
  if (selector === null) return root ? 'mesh' : 'namespace';
  return root ? 'nobody' : 'workload';
}

/** Workloads, and ports of theirs. */
export interface WorkloadPorts {
  readonly subject: Selector;
  readonly ports: Ranges;
}

/** Where policy switches mutual TLS off for workloads of `namespace`, or of any namespace when it is the root one. */
export function withoutMutualTls(env: CompileEnv, namespace: string): readonly WorkloadPorts[] {
  const all = readAll(env);
  const everywhere = namespace === readMeshConfig(env).rootNamespace;
  return all
    .filter((own) => levelOf(own, env) === 'mesh' || everywhere || own.fact.meta.namespace === namespace)
    .filter((own) => levelOf(own, env) !== 'nobody')
    .flatMap((own) => decidedBy(own, 'DISABLE', all, env))
    .filter(({ ports }) => ports.length > 0);
}

/** Where one policy, given all others, decides for a mode (IM-28 to IM-31). */
function decidedBy(
  own: Authentication,
  mode: ExplicitMode,
  all: readonly Authentication[],
  env: CompileEnv,
): readonly WorkloadPorts[] {
  if (own.problems.failed) return [];
  const { namespace } = own.fact.meta;
  const level = levelOf(own, env);
  const enforcing = (one: Authentication): Selector =>
    mode === 'STRICT' && isLostAtZtunnel(one, all, env) ? not(meshMembers('ambient')) : ALL;
  if (level === 'workload') {
    const subject = and(...chosen(own, atLevel('workload', all, env, namespace)), enforcing(own));
    return [{ subject, ports: ownPorts(own, mode) }];
  }
  if (elderOf(own, all, env) !== own || own.mode !== mode) return [];
  const workloads = level === 'namespace' ? atLevel('workload', all, env, namespace) : atLevel('workload', all, env);
  const closed = level === 'namespace' ? [] : namespacesThatDecide(atLevel('namespace', all, env));
  const scope: Selector =
    level === 'namespace'
      ? { type: 'namespace', names: [namespace] }
      : closed.length === 0
        ? ALL
        : not({ type: 'namespace', names: closed });
  const elsewhere = or(...workloads.map(ofWorkload));
  const base: WorkloadPorts = { subject: and(scope, not(elsewhere)), ports: ALL_PORTS };
  // Workloads whose own policy leaves the mode unset inherit it, except for the ports that it names.
  const inheriting = workloads.filter((one) => one.mode === 'UNSET' && !closed.includes(one.fact.meta.namespace));
  return [
    base,
    ...inheriting.flatMap((one): WorkloadPorts[] => {
      const peers = workloads.filter((other) => other.fact.meta.namespace === one.fact.meta.namespace);
      const subject = and(...chosen(one, peers), enforcing(one));
      const rest: WorkloadPorts = { subject, ports: subtractRanges(ALL_PORTS, portsIn(one, ...EXPLICIT)) };
      if (portsIn(one, 'PERMISSIVE').length > 0) return [rest];
      // ztunnel takes ports out of an inherited mode for the sake of PERMISSIVE ones alone (IM-31).
      return [rest, { subject: and(subject, meshMembers('ambient')), ports: portsIn(one, 'DISABLE') }];
    }),
  ];
}

/** The oldest policy of its level, which holds in place of the others (IM-29). */
function elderOf(own: Authentication, all: readonly Authentication[], env: CompileEnv): Authentication | undefined {
  return atLevel(levelOf(own, env), all, env, own.fact.meta.namespace)[0];
}

/** Policies without errors of one level, the oldest first; those of a namespace alone when one is given. */
function atLevel(
  level: Level,
  all: readonly Authentication[],
  env: CompileEnv,
  namespace?: string,
): readonly Authentication[] {
  return all.filter(
    (one) =>
      !one.problems.failed &&
      levelOf(one, env) === level &&
      (namespace === undefined || one.fact.meta.namespace === namespace),
  );
}

function namespacesThatDecide(policies: readonly Authentication[]): readonly string[] {
  const oldest = new Map<string, Authentication>();
  for (const one of policies) {
    const { namespace } = one.fact.meta;
    if (!oldest.has(namespace)) oldest.set(namespace, one);
  }
  return [...oldest].filter(([, one]) => one.mode !== 'UNSET').map(([namespace]) => namespace);
}

const ofWorkload = ({ fact, selector }: Authentication): Selector =>
  and({ type: 'namespace', names: [fact.meta.namespace] }, selector ?? ALL);

/** The workloads that a policy with a selector decides about: its own, less those of older ones. */
function chosen(own: Authentication, sameNamespace: readonly Authentication[]): readonly Selector[] {
  const older = sameNamespace.slice(0, sameNamespace.indexOf(own));
  return [
    { type: 'namespace', names: [own.fact.meta.namespace] },
    own.selector ?? ALL,
    ...older.map((one) => not(one.selector ?? ALL)),
  ];
}

const portsIn = (own: Authentication, ...modes: readonly Mode[]): Ranges =>
  mergeRanges(
    [...own.ports].filter(([, mode]) => modes.includes(mode)).map(([port]): [number, number] => [port, port]),
  );

/** Ports that a policy with a selector puts into a mode by itself. */
function ownPorts(own: Authentication, mode: ExplicitMode): Ranges {
  if (own.mode !== mode) return portsIn(own, mode);
  return subtractRanges(ALL_PORTS, portsIn(own, ...EXPLICIT.filter((other) => other !== mode)));
}

function strict(
  own: Authentication,
  { subject, ports }: WorkloadPorts,
  policy: ObjectRef,
  env: CompileEnv,
): readonly PolicyEntry[] {
  if (ports.length === 0) return [];
  const byPort = own.mode !== 'STRICT';
  const source = ruleRef(policy, byPort ? '/spec/portLevelMtls' : '/spec/mtls');
  const held = and(withMembers(subject), not(servingProxies(env)));
  const entry = meshEntry('authentication', { source, subject: held, action: 'deny' });
  const from = (clients: Selector): PolicyEntry => {
    return { ...entry, peers: { type: 'of', selectors: [clients] }, ports: tcpPorts(ports) };
  };
  return [
    ...aroundProxies(policy, subject),
    from(not(SEEN_CLIENTS)),
    ...plainClients(env, own.fact.meta.namespace)
      .filter(({ clients }) => clients !== NONE)
      .map((plain): PolicyEntry => {
        const there = from(plain.clients);
        const conditions = [throughServices(plain.services, plain.ports)];
        return { ...there, subject: and(there.subject, plain.servers), conditions };
      }),
  ];
}

/** The namespace test stays at the front, where policies are found by it. */
function withMembers(subject: Selector): Selector {
  return and(subject, EVERY_MEMBER);
}
