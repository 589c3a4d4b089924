import { and, or } from '../../model/index.js';
import type { Selector } from '../../model/index.js';
import type { CompileEnv } from '../frontend.js';
import { podPeer } from '../shared/index.js';
import type { RawPeer } from './networkpolicy.parse.js';

const SEVERAL_VALUES =
  'Azure NPM took a namespace for chosen that has one of the values of `NotIn` but not the other, until September 2026';
const NEGATIVE_ALONE =
  'a peer that only says which labels are absent let Azure NPM admit addresses outside the cluster too, until September 2026';

/**
 * A peer with selectors as Azure NPM has it: of several values of `NotIn` each made an allow of its own (NP-41), and a set of
 * addresses that is only excluded leaves in whoever is no pod (NP-42). Which release mended that is not in the sources.
 */
export function azurePeer(peer: Extract<RawPeer, { type: 'pods' }>, { semantics }: CompileEnv): Selector {
  const pods = podPeer(semantics, peer.selector);
  if (peer.namespaces === null) return pods;
  const tests = members(peer.selector);
  const kept = tests.filter((test) => !isNotInSeveral(test));
  const open: Selector[] = [];
  if (kept.length < tests.length) open.push(maybe(podPeer(semantics, and(...kept)), SEVERAL_VALUES));
  if (members(peer.namespaces).length > 0 && tests.every(isNegative)) {
    open.push(maybe({ type: 'kind', kinds: ['external', 'node', 'hostpod'] }, NEGATIVE_ALONE));
  }
  return or(pods, ...open);
}

const maybe = (selector: Selector, why: string): Selector => and(selector, { type: 'unknown', why });

function members(selector: Selector): readonly Selector[] {
  if (selector.type === 'all') return [];
  return selector.type === 'and' ? selector.of : [selector];
}

function isNotInSeveral(test: Selector): boolean {
  return test.type === 'label' && test.owner === 'namespace' && test.op === 'notIn' && new Set(test.values).size > 1;
}

const isNegative = (test: Selector): boolean =>
  test.type === 'label' && (test.op === 'notIn' || test.op === 'notExists');
