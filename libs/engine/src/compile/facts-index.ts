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

function byKey<F extends Fact>(facts: F[]): F[] {
  return facts.sort(
    (a, b) =>
      compare(a.meta.namespace, b.meta.namespace) ||
      compare(a.meta.name, b.meta.name) ||
      compare(a.meta.group, b.meta.group) ||
      compare(a.meta.kind, b.meta.kind),
  );
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
  for (const bucket of Object.values(buckets)) byKey(bucket as Fact[]);
  const slices = new Map<string, EndpointSliceFact[]>();
  for (const slice of buckets.endpointslice) {
    const key = `${slice.meta.namespace}/${slice.service}`;
    const known = slices.get(key);
    if (known === undefined) slices.set(key, [slice]);
    else known.push(slice);
  }
  const aux = new Map<string, AuxFact[]>();
  for (const fact of preferApiGroup(buckets.aux)) {
    const group = canonicalGroup(fact.meta.group);
    const key = group === '' ? fact.meta.kind : `${fact.meta.kind}.${group}`;
    const known = aux.get(key);
    if (known === undefined) aux.set(key, [fact]);
    else known.push(fact);
  }
  return {
    namespaces: new Map(buckets.namespace.map((fact) => [fact.meta.name, fact])),
    pods: buckets.pod,
    workloads: buckets.workload,
    nodes: buckets.node,
    services: new Map(buckets.service.map((fact) => [objectLabel(fact.meta), fact])),
    slices,
    serviceAccounts: new Map(buckets.serviceaccount.map((fact) => [objectLabel(fact.meta), fact])),
    policies: preferApiGroup(buckets.policy),
    rejected: buckets.rejected,
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
