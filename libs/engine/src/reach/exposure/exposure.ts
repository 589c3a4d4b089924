import { ALL } from '../../model/index.js';
import type { Direction, Selector } from '../../model/index.js';
import type { CompiledSnapshot } from '../../compile/compile-snapshot.js';
import { compileSelector, NO } from '../../compile/match-selector.js';
import type { Endpoint } from '../../compile/endpoint.js';
import type { ReadingName } from '../../eval/evaluate-pair.js';
import { equalConnections } from '../connection-set.js';
import { certainConnections } from './hypothetical-peer.js';
import type { CertainConnections } from './hypothetical-peer.js';
import { canonicalPodSelector, choosesPods } from './selector-implication.js';

/** What an endpoint is open to, in one direction, over pods that need not exist. */
export interface Exposure {
  readonly direction: Direction;
  /** Some policy selects the endpoint in this direction. */
  readonly protected: boolean;
  /** What any pod of any namespace may say, present or future. */
  readonly entireCluster: CertainConnections;
  /** Selectors of its policies' rules whose pods get something else than any pod does, each once. */
  readonly selected: readonly { readonly selector: Selector; readonly connections: CertainConnections }[];
}

/**
 * The exposure of one endpoint to pods that do not exist yet: what policy lets every pod in the cluster do, and what it
 * lets the pods do that rules choose by label. Connections of a selector are those that are certain for all its pods.
 */
export function exposureOf(
  snapshot: CompiledSnapshot,
  endpoint: Endpoint,
  direction: Direction,
  reading: ReadingName,
): Exposure {
  const entireCluster = certainConnections(snapshot, endpoint, direction, ALL, reading);
  const { selectors, selected } = peersOfRules(snapshot, endpoint, direction, reading);
  const rows = selectors
    .map((selector) => ({
      selector,
      connections: certainConnections(snapshot, endpoint, direction, selector, reading),
    }))
    .filter(({ connections }) => !sameConnections(connections, entireCluster));
  return { direction, protected: selected, entireCluster, selected: rows };
}

function sameConnections(a: CertainConnections, b: CertainConnections): boolean {
  return equalConnections(a.allowed, b.allowed) && JSON.stringify(a.names) === JSON.stringify(b.names);
}

/** The distinct selectors of pods in the rules that concern the endpoint, and whether there is such a rule at all. */
function peersOfRules(
  snapshot: CompiledSnapshot,
  endpoint: Endpoint,
  direction: Direction,
  reading: ReadingName,
): { readonly selectors: readonly Selector[]; readonly selected: boolean } {
  const found = new Map<string, Selector>();
  let selected = false;
  for (const set of snapshot[reading].sets) {
    for (const entry of set.policies.flatMap((policy) => policy.entries)) {
      if (entry.direction !== direction || compileSelector(entry.subject)(endpoint, endpoint) === NO) continue;
      selected = true;
      if (entry.peers.type !== 'of') continue;
      for (const peer of entry.peers.selectors.flatMap(alternatives)) {
        if (!choosesPods(peer)) continue;
        const key = canonicalPodSelector(peer);
        if (key !== '' && !found.has(key)) found.set(key, peer);
      }
    }
  }
  const selectors = [...found].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, selector]) => selector);
  return { selectors, selected };
}

function alternatives(selector: Selector): readonly Selector[] {
  return selector.type === 'or' ? selector.of.flatMap(alternatives) : [selector];
}
