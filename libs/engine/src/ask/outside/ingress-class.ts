import { oncePer, path, text } from '../../base/index.js';
import type { AuxFact } from '../../model/index.js';
import type { CompiledSnapshot } from '../../compile/compile-snapshot.js';
import { controllerCalled } from './ingress-controllers.js';
import type { IngressController } from './ingress-controllers.js';
import { CILIUM_ENVOY, runsCilium } from './proxies.js';

const INGRESS_CLASS = 'IngressClass.networking.k8s.io';
/** The older way to name a class, by what each controller is told to take and not by an object. */
const BY_ANNOTATION = 'kubernetes.io/ingress.class';
/** The one class that Cilium serves. */
const OF_CILIUM = 'cilium';

/** Who serves an Ingress, as far as its class says so; null for whichever controller there is. (SVC-28) */
export function serverByClass(
  snapshot: CompiledSnapshot,
  { meta, raw }: AuxFact,
): IngressController | typeof CILIUM_ENVOY | null {
  const annotated = meta.annotations[BY_ANNOTATION];
  const named = annotated ?? text(path(raw, 'spec', 'ingressClassName'));
  const { all, defaults } = classesOf(snapshot);
  const isCiliums = named === OF_CILIUM || (named === '' && defaults.includes(OF_CILIUM));
  if (isCiliums && runsCilium(snapshot)) return CILIUM_ENVOY;
  if (annotated !== undefined) return null;
  const [first, ...others] = defaults;
  // The API server fills in the default when an Ingress is created: one that is there without a class has none.
  const preset = meta.createdAt === '' && others.length === 0 ? first : undefined;
  const chosen = all.get(named === '' ? (preset ?? '') : named);
  return chosen === undefined ? null : controllerCalled(text(path(chosen.raw, 'spec', 'controller')));
}

interface Classes {
  readonly all: ReadonlyMap<string, AuxFact>;
  /** Names of those that are meant where none is named. */
  readonly defaults: readonly string[];
}

const classesOf = oncePer(({ index }: CompiledSnapshot): Classes => {
  const facts = index.aux.get(INGRESS_CLASS) ?? [];
  const defaults = facts.filter(
    ({ meta }) => meta.annotations['ingressclass.kubernetes.io/is-default-class'] === 'true',
  );
  return {
    all: new Map(facts.map((fact) => [fact.meta.name, fact])),
    defaults: defaults.map(({ meta }) => meta.name),
  };
});
