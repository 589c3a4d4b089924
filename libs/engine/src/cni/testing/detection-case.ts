import type { CniDetection, Fact } from '../../model/index.js';

type Expected = Partial<Omit<CniDetection, 'evidence' | 'options'>>;

/** What is found in a cluster, and what is to be told from it. */
export interface DetectionCase {
  /** Detector that this case is about. */
  readonly detector: string;
  readonly says: string;
  readonly facts: readonly Fact[];
  readonly expected: Expected;
  readonly options?: Readonly<Record<string, string>>;
}

export const UNKNOWN: Expected = { networking: 'unknown', policyEngine: 'unknown', enforced: 'unknown', version: '' };
