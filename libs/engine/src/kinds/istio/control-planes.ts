import { canonicalJson, groupBy, oncePer } from '../../base/index.js';
import { ALL, and, kindId, not, or } from '../../model/index.js';
import type { AuxFact, CompiledPolicy, ObjectMeta, PolicyFact, Selector, Tier } from '../../model/index.js';
import { DEFAULT_REVISION, MESH_REVISION, MESH_WEBHOOK, revisionOfConfig } from '../../normalise/mesh-revisions.js';
import type { CompileEnv, PolicyFrontend } from '../frontend.js';
import { askingFor, groupsOfRevision, injectedBy, meshMembers, ZTUNNEL } from './enrolment.js';
import { configOf, isDiscovered, meshConfigs, revisionTags } from './mesh-config.js';

/** Of proxies that the same settings hold for, and the same objects. */
export interface ControlPlane {
  /** What is read for them. */
  readonly env: CompileEnv;
  /** The members of the mesh whose proxies these are; all where there is no other control plane. */
  readonly members: Selector;
  /** Whether an object of Istio is read for them. */
  readonly reads: (meta: ObjectMeta) => boolean;
}

const OF_NETWORKING = ['Gateway', 'Sidecar', 'ServiceEntry', 'WorkloadEntry', 'VirtualService', 'DestinationRule'].map(
  (kind) => kindId({ group: 'networking.istio.io', kind }),
);
const OF_SECURITY = 'security.istio.io';

/** All control planes of a snapshot, also where only one of them is looked at (IM-66, IM-67). */
export function controlPlanes(env: CompileEnv): readonly ControlPlane[] {
  return planesOf(env instanceof SeenEnv ? env.whole : env);
}

/** What a control plane of some revision reads. */
interface Revision {
  readonly name: string;
  readonly members: Selector;
  readonly config: AuxFact | undefined;
}

const planesOf = oncePer((env: CompileEnv): readonly ControlPlane[] => {
  const configs = meshConfigs(env);
  const labelled = labelledRevisions(env);
  const isWhole = configs.every((one) => configOf(one).discovery.length === 0);
  if (configs.length <= 1 && labelled.length === 0 && isWhole) return [{ env, members: ALL, reads: () => true }];
  const planes = revisionsOf(env, configs, labelled).map(({ name, members, config }) => {
    const settings = configOf(config);
    const reads = ({ labels, namespace }: ObjectMeta): boolean =>
      (labels[MESH_REVISION] ?? name) === name && isDiscovered(settings, namespace, env);
    const seen = new SeenEnv(env, reads, config === undefined ? [] : [config]);
    return { plane: { env: seen, members, reads }, settings, own: labelled.includes(name) ? name : '' };
  });
  // Most of them differ in nothing that counts here.
  const alike = groupBy(planes, ({ settings: { registryOnly, ...settings }, own }) =>
    canonicalJson({ settings, closed: registryOnly !== null, own }),
  );
  return [...alike.values()].flatMap((some): readonly ControlPlane[] => {
    const members = alike.size === 1 ? ALL : or(...some.map(({ plane }) => plane.members));
    return some.slice(0, 1).map(({ plane }) => ({ ...plane, members }));
  });
});

/** Revisions that have a configuration, or objects of their own; and all others, whose configuration is not there. */
function revisionsOf(env: CompileEnv, configs: readonly AuxFact[], labelled: readonly string[]): readonly Revision[] {
  const tags = revisionTags(env.aux(MESH_WEBHOOK));
  const [only, ...more] = configs;
  const shared = more.length === 0 ? only : undefined;
  const names = [
    ...new Set([...configs.flatMap(({ meta }) => revisionOfConfig(meta.name) ?? []), ...labelled, ...tags.values()]),
  ].sort();
  const ofZtunnel = groupOfZtunnel(env);
  const known = names.map((name): Revision => {
    const groups = groupsOfRevision(name, tags);
    const sidecars: Selector = { type: 'special', names: groups };
    const members = groups.includes(ofZtunnel) ? or(sidecars, AMBIENT) : sidecars;
    return { name, members, config: configs.find(({ meta }) => revisionOfConfig(meta.name) === name) ?? shared };
  });
  return [...known, { name: '', members: not(or(...known.map(({ members }) => members))), config: shared }];
}

const AMBIENT = meshMembers('ambient');

/** What label `istio.io/rev` of Istio's own objects says. */
function labelledRevisions(env: CompileEnv): readonly string[] {
  const facts = [...env.policies.filter(isOfSecurity), ...OF_NETWORKING.flatMap((kind) => env.aux(kind))];
  return [...new Set(facts.flatMap(({ meta }) => meta.labels[MESH_REVISION] ?? []))].sort();
}

