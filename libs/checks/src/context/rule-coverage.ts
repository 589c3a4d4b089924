import { impliedForPods, isWithin, parseCidr, pushTo } from '#engine';
import type { KnownNamespaces, PeerSet, PolicyEntry, PortMatch, PortSpec, Selector } from '#engine';

import type { AuditContext } from './audit-context.js';
import { CoverageWords } from './coverage-words.js';
import { textOf } from './text-of.js';

/** The labels of namespaces, as a test of what selectors imply asks for them. */
function knownNamespaces({ snapshot }: AuditContext): KnownNamespaces {
  return (name) => snapshot.index.namespaces.get(name)?.meta.labels ?? null;
}

/** So few are held against each other at once: words would cost more than they save. */
const FEW = 32;

/** What policies, or single rules, say: kept so that one is held against the few only that may say the same. */
export class SaidByOthers<P> {
  readonly #implied: Implications;
  readonly #all: Saying<P>[] = [];
  /** Null where there are few. */
  readonly #filed: FiledSayings<P> | null;

  constructor(context: AuditContext, speakers: readonly P[], entriesOf: (speaker: P) => readonly PolicyEntry[]) {
    this.#implied = new Implications(knownNamespaces(context));
    for (const speaker of speakers)
      for (const entry of entriesOf(speaker)) this.#all.push({ speaker, entry, at: this.#all.length });
    this.#filed = this.#all.length > FEW ? new FiledSayings(this.#all) : null;
  }

  /** Those among `speakers`, in order, that together say all that `entries` say; null when those add something. */
  covering(entries: readonly PolicyEntry[], mayCount: (speaker: P) => boolean): readonly P[] | null {
    const used = new Set<P>();
    for (const entry of entries) {
      const by = this.#firstCovering(entry, mayCount);
      if (by === null) return null;
      used.add(by.speaker);
    }
    return used.size === 0 ? null : [...used];
  }

  #firstCovering(entry: PolicyEntry, mayCount: (speaker: P) => boolean): Saying<P> | null {
    let narrow: Narrow | null = null;
    let first: Saying<P> | null = null;
    for (const candidates of this.#filed?.candidates(entry) ?? [this.#all]) {
      for (const saying of candidates) {
        if (first !== null && saying.at >= first.at) break;
        if (!mayCount(saying.speaker)) continue;
        narrow ??= narrowOf(entry, this.#implied);
        if (covers(saying.entry, narrow)) first = saying;
      }
    }
    return first;
  }
}

/** Sayings by their words, each list in order. */
class FiledSayings<P> {
  readonly #words = new CoverageWords();
  readonly #filed = new Map<string, Saying<P>[]>();

  constructor(private readonly all: readonly Saying<P>[]) {
    for (const saying of all) for (const word of this.#words.of(saying.entry)) pushTo(this.#filed, word, saying);
  }

  /** Those that may cover an entry, as lists that overlap. */
  candidates(entry: PolicyEntry): readonly (readonly Saying<P>[])[] {
    const lookups = this.#words.lookups(entry);
    return lookups === null ? [this.all] : lookups.flatMap((word) => [this.#filed.get(word) ?? []]);
  }
}

interface Saying<P> {
  readonly speaker: P;
  readonly entry: PolicyEntry;
  /** Its place among all. */
  readonly at: number;
}

/** What selectors imply of others, each asked once: rules are held against others piece by piece, and share selectors. */
class Implications {
  readonly #known = new Map<Selector, (wide: Selector) => boolean>();

  constructor(private readonly namespaces: KnownNamespaces) {}

  of(narrow: Selector): (wide: Selector) => boolean {
    let found = this.#known.get(narrow);
    if (found === undefined) this.#known.set(narrow, (found = this.#asked(narrow)));
    return found;
  }

  #asked(narrow: Selector): (wide: Selector) => boolean {
    const implied = impliedForPods(narrow, this.namespaces);
    const known = new Map<Selector, boolean>();
    return (wide) => {
      let holds = known.get(wide);
      if (holds === undefined) known.set(wide, (holds = implied(wide)));
      return holds;
    };
  }
}

/** An entry that others are held against. */
interface Narrow {
  readonly entry: PolicyEntry;
  readonly chosen: (by: Selector) => boolean;
  /** Empty unless its peers are a list. */
  readonly peers: readonly NarrowPeer[];
}

interface NarrowPeer {
  readonly selector: Selector;
  readonly implies: (wide: Selector) => boolean;
}

function narrowOf(entry: PolicyEntry, implied: Implications): Narrow {
  const selectors = entry.peers.type === 'of' ? entry.peers.selectors : [];
  return {
    entry,
    chosen: implied.of(entry.subject),
    peers: selectors.map((selector) => ({
      selector,
      implies: isOfPods(selector) ? implied.of(selector) : () => false,
    })),
  };
}

/** Whether `wide` does all that `narrow` does, for every pod that may ever exist. */
function covers(wide: PolicyEntry, { entry, chosen, peers }: Narrow): boolean {
  if (wide.isolates !== entry.isolates || !standsWith(wide, entry)) return false;
  if (wide.isolates) return chosen(wide.subject);
  if (!same(wide.order, entry.order) || !coversPorts(wide.ports, entry.ports)) return false;
  return coversPeers(wide.peers, entry.peers, peers) && chosen(wide.subject);
}

function standsWith(a: PolicyEntry, b: PolicyEntry): boolean {
  if (a.direction !== b.direction || a.tier !== b.tier || a.action !== b.action || a.family !== b.family) return false;
  return same(a.conditions, b.conditions);
}

function coversPeers(wide: PeerSet, narrow: PeerSet, peers: readonly NarrowPeer[]): boolean {
  if (wide.type === 'any') return true;
  if (narrow.type !== 'of' || wide.type !== 'of') return narrow.type === 'none';
  return peers.every((peer) => wide.selectors.some((other) => coversPeer(other, peer)));
}

function coversPeer(wide: Selector, { selector, implies }: NarrowPeer): boolean {
  return same(wide, selector) || coversBlock(wide, selector) || implies(wide);
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
function coversPorts(wide: PortSpec, narrow: PortSpec): boolean {
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

function same(a: object, b: object): boolean {
  if (a === b || (Array.isArray(a) && Array.isArray(b) && a.length + b.length === 0)) return true;
  return textOf(a) === textOf(b);
}
