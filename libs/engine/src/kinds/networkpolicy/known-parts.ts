import type { Direction, RuleRef, Selector, Semantics } from '../../model/index.js';
import type { EgressName } from '../shared/index.js';
import { noParts } from './networkpolicy.parse.js';
import type { KnownParts, RawPeer, RawPort } from './networkpolicy.parse.js';

/** What has been read under the same switches. */
export interface KnownMeanings {
  readonly parts: KnownParts;
  readonly selectors: Map<RawPeer, Selector>;
  /** What ports without a name mean: names depend on where they stand, and may depend on the pods. */
  readonly ports: Map<RawPort, EgressName>;
  /** By direction and place of a rule. */
  readonly sources: Readonly<Record<Direction, RuleRef[]>>;
}

const KNOWN = new WeakMap<Semantics, KnownMeanings>();

export function knownUnder(semantics: Semantics): KnownMeanings {
  let known = KNOWN.get(semantics);
  if (known === undefined) {
    known = { parts: noParts(), selectors: new Map(), ports: new Map(), sources: { ingress: [], egress: [] } };
    KNOWN.set(semantics, known);
  }
  return known;
}
