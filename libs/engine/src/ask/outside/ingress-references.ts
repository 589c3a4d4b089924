import { field, list, path, pointer, text } from '../../base/index.js';
import type { Json } from '../../base/index.js';
import type { AuxFact, ObjectRef } from '../../model/index.js';
import type { CompiledSnapshot } from '../../compile/compile-snapshot.js';

/** A Service that an Ingress or a Route names. */
export interface IngressReference {
  /** The Ingress or Route. */
  readonly object: ObjectRef;
  /** JSON pointer of the backend in the object. */
  readonly pointer: string;
  /** Name of the Service, in the object's namespace. */
  readonly service: string;
  /** By number or name, null for all of the Service's ports. */
  readonly port: number | string | null;
  /** Nothing is sent there: the weight is 0. */
  readonly isUnused: boolean;
}

type InObject = Omit<IngressReference, 'object'>;

/** Every Service that Ingress and Route objects name, in order of object. */
export function ingressReferences({ index }: CompiledSnapshot): readonly IngressReference[] {
  const ingresses = index.aux.get('Ingress.networking.k8s.io') ?? [];
  const routes = index.aux.get('Route.route.openshift.io') ?? [];
  const of = (fact: AuxFact, found: readonly InObject[]): IngressReference[] => {
    const { group, kind, namespace, name } = fact.meta;
    return found.map((reference) => ({ object: { group, kind, namespace, name }, ...reference }));
  };
  return [
    ...ingresses.flatMap((fact) => of(fact, ofIngress(fact))),
    ...routes.flatMap((fact) => of(fact, ofRoute(fact))),
  ];
}

function ofIngress(fact: AuxFact): readonly InObject[] {
  const spec = field(fact.raw, 'spec');
  const paths = list(field(spec, 'rules')).flatMap((rule, index) =>
    list(path(rule, 'http', 'paths')).map((entry, at) => ({
      backend: field(entry, 'backend'),
      pointer: pointer('/spec/rules', index, 'http', 'paths', at),
    })),
  );
  const all = [{ backend: field(spec, 'defaultBackend'), pointer: '/spec/defaultBackend' }, ...paths];
  return all.flatMap(({ backend, pointer: at }) => {
    const service = text(path(backend, 'service', 'name'));
    const value = path(backend, 'service', 'port', 'number') ?? path(backend, 'service', 'port', 'name');
    return service === '' ? [] : [{ pointer: at, service, port: portOf(value), isUnused: false }];
  });
}

function ofRoute(fact: AuxFact): readonly InObject[] {
  const spec = field(fact.raw, 'spec');
  const port = portOf(path(spec, 'port', 'targetPort'));
  const backends = [field(spec, 'to'), ...list(field(spec, 'alternateBackends'))];
  return backends.flatMap((backend, index) => {
    const service = text(field(backend, 'name'));
    const at = index === 0 ? '/spec/to' : pointer('/spec/alternateBackends', index - 1);
    return service === '' ? [] : [{ pointer: at, service, port, isUnused: field(backend, 'weight') === 0 }];
  });
}

function portOf(value: Json | undefined): IngressReference['port'] {
  return typeof value === 'number' || typeof value === 'string' ? value : null;
}
