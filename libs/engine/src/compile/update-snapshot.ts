import { canonicalJson, finish } from '../base/index.js';
import { detectCni } from '../cni/index.js';
import { kindId } from '../model/index.js';
import type { AuxFact, Fact, PolicyFact, PolicyKind } from '../model/index.js';
import { HOST_ENDPOINT } from '../kinds/calico/index.js';
import { enrolAlike, tellsOfRevisions } from '../kinds/istio/index.js';
import { policyKindOf } from '../normalise/normalise-object.js';
import { buildingEndpoints, relabellingEndpoints, updatingEndpoints } from './build-endpoints.js';
import type { BuiltEndpoints } from './build-endpoints.js';
import type { EnvPart } from './compile-cache.js';
import { compilingPolicies, recompilePolicies, standsAlone } from './compile-policies.js';
import { compilingSnapshot, intendedBy, LazySnapshot } from './compile-snapshot.js';
import type { CompiledSnapshot, CompileOptions, Completeness, Reading, SnapshotParts } from './compile-snapshot.js';
import { canonicalGroup } from './facts-index.js';
import type { FactsIndex } from './facts-index.js';
import { demandingAfter } from './merged-policies.js';
import type { PolicySet } from './policy-set.js';
import { changesTo, factsOf, updateIndex } from './update-index.js';
import type { FactEdit, FactEdits } from './update-index.js';

export interface SnapshotChanges extends FactEdits {
  /** As before where it is left out. */
  readonly completeness?: Completeness;
}

/**
 * Updates after which everything is made anew, so that what no state needs any more is let go of: as many as half the
 * policies, and no fewer than this. What is kept needlessly stays below half of what is needed.
 */
const SHORT_CHAIN = 1000;
const CHAINS = new WeakMap<CompiledSnapshot, number>();

/**
 * The snapshot after some objects changed: equal in every part to `compileSnapshot` of all facts with the changes, at
 * the cost of what the changes concern. The snapshot it starts from stays as it is, and both share what did not change.
 */
export function updateSnapshot(snapshot: CompiledSnapshot, changes: SnapshotChanges): CompiledSnapshot {
  return finish(updatingSnapshot(snapshot, changes));
}

/** The same in steps: the way there may pause at each null. */
export function* updatingSnapshot(
  snapshot: CompiledSnapshot,
  changes: SnapshotChanges,
): Generator<null, CompiledSnapshot> {
  const changed = changesTo(snapshot.index, changes);
  const completeness = changes.completeness ?? snapshot.completeness;
  const sameLists =
    completeness === snapshot.completeness || canonicalJson(completeness) === canonicalJson(snapshot.completeness);
  if (changed.length === 0 && sameLists) return snapshot;
  const index = updateIndex(snapshot.index, changed);
  const links = (CHAINS.get(snapshot) ?? 0) + 1;
  if (!(snapshot instanceof LazySnapshot) || links > chainLimit(index) || hidesOthers(snapshot.index, index)) {
    return yield* compilingSnapshot(factsOf(index), { ...optionsOf(snapshot), completeness });
  }
  const next = new LazySnapshot(
    yield* partsAfter(snapshot, index, changed, { ...snapshot.parts.options, completeness }, sameLists),
  );
  CHAINS.set(next, links);
  return next;
}

function chainLimit({ sorted }: FactsIndex): number {
  return Math.max(SHORT_CHAIN, sorted.policies.length / 2);
}

/** Whether objects that did not change may be hidden now, or come to light. */
function hidesOthers(before: FactsIndex, after: FactsIndex): boolean {
  return before.hidden !== after.hidden && before.hidden.length + after.hidden.length > 0;
}

function optionsOf(snapshot: CompiledSnapshot): CompileOptions {
  return snapshot instanceof LazySnapshot ? snapshot.parts.options : {};
}

function* partsAfter(
  snapshot: LazySnapshot,
  index: FactsIndex,
  changed: readonly FactEdit[],
  options: CompileOptions,
  sameLists: boolean,
): Generator<null, SnapshotParts> {
  const before = snapshot.parts;
  const looked = new Set<string>(before.looked);
  const detectAgain = options.cni === undefined && (!sameLists || changed.some((change) => tellsCni(change, looked)));
  const cni = detectAgain ? detectCni(factsOf(index), options.completeness, looked) : before.cni;
  const present = presentAfter(before.present, changed);
  const gone = changed.flatMap(({ before: fact }): PolicyFact[] => (fact?.type === 'policy' ? [fact] : []));
  const built = yield* endpointsAfter(before, index, changed);
  const touched = partsTouched(changed, before.ambient, built.ambient);
  const cache = before.cache.after(touched, gone);
  const inventory = { index, ambient: built.ambient, demanding: demandingAfter(before.demanding, changed) };
  const policies = changed.filter((change) => change.before?.type === 'policy' || change.after?.type === 'policy');
  const sameKinds =
    present.size === before.present.size && [...present.keys()].every((kind) => before.present.has(kind));
  const sameReadings = sameKinds && (cni === before.cni || canonicalJson(cni) === canonicalJson(before.cni));
  const edited = new Map<PolicySet, PolicySet | null>();
  const edit = (set: PolicySet): PolicySet | null => {
    let known = edited.get(set);
    if (known === undefined) {
      const holds = sameReadings && !before.cache.under(set.semantics).looksAt(touched);
      edited.set(set, (known = holds ? recompilePolicies(set, inventory, policies, cache) : null));
    }
    return known;
  };
  const asWritten =
    edit(before.asWritten) ?? (yield* compilingPolicies(inventory, intendedBy(cni, present, options), cache));
  const enforced = sameReadings ? enforcedAfter(snapshot.enforcedIfMade, edit, before.asWritten, asWritten) : null;
  return { ...inventory, ...built, cni, looked, present, options, cache, asWritten, enforced };
}

