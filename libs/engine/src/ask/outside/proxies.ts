import { oncePer } from '../../base/index.js';
import type { Labels } from '../../model/index.js';
import type { CompiledSnapshot } from '../../compile/compile-snapshot.js';
import { BLANK_ENDPOINT } from '../../compile/endpoint.js';
import type { Endpoint } from '../../compile/endpoint.js';
import type { EntryObject } from './entry-objects.js';
import { isController, isOf, ROUTERS } from './ingress-controllers.js';

/** Pods of these charts that serve no request: what `app.kubernetes.io/component` says of them. */
const OTHER_COMPONENTS: ReadonlySet<string> = new Set(['admission-webhook', 'default-backend']);

/**
 * Cilium serves Ingress and Gateways of its own class itself: behind its Envoy policy sees the identity `reserved:ingress`.
 * (cilium: Documentation/network/servicemesh/ingress.rst)
 */
export const CILIUM_ENVOY: Endpoint = {
  ...BLANK_ENDPOINT,
  kind: 'special',
  name: 'the Envoy of Cilium (reserved:ingress)',
  special: ['ingress'],
};

/**
 * Stands for a controller of Ingress and Route objects in tables that tell what is certainly allowed: a pod of a namespace
 * that nobody has named, with no labels. Rules admit it that admit every pod of every namespace.
 */
export const INGRESS_CONTROLLER: Endpoint = {
  ...BLANK_ENDPOINT,
  kind: 'pod',
  name: 'ingress-controller',
  hypothetical: true,
};

export const runsCilium = ({ cni }: Pick<CompiledSnapshot, 'cni'>): boolean => cni.networking === 'cilium';

const PROXIES = new WeakMap<object, readonly Endpoint[]>();

/** The pods that serve an entry, as far as their labels say so; looked for once for all entries that share them. */
export function proxiesOf(
  snapshot: CompiledSnapshot,
  { servedBy, via }: Pick<EntryObject, 'servedBy'> & Partial<Pick<EntryObject, 'via'>>,
): readonly Endpoint[] {
  if (servedBy === null) return via === 'Route' ? routersOf(snapshot) : controllersOf(snapshot);
  if (servedBy === CILIUM_ENVOY) return [CILIUM_ENVOY];
  if ('apps' in servedBy) return controllersOf(snapshot).filter(({ labels }) => isOf(servedBy, labels));
  let known = PROXIES.get(servedBy);
  if (known === undefined) {
    const { namespace, labels } = servedBy;
    const candidates = namespace === null ? snapshot.endpoints : snapshot.directory.namespace(namespace);
    const own = candidates.filter((endpoint) => endpoint.kind !== 'node' && hasLabels(endpoint, labels));
    known = own.length > 0 || namespace === null ? own : controllersOf(snapshot);
    PROXIES.set(servedBy, known);
  }
  return known;
}

export function hasLabels({ labels }: Pick<Endpoint, 'labels'>, wanted: Labels): boolean {
  return Object.entries(wanted).every(([key, value]) => labels[key] === value);
}

/** Looked for among all endpoints once, however many objects they serve. */
const controllersOf = oncePer(({ endpoints }: CompiledSnapshot): readonly Endpoint[] =>
  endpoints.filter(
    ({ kind, labels }) =>
      kind !== 'node' && !OTHER_COMPONENTS.has(labels['app.kubernetes.io/component'] ?? '') && isController(labels),
  ),
);

/** Routes are for OpenShift's own; another controller takes them where there are none. */
const routersOf = oncePer((snapshot: CompiledSnapshot): readonly Endpoint[] => {
  const all = controllersOf(snapshot);
  const own = all.filter(({ labels }) => isOf(ROUTERS, labels));
  return own.length > 0 ? own : all;
});
