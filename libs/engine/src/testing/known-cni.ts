import type { CniDetection } from '../model/index.js';

/** A cluster that is known to run an engine, which enforces policies on every node. */
export function knownCni(engine: string, parts: Partial<CniDetection> = {}): CniDetection {
  return {
    networking: engine,
    policyEngine: engine,
    title: engine,
    version: '',
    enforced: 'yes',
    confidence: 1,
    evidence: [],
    options: {},
    unenforcedNodes: [],
    ...parts,
  };
}
