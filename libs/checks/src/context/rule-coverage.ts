import { impliedForPods, impliesForPods, isWithin, parseCidr } from '#engine';
import type { KnownNamespaces, PeerSet, PolicyEntry, PortMatch, PortSpec, Selector } from '#engine';

import type { AuditContext } from './audit-context.js';

/** The labels of namespaces, as a test of what selectors imply asks for them. */
export function knownNamespaces({ snapshot }: AuditContext): KnownNamespaces {
  return (name) => snapshot.index.namespaces.get(name)?.meta.labels ?? null;
}

/** The policies of some that together say all that `entries` say; null when those add something. */
export function coveredBy<P extends { readonly entries: readonly PolicyEntry[] }>(
  entries: readonly PolicyEntry[],
  policies: readonly P[],
  known: KnownNamespaces,
): readonly P[] | null {
  const used = new Set<P>();
  for (const entry of entries) {
    const chosen = impliedForPods(entry.subject, known);
    const by = policies.find((policy) => policy.entries.some((candidate) => covers(candidate, entry, chosen, known)));
    if (by === undefined) return null;
    used.add(by);
  }
  return used.size === 0 ? null : [...used];
}

/** Whether `wide` does all that `narrow` does, for every pod that may ever exist; `chosen` tells of the pods of `narrow`. */
function covers(
  wide: PolicyEntry,
  narrow: PolicyEntry,
  chosen: (by: Selector) => boolean,
  known: KnownNamespaces,
): boolean {
  if (wide.isolates !== narrow.isolates || !standsWith(wide, narrow)) return false;
  if (wide.isolates) return chosen(wide.subject);
  if (!same(wide.order, narrow.order) || !coversPorts(wide.ports, narrow.ports)) return false;
  return chosen(wide.subject) && coversPeers(wide.peers, narrow.peers, known);
}

function standsWith(a: PolicyEntry, b: PolicyEntry): boolean {
  if (a.direction !== b.direction || a.tier !== b.tier || a.action !== b.action || a.family !== b.family) return false;
  return same(a.conditions, b.conditions);
}

/** Whether peers hold all that others do, for every pod that may ever exist. */
export function coversPeers(wide: PeerSet, narrow: PeerSet, known: KnownNamespaces): boolean {
  if (wide.type === 'any') return true;
  if (narrow.type !== 'of' || wide.type !== 'of') return narrow.type === 'none';
  return narrow.selectors.every((peer) => wide.selectors.some((other) => coversPeer(other, peer, known)));
}

function coversPeer(wide: Selector, narrow: Selector, known: KnownNamespaces): boolean {
  if (same(wide, narrow) || coversBlock(wide, narrow)) return true;
  return isOfPods(narrow) && impliesForPods(narrow, wide, known);
}

/** Implication is about pods: other blocks of addresses than these are compared as they are written. */
function coversBlock(wide: Selector, narrow: Selector): boolean {
  if (wide.type !== 'cidr' || narrow.type !== 'cidr' || wide.except.length > 0) return false;
  const [outer, inner] = [parseCidr(wide.cidr), parseCidr(narrow.cidr)];
  return outer !== null && inner !== null && isWithin(inner, outer);
}

function isOfPods(selector: Selector): boolean {
  if (selector.type === 'and') return selector.of.every(isOfPods);
  return ['label', 'namespace', 'kind', 'all'].includes(selector.type);
}

/** Whether ports hold all that others do. */
export function coversPorts(wide: PortSpec, narrow: PortSpec): boolean {
  if (wide.except.length > 0) return same(wide, narrow);
  if (wide.include === 'any') return true;
  if (narrow.include === 'any') return false;
  const { include } = wide;
  return narrow.include.every((port) => include.some((other) => coversPort(other, port)));
}

function coversPort(wide: PortMatch, narrow: PortMatch): boolean {
  if (wide.type === 'protocol') return wide.protocol === narrow.protocol;
  if (wide.type === 'range' && narrow.type === 'range') {
    return wide.protocol === narrow.protocol && wide.from <= narrow.from && narrow.to <= wide.to;
  }
  return same(wide, narrow);
}

function same(a: unknown, b: unknown): boolean {
  if (a === b || (Array.isArray(a) && Array.isArray(b) && a.length + b.length === 0)) return true;
  return JSON.stringify(a) === JSON.stringify(b);
}
