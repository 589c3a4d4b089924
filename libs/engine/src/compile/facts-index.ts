import { objectLabel } from '../model/index.js';
import type {
  AuxFact,
  EndpointSliceFact,
  Fact,
  Labels,
  NamespaceFact,
  NodeFact,
  PodFact,
  PolicyFact,
  RejectedFact,
  ServiceAccountFact,
  ServiceFact,
  WorkloadFact,
} from '../model/index.js';

/** The facts of one snapshot by type and name. */
export interface FactsIndex {
  readonly namespaces: ReadonlyMap<string, NamespaceFact>;
  readonly pods: readonly PodFact[];
  readonly workloads: readonly WorkloadFact[];
  readonly nodes: readonly NodeFact[];
  readonly services: ReadonlyMap<string, ServiceFact>;
  readonly slices: ReadonlyMap<string, readonly EndpointSliceFact[]>;
  readonly serviceAccounts: ReadonlyMap<string, ServiceAccountFact>;
  readonly policies: readonly PolicyFact[];
  readonly rejected: readonly RejectedFact[];
  readonly aux: ReadonlyMap<string, readonly AuxFact[]>;
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** Inside one namespace. */
const compareNames = (a: Fact, b: Fact): number =>
  compare(a.meta.name, b.meta.name) || compare(a.meta.group, b.meta.group) || compare(a.meta.kind, b.meta.kind);

/** In order of key. Namespaces are put in order first: a comparison sort of a whole large cluster costs far more. */
function byKey<F extends Fact>(facts: readonly F[]): F[] {
  const byNamespace = new Map<string, F[]>();
  for (const fact of facts) {
    const known = byNamespace.get(fact.meta.namespace);
    if (known === undefined) byNamespace.set(fact.meta.namespace, [fact]);
    else known.push(fact);
  }
  const out: F[] = [];
  for (const namespace of [...byNamespace.keys()].sort()) {
    for (const fact of (byNamespace.get(namespace) as F[]).sort(compareNames)) out.push(fact);
  }
  return out;
}

/** Calico's storage group is an alias of its API group: the same object is kept once, the API group's copy. */
export function canonicalGroup(group: string): string {
  return group === 'crd.projectcalico.org' ? 'projectcalico.org' : group;
}

/** Sorts facts by type. The result does not depend on the order of `facts`. */
export function indexFacts(facts: Iterable<Fact>): FactsIndex {
  const buckets = {
    namespace: [] as NamespaceFact[],
    pod: [] as PodFact[],
    workload: [] as WorkloadFact[],
    node: [] as NodeFact[],
    service: [] as ServiceFact[],
    endpointslice: [] as EndpointSliceFact[],
    serviceaccount: [] as ServiceAccountFact[],
    policy: [] as PolicyFact[],
    aux: [] as AuxFact[],
    rejected: [] as RejectedFact[],
  };
  for (const fact of facts) (buckets[fact.type] as Fact[]).push(fact);
  const slices = new Map<string, EndpointSliceFact[]>();
  for (const slice of byKey(buckets.endpointslice)) {
    const key = `${slice.meta.namespace}/${slice.service}`;
    const known = slices.get(key);
    if (known === undefined) slices.set(key, [slice]);
    else known.push(slice);
  }
  const aux = new Map<string, AuxFact[]>();
  for (const fact of preferApiGroup(byKey(buckets.aux))) {
    const group = canonicalGroup(fact.meta.group);
    const key = group === '' ? fact.meta.kind : `${fact.meta.kind}.${group}`;
    const known = aux.get(key);
    if (known === undefined) aux.set(key, [fact]);
    else known.push(fact);
  }
  return {
    namespaces: new Map(byKey(buckets.namespace).map((fact) => [fact.meta.name, fact])),
    pods: byKey(buckets.pod),
    workloads: byKey(buckets.workload),
    nodes: byKey(buckets.node),
    services: new Map(byKey(buckets.service).map((fact) => [objectLabel(fact.meta), fact])),
    slices,
    serviceAccounts: new Map(byKey(buckets.serviceaccount).map((fact) => [objectLabel(fact.meta), fact])),
    policies: preferApiGroup(byKey(buckets.policy)),
    rejected: byKey(buckets.rejected),
    aux,
  };
}

/** Drops storage-group objects whose API-group copy is there; `default.` prefixes of stored names do not count. */
function preferApiGroup<F extends PolicyFact | AuxFact>(facts: readonly F[]): F[] {
  if (!facts.some((fact) => fact.meta.group === 'crd.projectcalico.org')) return [...facts];
  const key = (fact: F): string => {
    const name = fact.meta.name.replace(/^default\./, '');
    return `${fact.meta.kind}/${fact.meta.namespace}/${name}`;
  };
  const api = new Set(facts.filter((fact) => fact.meta.group === 'projectcalico.org').map(key));
  return facts.filter((fact) => fact.meta.group !== 'crd.projectcalico.org' || !api.has(key(fact)));
}

const NO_LABELS: Labels = Object.freeze(Object.create(null) as Record<string, string>);

/** Labels of a namespace; one that is not declared still has its name label. */
export function namespaceLabels(index: FactsIndex, name: string): Labels {
  const fact = index.namespaces.get(name);
  if (fact !== undefined) return fact.meta.labels;
  if (name === '') return NO_LABELS;
  return Object.assign(Object.create(null) as Record<string, string>, { 'kubernetes.io/metadata.name': name });
}
