import { bareMap } from '../base/index.js';

/** String to string, keys sorted. Made without a prototype, so that no key of a cluster can reach one. */
export type Labels = Readonly<Record<string, string>>;

/** The labels of what has none. */
export const NO_LABELS: Labels = Object.freeze(bareMap<string>());

/** Names one object of a cluster. `namespace` is '' for cluster-scoped kinds. */
export interface ObjectRef {
  readonly group: string;
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
}

/** The owner that `metadata.ownerReferences` names as controller. */
export interface OwnerRef {
  readonly group: string;
  readonly kind: string;
  readonly name: string;
  readonly uid: string;
}

/** What every fact says of its object. `uid` falls back to the object key for manifests without one. */
export interface ObjectMeta extends ObjectRef {
  readonly version: string;
  readonly uid: string;
  readonly labels: Labels;
  /** Only annotations that the engine or a check reads (see `normalise/annotations.ts`). */
  readonly annotations: Labels;
  readonly owner: OwnerRef | null;
  /** RFC 3339, '' when unknown. */
  readonly createdAt: string;
  readonly deleting: boolean;
}

/** The reference alone, of an object's whole metadata too. */
export function objectRef({ group, kind, namespace, name }: ObjectRef): ObjectRef {
  return { group, kind, namespace, name };
}

/** The key that identifies an object inside a cluster: `group/Kind/namespace/name`. */
export function objectKey(ref: ObjectRef): string {
  return `${ref.group}/${ref.kind}/${ref.namespace}/${ref.name}`;
}

/** An object as people write it: `namespace/name`, or `name` when it has no namespace. */
export function objectLabel(ref: { readonly namespace: string; readonly name: string }): string {
  return ref.namespace === '' ? ref.name : `${ref.namespace}/${ref.name}`;
}

/** The kind with its group, as `NetworkPolicy.networking.k8s.io`; core kinds have no suffix. */
export function kindId(ref: { readonly group: string; readonly kind: string }): string {
  return ref.group === '' ? ref.kind : `${ref.kind}.${ref.group}`;
}