/** The reading as enforced with its sets edited; null where one of them has to be made anew. */
function enforcedAfter(
  reading: Reading | null,
  edit: (set: PolicySet) => PolicySet | null,
  before: PolicySet,
  after: PolicySet,
): Reading | null {
  if (reading === null) return null;
  const engines: Reading['engines'][number][] = [];
  for (const { variants, enforcement } of reading.engines) {
    const sets: PolicySet[] = [];
    for (const set of variants) {
      const now = set === before ? after : edit(set);
      if (now === null) return null;
      sets.push(now);
    }
    engines.push({ variants: sets as [PolicySet, ...PolicySet[]], enforcement });
  }
  const sets = [...new Set(engines.flatMap(({ variants }) => variants))];
  return { ...reading, engines: engines as [Reading['engines'][number], ...Reading['engines'][number][]], sets };
}

function presentAfter(present: SnapshotParts['present'], changed: readonly FactEdit[]): SnapshotParts['present'] {
  const out = new Map<PolicyKind, number>(present);
  for (const { ref, before, after } of changed) {
    const kind = policyKindOf(ref);
    if (kind === null) continue;
    const count = (out.get(kind) ?? 0) + (after?.type === 'policy' ? 1 : 0) - (before?.type === 'policy' ? 1 : 0);
    if (count === 0) out.delete(kind);
    else out.set(kind, count);
  }
  return out;
}

/** What of the environment of frontends is not what it was. */
function partsTouched(
  changed: readonly FactEdit[],
  ambientBefore: ReadonlySet<string>,
  ambientAfter: ReadonlySet<string>,
): ReadonlySet<EnvPart> {
  const out = new Set<EnvPart>();
  const sameAmbient =
    ambientBefore.size === ambientAfter.size && [...ambientAfter].every((namespace) => ambientBefore.has(namespace));
  if (!sameAmbient) out.add('ambient');
  for (const { ref, before, after } of changed) {
    for (const fact of [before, after]) {
      if (fact === null) continue;
      if (fact.type === 'policy') {
        if (!standsAlone(policyKindOf(ref))) out.add('policies');
      } else {
        const part = PART_OF[fact.type];
        if (part !== null) out.add(part);
      }
    }
  }
  return out;
}

const PART_OF: Readonly<Record<Exclude<Fact['type'], 'policy'>, EnvPart | null>> = {
  namespace: 'namespaces',
  pod: 'pods',
  workload: 'workloads',
  node: 'nodes',
  service: 'services',
  endpointslice: 'slices',
  serviceaccount: null,
  aux: 'aux',
  rejected: null,
};

/** Whether a change may change what is detected. */
function tellsCni({ before, after }: FactEdit, looked: ReadonlySet<string>): boolean {
  return [before, after].some((fact) => {
    switch (fact?.type) {
      case undefined:
      case 'endpointslice':
      case 'serviceaccount':
      case 'rejected':
        return false;
      case 'pod':
        return fact.meta.owner?.kind === 'DaemonSet';
      case 'policy':
      case 'aux':
        return looked.has(kindId(fact.meta));
      case 'namespace':
        return before === null || after === null;
      case 'workload':
      case 'node':
      case 'service':
        return true;
    }
  });
}

function* endpointsAfter(
  before: SnapshotParts,
  index: FactsIndex,
  changed: readonly FactEdit[],
): Generator<null, BuiltEndpoints> {
  const namespaces = new Set<string>();
  const relabelled = new Set<string>();
  let podsAlone = true;
  for (const change of changed) {
    if (isRelabelled(change)) {
      relabelled.add(change.ref.name);
      continue;
    }
    for (const fact of [change.before, change.after]) {
      if (fact === null) continue;
      if (fact.type === 'node' || (fact.type === 'aux' && tellsOfEndpoints(fact)))
        return yield* buildingEndpoints(index);
      if (fact.type === 'namespace') namespaces.add(fact.meta.name);
      if (fact.type === 'pod' || fact.type === 'workload' || fact.type === 'serviceaccount') {
        namespaces.add(fact.meta.namespace);
      }
      podsAlone &&= fact.type !== 'namespace' && fact.type !== 'workload' && fact.type !== 'serviceaccount';
    }
  }
  let built: BuiltEndpoints = before;
  if (relabelled.size > 0) built = yield* relabellingEndpoints(built, index, relabelled);
  const podsBefore = podsAlone ? before.index.sorted.pods : null;
  if (namespaces.size > 0) built = yield* updatingEndpoints(built, index, namespaces, podsBefore);
  return { endpoints: built.endpoints, ambient: built.ambient };
}

/** Whether a namespace has other labels, of which none puts pods into a mesh: its endpoints are what they were but for them. */
function isRelabelled({ before, after }: FactEdit): boolean {
  return (
    before?.type === 'namespace' && after?.type === 'namespace' && enrolAlike(before.meta.labels, after.meta.labels)
  );
}

/** Hosts of Calico, and how a mesh gets at what its pods send. */
const tellsOfEndpoints = (fact: AuxFact): boolean => kindIdOf(fact) === HOST_ENDPOINT || tellsOfRevisions(fact);

const kindIdOf = ({ meta }: Fact): string => kindId({ group: canonicalGroup(meta.group), kind: meta.kind });
