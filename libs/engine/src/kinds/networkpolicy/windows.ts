import { and } from '../../model/index.js';
import type { Selector, Semantics } from '../../model/index.js';
import { hasWindowsAgents, NOT_ON_WINDOWS, ON_WINDOWS } from '../shared/index.js';
import type { RawRule } from './networkpolicy.parse.js';
import { isBlock } from './peers.compile.js';
import { isNamed } from './ports.compile.js';

/** A rule as it is for some of the pods that its policy selects. */
export interface RuleForSome {
  readonly rule: RawRule;
  readonly subject: Selector;
}

/**
 * Calico makes a rule of each protocol and peer, and on Windows leaves out those with an exception or the name of a port.
 * (CAL-73)
 */
export function apartOnWindows(rule: RawRule, subject: Selector, semantics: Semantics): readonly RuleForSome[] {
  if (semantics.networkPolicyOf !== 'calico' || !hasWindowsAgents(semantics)) return [{ rule, subject }];
  const { peers, ports } = rule;
  const named = new Set((ports ?? []).filter(isNamed).map(({ protocol }) => protocol));
  const left: RawRule = {
    peers: peers?.filter((peer) => !isBlock(peer) || peer.except.length === 0) ?? null,
    ports: ports?.filter(({ protocol }) => !named.has(protocol)) ?? null,
  };
  if (left.peers?.length === peers?.length && left.ports?.length === ports?.length) return [{ rule, subject }];
  const elsewhere = { rule, subject: and(subject, NOT_ON_WINDOWS) };
  const isEmpty = left.peers?.length === 0 || left.ports?.length === 0;
  return isEmpty ? [elsewhere] : [elsewhere, { rule: left, subject: and(subject, ON_WINDOWS) }];
}
