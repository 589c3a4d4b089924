import type { CniDetection } from '../model/profile.js';
import type { ObjectRef } from '../model/object.js';
import type { RuleView } from './answer.js';

/** Whether a caller may know of a namespace ('' for what has none). */
export type Sees = (namespace: string) => boolean;

export const HIDDEN_POLICY = 'a policy you may not see';
export const SEES_ALL: Sees = () => true;

/** Whether a caller may know of an object: a Namespace is where its name is. */
export function seesObject({ kind, namespace, name }: ObjectRef, sees: Sees): boolean {
  return sees(kind === 'Namespace' ? name : namespace);
}

/** A rule of which the caller may know only that there is one. */
export function hiddenRule({ policy }: RuleView): RuleView {
  return { policy: { ...policy, group: '', kind: '', namespace: '', name: '' }, pointer: '', label: HIDDEN_POLICY };
}

/** What a caller may know of the CNI: what it is, but not the objects and nodes that tell so, unless it sees those. */
export function visibleCni(cni: CniDetection, sees: Sees): CniDetection {
  if (sees('')) return cni;
  const { engines } = cni;
  return {
    ...cni,
    evidence: [],
    options: {},
    unenforcedNodes: [],
    ...(engines === undefined
      ? {}
      : { engines: engines.map((engine) => ({ ...engine, options: {}, unenforcedNodes: [] })) }),
  };
}
