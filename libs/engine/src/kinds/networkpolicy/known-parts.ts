import type { Direction, RuleRef, Selector, Semantics } from '../../model/index.js';
import type { KnownPeers, RawPeer } from './networkpolicy.parse.js';

/** What has been read under the same switches. */
export interface KnownParts {
  readonly peers: KnownPeers;
  readonly selectors: Map<RawPeer, Selector>;
  /** By direction and place of a rule. */
  readonly sources: Readonly<Record<Direction, RuleRef[]>>;
}

const KNOWN = new WeakMap<Semantics, KnownParts>();

export function knownUnder(semantics: Semantics): KnownParts {
  let known = KNOWN.get(semantics);
  if (known === undefined) {
    known = { peers: new Map(), selectors: new Map(), sources: { ingress: [], egress: [] } };
    KNOWN.set(semantics, known);
  }
  return known;
}
