import { bareMap, finish, groupBy } from '../base/index.js';
import { kindId, NO_LABELS, objectLabel } from '../model/index.js';
import type {
  AuxFact,
  EndpointSliceFact,
  Fact,
  Labels,
  NamespaceFact,
  NodeFact,
  ObjectRef,
  PodFact,
  PolicyFact,
  RejectedFact,
  ServiceAccountFact,
  ServiceFact,
  WorkloadFact,
} from '../model/index.js';
import { SortedList } from './sorted-list.js';

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
  /** Copies of Calico objects in its storage group that their copy in the API group stands for. */
  readonly hidden: readonly (PolicyFact | AuxFact)[];
  /** The types that are very many, as lists that are cheap to change. */
  readonly sorted: { readonly pods: SortedList<PodFact>; readonly policies: SortedList<PolicyFact> };
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** The order of objects: by namespace, name, group and kind. */
export function compareObjects(a: ObjectRef, b: ObjectRef): number {
  return (
    compare(a.namespace, b.namespace) || compare(a.name, b.name) || compare(a.group, b.group) || compare(a.kind, b.kind)
  );
}

/** Inside one namespace. */
const compareNames = (a: Fact, b: Fact): number =>
  compare(a.meta.name, b.meta.name) || compare(a.meta.group, b.meta.group) || compare(a.meta.kind, b.meta.kind);

/** Up to so many facts are put in order in place: `sort` takes a kilobyte of room and most namespaces have few. */
const FEW = 16;

function inOrderOfName<F extends Fact>(facts: F[]): F[] {
  if (facts.length > FEW) return facts.sort(compareNames);
  for (let i = 1; i < facts.length; i++) {
    const fact = facts[i] as F;
    let at = i;
    for (; at > 0 && compareNames(facts[at - 1] as F, fact) > 0; at--) facts[at] = facts[at - 1] as F;
    facts[at] = fact;
  }
  return facts;
}

/** In order of key. Namespaces are put in order first: a comparison sort of a whole large cluster costs far more. */
function byKey<F extends Fact>(facts: readonly F[]): F[] {
  const byNamespace = new Map<string, F[]>();
  // Mostly facts of one namespace stand together.
  let namespace: string | null = null;
  let inside: F[] = [];
  for (const fact of facts) {
    if (fact.meta.namespace !== namespace) {
      namespace = fact.meta.namespace;
      inside = byNamespace.get(namespace) ?? [];
      if (inside.length === 0) byNamespace.set(namespace, inside);
    }
    inside.push(fact);
  }
  const out: F[] = [];
  for (const each of [...byNamespace.keys()].sort()) {
    for (const fact of inOrderOfName(byNamespace.get(each) as F[])) out.push(fact);
  }
  return out;
}

const STORAGE_GROUP = 'crd.projectcalico.org';

/** Calico's storage group is an alias of its API group: the same object is kept once, the API group's copy. */
export function canonicalGroup(group: string): string {
  return group === STORAGE_GROUP ? 'projectcalico.org' : group;
}

/** Sorts facts by type. The result does not depend on the order of `facts`. */
export function indexFacts(facts: Iterable<Fact>): FactsIndex {
  return finish(indexingFacts(facts));
}

/** The same in steps: the way there may pause at each null. */
export function* indexingFacts(facts: Iterable<Fact>): Generator<null, FactsIndex> {
  const byType = emptyBuckets();
  for (const fact of facts) (byType[fact.type] as Fact[]).push(fact);
  yield null;
  const pods = SortedList.of(byKey(byType.pod));
  yield null;
  const kept = (['aux', 'policy'] as const).map((type) => preferApiGroup(byKey<AuxFact | PolicyFact>(byType[type])));
  const hidden = kept.flatMap((each) => each.hidden);
  yield null;
  return indexOf({
    namespaces: new Map(byKey(byType.namespace).map((fact) => [fact.meta.name, fact])),
    workloads: byKey(byType.workload),
    nodes: byKey(byType.node),
    services: new Map(byKey(byType.service).map((fact) => [objectLabel(fact.meta), fact])),
    slices: groupBy(byKey(byType.endpointslice), (slice) => `${slice.meta.namespace}/${slice.service}`),
    serviceAccounts: new Map(byKey(byType.serviceaccount).map((fact) => [objectLabel(fact.meta), fact])),
    rejected: byKey(byType.rejected),
    aux: groupBy(kept[0]?.facts as AuxFact[], ({ meta }) =>
      kindId({ group: canonicalGroup(meta.group), kind: meta.kind }),
    ),
    hidden,
    sorted: { pods, policies: SortedList.of(kept[1]?.facts as PolicyFact[]) },
  });
}

/** An index whose long lists are made when they are asked for. */
export function indexOf(parts: Omit<FactsIndex, 'pods' | 'policies'>): FactsIndex {
  return {
    ...parts,
    get pods() {
      return parts.sorted.pods.toArray();
    },
    get policies() {
      return parts.sorted.policies.toArray();
    },
  };
}

function emptyBuckets(): { -readonly [T in Fact['type']]: Extract<Fact, { readonly type: T }>[] } {
  return {
    namespace: [],
    pod: [],
    workload: [],
    node: [],
    service: [],
    endpointslice: [],
    serviceaccount: [],
    policy: [],
    aux: [],
    rejected: [],
  };
}

/** Sets storage-group objects aside whose API-group copy is there; `default.` prefixes of stored names do not count. */
function preferApiGroup<F extends PolicyFact | AuxFact>(facts: F[]): { facts: F[]; hidden: F[] } {
  if (!facts.some((fact) => fact.meta.group === STORAGE_GROUP)) return { facts, hidden: [] };
  const key = (fact: F): string => {
    const name = fact.meta.name.replace(/^default\./, '');
    return `${fact.meta.kind}/${fact.meta.namespace}/${name}`;
  };
  const api = new Set(facts.filter((fact) => fact.meta.group === 'projectcalico.org').map(key));
  const isHidden = (fact: F): boolean => fact.meta.group === STORAGE_GROUP && api.has(key(fact));
  return { facts: facts.filter((fact) => !isHidden(fact)), hidden: facts.filter(isHidden) };
}

/** By the namespaces that are declared, the labels of others. */
const UNDECLARED = new WeakMap<FactsIndex['namespaces'], Map<string, Labels>>();

/** Labels of a namespace, one value for all that are in it; one that is not declared still has its name label. */
export function namespaceLabels({ namespaces }: FactsIndex, name: string): Labels {
  const fact = namespaces.get(name);
  if (fact !== undefined) return fact.meta.labels;
  if (name === '') return NO_LABELS;
  let others = UNDECLARED.get(namespaces);
  if (others === undefined) UNDECLARED.set(namespaces, (others = new Map<string, Labels>()));
  let labels = others.get(name);
  if (labels === undefined) {
    labels = Object.assign(bareMap<string>(), { 'kubernetes.io/metadata.name': name });
    others.set(name, labels);
  }
  return labels;
}
