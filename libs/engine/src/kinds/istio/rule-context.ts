import type { Selector } from '../../model/index.js';
import type { ProblemList } from '../../normalise/problem-list.js';
import type { CompileEnv } from '../frontend.js';

/** What a policy's parts need beside themselves. */
export interface PolicyContext {
  readonly env: CompileEnv;
  readonly namespace: string;
  readonly problems: ProblemList;
}

/** What enforces a rule: they do not read the same of it. */
export type Proxy = 'sidecar' | 'ztunnel';

/** What the parts of a rule need. */
export interface RuleContext extends PolicyContext {
  readonly proxy: Proxy;
  /** Peers whose identity the mesh proves. */
  readonly identified: Selector;
  /** Called for what the other proxy reads in another way. */
  readonly differs: () => void;
}
