import type { Labels } from './object.js';
import { writtenLabel } from './written-labels.js';

/** Whose labels a label test reads. */
export type LabelOwner = 'pod' | 'namespace' | 'serviceAccount' | 'node';

/** How a label's value is tested. `notIn` and `notExists` also hold when the key is absent. */
export type LabelOperator = 'in' | 'notIn' | 'exists' | 'notExists' | 'contains' | 'startsWith' | 'endsWith';

/** What sort of thing an endpoint is. */
export type EndpointKind =
  /** A pod with an address of its own. */
  | 'pod'
  /** A pod on its node's network. */
  | 'hostpod'
  /** A node: its addresses and the processes on it. */
  | 'node'
  /** An address that no pod and no node owns. */
  | 'external'
  /** An endpoint that the CNI itself makes, such as Cilium's health and ingress endpoints. */
  | 'special';

/**
 * A predicate over endpoints: the one form that every policy kind compiles to.
 * Everything in it is data; two selectors with equal canonical JSON are the same selector.
 */
export type Selector =
  | { readonly type: 'all' }
  | { readonly type: 'none' }
  | { readonly type: 'and'; readonly of: readonly Selector[] }
  | { readonly type: 'or'; readonly of: readonly Selector[] }
  | { readonly type: 'not'; readonly of: Selector }
  | { readonly type: 'kind'; readonly kinds: readonly EndpointKind[] }
  /** In one of these namespaces. Nodes and external addresses have none. */
  | { readonly type: 'namespace'; readonly names: readonly string[] }
  | {
      readonly type: 'label';
      readonly owner: LabelOwner;
      readonly key: string;
      readonly op: LabelOperator;
      readonly values: readonly string[];
    }
  | { readonly type: 'serviceAccount'; readonly names: readonly string[] }
  /** A node, or an endpoint on the node's network, by the node's name. */
  | { readonly type: 'nodeName'; readonly names: readonly string[] }
  /** A certain endpoint by its namespace and name (backends of a Service, for instance). */
  | { readonly type: 'endpoint'; readonly namespace: string; readonly names: readonly string[] }
  /** Has an address inside `cidr` and outside every `except`. Combine with `kind` where a CNI limits it. */
  | { readonly type: 'cidr'; readonly cidr: string; readonly except: readonly string[] }
  /** Is reached by a host name that matches the pattern; see `NamePattern`. */
  | { readonly type: 'hostName'; readonly pattern: NamePattern }
  /** One of the CNI's named groups that no label tells, as `health` or `ingress` of `special` endpoints. */
  | { readonly type: 'special'; readonly names: readonly string[] }
  /** Relative to the rule's subject: the same namespace, the same node, or namespaces that agree on label values. */
  | { readonly type: 'same'; readonly as: 'namespace' }
  | { readonly type: 'same'; readonly as: 'node' }
  | { readonly type: 'same'; readonly as: 'namespaceLabels'; readonly keys: readonly string[] }
  /** Cannot be decided from what a snapshot holds; `why` is shown to the user. */
  | { readonly type: 'unknown'; readonly why: string };

/**
 * A host name pattern in one of the dialects of the field. `exact` has no wildcard; `labels-any-depth` reads a leading
 * `*.` as one or more labels (ClusterNetworkPolicy); `label` reads `*` as characters inside one label and a leading
 * `**.` as one or more labels (Cilium); `any` reads `*` as any characters, dots included (Antrea).
 */
export interface NamePattern {
  readonly dialect: 'exact' | 'labels-any-depth' | 'label' | 'any';
  readonly pattern: string;
}

export const ALL: Selector = { type: 'all' };
export const NONE: Selector = { type: 'none' };

/** The conjunction, simplified: `all` members vanish, one `none` makes it `none`, nested conjunctions are flattened. */
export function and(...members: readonly Selector[]): Selector {
  const out: Selector[] = [];
  for (const member of members) {
    if (member.type === 'none') return NONE;
    if (member.type === 'and') out.push(...member.of);
    else if (member.type !== 'all') out.push(member);
  }
  if (out.length === 0) return ALL;
  return out.length === 1 ? (out[0] as Selector) : { type: 'and', of: out };
}

/** The disjunction, simplified like `and`. No members means `none`. */
export function or(...members: readonly Selector[]): Selector {
  const out: Selector[] = [];
  for (const member of members) {
    if (member.type === 'all') return ALL;
    if (member.type === 'or') out.push(...member.of);
    else if (member.type !== 'none') out.push(member);
  }
  if (out.length === 0) return NONE;
  return out.length === 1 ? (out[0] as Selector) : { type: 'or', of: out };
}

/** The negation. Negating an undecidable selector stays undecidable when it is evaluated. */
export function not(member: Selector): Selector {
  if (member.type === 'all') return NONE;
  if (member.type === 'none') return ALL;
  return member.type === 'not' ? member.of : { type: 'not', of: member };
}

/** A label test for each pair of `labels`. */
export function labelsEqual(owner: LabelOwner, labels: Labels): Selector {
  return and(
    ...Object.keys(labels).map((key): Selector => ({
      type: 'label',
      owner,
      key,
      op: 'in',
      values: [labels[key] as string],
    })),
  );
}

/** True when a selector reads nothing of an endpoint but its namespace and the labels of it. */
export function readsNamespaceAlone(selector: Selector): boolean {
  switch (selector.type) {
    case 'and':
    case 'or':
      return selector.of.every(readsNamespaceAlone);
    case 'not':
      return readsNamespaceAlone(selector.of);
    case 'namespace':
      return true;
    case 'label':
      return selector.owner === 'namespace';
    default:
      return false;
  }
}

type LabelTest = Extract<Selector, { readonly type: 'label' }>;

/**
 * The first test for values of a pod's label, with a key that is asked about, that an endpoint must pass to match; null
 * where a selector has none on its first level. Labels that controllers write tell nothing of a template (NP-54).
 */
export function podLabelTest(selector: Selector, isAsked: (key: string) => boolean = () => true): LabelTest | null {
  const members = selector.type === 'and' ? selector.of : [selector];
  const asksForValues = (member: Selector): member is LabelTest =>
    member.type === 'label' &&
    member.owner === 'pod' &&
    member.op === 'in' &&
    isAsked(member.key) &&
    writtenLabel(member.key) === null;
  return members.find(asksForValues) ?? null;
}
