import type { CompileEnv } from '../frontend.js';
import type { ProblemList } from '../../normalise/problem-list.js';
import { readOptions } from './cilium.options.js';
import type { CiliumOptions } from './cilium.options.js';
import { identityFilter } from './identity-labels.js';
import type { IdentityFilter } from './identity-labels.js';

/** What compiling one policy needs at every step. */
export interface CiliumContext {
  readonly env: CompileEnv;
  readonly options: CiliumOptions;
  /** '' for the cluster-wide kind. */
  readonly namespace: string;
  /** The subject's selector names `reserved:init`: endpoints that have no labels yet. */
  readonly subjectIsInit: boolean;
  readonly countsForIdentity: IdentityFilter;
  readonly problems: ProblemList;
}

const FILTERS = new Map<string, IdentityFilter>();

/** The context of a policy in `namespace`. */
export function contextFor(env: CompileEnv, namespace: string, problems: ProblemList): CiliumContext {
  const options = readOptions(env.semantics);
  return {
    env,
    options,
    namespace,
    subjectIsInit: false,
    countsForIdentity: filterFor(options.identityLabels),
    problems,
  };
}

/** Filters are kept by their text: every policy of a cluster uses the same one. */
function filterFor(labels: string): IdentityFilter {
  let known = FILTERS.get(labels);
  if (known === undefined) {
    if (FILTERS.size > 100) FILTERS.clear();
    FILTERS.set(labels, (known = identityFilter(labels)));
  }
  return known;
}
