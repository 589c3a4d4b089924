import type { ProblemList } from '../../normalise/problem-list.js';
import type { CompileEnv } from '../frontend.js';
import { identityReader } from '../shared/index.js';
import type { IdentityReader } from '../shared/index.js';
import { readOptions } from './cilium.options.js';
import type { CiliumOptions } from './cilium.options.js';

/** What compiling one policy needs at every step. */
export interface CiliumContext {
  readonly env: CompileEnv;
  readonly options: CiliumOptions;
  readonly identities: IdentityReader;
  /** '' for the cluster-wide kind. */
  readonly namespace: string;
  /** The subject's selector names `reserved:init`: endpoints that have no labels yet. */
  readonly subjectIsInit: boolean;
  /** The subject is a node, which is in no namespace. */
  readonly subjectIsNode: boolean;
  readonly problems: ProblemList;
}

/** The context of a policy in `namespace`. */
export function contextFor(env: CompileEnv, namespace: string, problems: ProblemList): CiliumContext {
  const { semantics } = env;
  const options = readOptions(semantics);
  return {
    env,
    options,
    identities: identityReader(semantics),
    namespace,
    subjectIsInit: false,
    subjectIsNode: false,
    problems,
  };
}
