import { ALL, and, NONE } from '../../model/index.js';
import type { Condition, Selector } from '../../model/index.js';
import { ALL_PORTS, intersectRanges } from '../../net/index.js';
import type { Ranges } from '../../net/index.js';

/** What one part of a rule asks for; all of it must hold. */
export interface Term {
  readonly peer: Selector;
  readonly subject: Selector;
  /** Ports of the workload. */
  readonly ports: Ranges;
  /** What only a proxy that reads requests can tell. */
  readonly requests: readonly Condition[];
  /** Whether it asks for something that ztunnel does not read. */
  readonly unread: boolean;
  /** Whether it asks for something that ztunnel reads, be it what everybody meets. */
  readonly read: boolean;
}

export const ANY_TERM: Term = { peer: ALL, subject: ALL, ports: ALL_PORTS, requests: [], unread: false, read: false };

export function both(a: Term, b: Term): Term {
  return {
    peer: and(a.peer, b.peer),
    subject: and(a.subject, b.subject),
    ports: intersectRanges(a.ports, b.ports),
    requests: [...a.requests, ...b.requests],
    unread: a.unread || b.unread,
    read: a.read || b.read,
  };
}

/** Each of some with each of others: where one of either must hold. */
export function bothOfEach(some: readonly Term[], others: readonly Term[]): readonly Term[] {
  return some.flatMap((one) => others.map((other) => both(one, other)));
}

/** The part as ztunnel has it: without what it does not read, and matching nothing when nothing else is left (IM-26). */
export function readByZtunnel(term: Term): Term {
  if (!term.unread) return term;
  return { ...term, peer: term.read ? term.peer : NONE, requests: [] };
}