const isOfSecurity = ({ meta }: PolicyFact): boolean => meta.group === OF_SECURITY;

/** The group of sidecars whose control plane is that of ambient pods too: the usual one unless an annotation tells another. */
function groupOfZtunnel(env: CompileEnv): string {
  const found = env.workloads.find(({ template }) => template.labels['app'] === ZTUNNEL);
  const told = found?.template.annotations[MESH_REVISION];
  return told === undefined ? askingFor(DEFAULT_REVISION) : injectedBy(told);
}

/** A snapshot as one control plane reads it. */
class SeenEnv implements CompileEnv {
  readonly #aux = new Map<string, readonly AuxFact[]>();
  #policies: readonly PolicyFact[] | null = null;

  constructor(
    readonly whole: CompileEnv,
    private readonly reads: (meta: ObjectMeta) => boolean,
    private readonly config: readonly AuxFact[],
  ) {}

  get semantics(): CompileEnv['semantics'] {
    return this.whole.semantics;
  }
  get namespaces(): CompileEnv['namespaces'] {
    return this.whole.namespaces;
  }
  get pods(): CompileEnv['pods'] {
    return this.whole.pods;
  }
  get workloads(): CompileEnv['workloads'] {
    return this.whole.workloads;
  }
  get nodes(): CompileEnv['nodes'] {
    return this.whole.nodes;
  }
  get services(): CompileEnv['services'] {
    return this.whole.services;
  }
  get slices(): CompileEnv['slices'] {
    return this.whole.slices;
  }
  get ambient(): CompileEnv['ambient'] {
    return this.whole.ambient;
  }
  get policies(): readonly PolicyFact[] {
    return (this.#policies ??= this.whole.policies.filter((fact) => !isOfSecurity(fact) || this.reads(fact.meta)));
  }

  aux(kind: string): readonly AuxFact[] {
    if (kind === 'ConfigMap') return this.config;
    if (!OF_NETWORKING.includes(kind)) return this.whole.aux(kind);
    let found = this.#aux.get(kind);
    if (found === undefined) {
      found = this.whole.aux(kind).filter(({ meta }) => this.reads(meta));
      this.#aux.set(kind, found);
    }
    return found;
  }
}

/** What a policy says to the proxies of each control plane that reads it. */
export const atEachPlane =
  (compile: PolicyFrontend['compile']): PolicyFrontend['compile'] =>
  (fact, env) => {
    const planes = controlPlanes(env).filter(({ reads }) => reads(fact.meta));
    const parts = planes.map((plane) => within(plane, compile(fact, plane.env)));
    const [first, ...others] = parts;
    if (first === undefined) return { ...compile(fact, env), entries: [] };
    if (others.length === 0) return first;
    const told = new Map(parts.flatMap(({ diagnostics }) => diagnostics.map((one) => [canonicalJson(one), one])));
    return { ...joined(parts, first), diagnostics: [...told.values()] };
  };

interface Made {
  readonly policies: readonly CompiledPolicy[];
  readonly tiers: readonly Tier[];
}

/** What the proxies of each control plane do of their own accord, one policy for each object. */
export const ofEachPlane =
  (make: (env: CompileEnv) => Made): ((env: CompileEnv) => Made) =>
  (env) => {
    // Looking at policies where there is no mesh would have all compiled anew with each of them.
    if (!hasMesh(env)) return make(env);
    const planes = controlPlanes(env).map((plane) => {
      const { policies, tiers } = make(plane.env);
      return { policies: policies.map((policy) => within(plane, policy)), tiers };
    });
    const [only, ...more] = planes;
    if (only !== undefined && more.length === 0) return only;
    const byObject = groupBy(
      planes.flatMap(({ policies }) => policies),
      ({ policy }) => canonicalJson(policy),
    );
    return {
      policies: [...byObject.values()].map((parts) => joined(parts, parts[0] as CompiledPolicy)),
      tiers: planes.flatMap(({ tiers }) => tiers),
    };
  };

const hasMesh = (env: CompileEnv): boolean =>
  meshConfigs(env).length > 0 || OF_NETWORKING.some((kind) => env.aux(kind).length > 0);

const joined = (parts: readonly CompiledPolicy[], first: CompiledPolicy): CompiledPolicy => ({
  ...first,
  entries: parts.flatMap(({ entries }) => entries),
  refused: parts.some(({ refused }) => refused),
});

function within({ members }: ControlPlane, policy: CompiledPolicy): CompiledPolicy {
  if (members === ALL) return policy;
  return { ...policy, entries: policy.entries.map((entry) => ({ ...entry, subject: and(entry.subject, members) })) };
}
