import { implicationLookups, implicationWords, parseCidr } from '#engine';
import type { Cidr, PeerSet, PolicyEntry, PortMatch, PortSpec, Selector } from '#engine';

/**
 * Words by which entries are found that may do all that another one does: one is filed under several, and looked for under
 * several. What it says of its subject, its peers and its ports is one word together.
 */
export class CoverageWords {
  /** Lengths of the blocks that were filed: no others are looked for. */
  readonly #lengths = new Map<string, { readonly family: 4 | 6; readonly prefix: number }>();

  /** Where an entry is filed. */
  of({ subject, isolates, peers, ports }: PolicyEntry): readonly string[] {
    const ofPeers = isolates ? [EVERYWHERE] : this.#peerWords(peers);
    return joined(implicationWords(subject), ofPeers, isolates ? [EVERYWHERE] : portWords(ports));
  }

  /** Where whatever covers an entry is found; null for anywhere. */
  lookups({ subject, isolates, peers, ports }: PolicyEntry): readonly string[] | null {
    const ofSubject = implicationLookups(subject);
    const ofPeers = isolates ? [EVERYWHERE] : this.#peerLookups(peers);
    const ofPorts = isolates ? [EVERYWHERE] : portLookups(ports);
    return ofSubject === null || ofPeers === null || ofPorts === null ? null : joined(ofSubject, ofPeers, ofPorts);
  }

  #peerWords(peers: PeerSet): readonly string[] {
    return peers.type === 'of'
      ? [...new Set(peers.selectors.flatMap((peer) => this.#selectorWords(peer)))]
      : [EVERYWHERE];
  }

  #selectorWords(selector: Selector): readonly string[] {
    if (selector.type !== 'cidr') return implicationWords(selector);
    const block = selector.except.length > 0 ? null : parseCidr(selector.cidr);
    if (block === null) return [JSON.stringify(selector)];
    const { family, prefix } = block;
    this.#lengths.set(`${family}/${prefix}`, { family, prefix });
    return [blockWord(block, prefix)];
  }

  /** One that covers all peers covers the first of them. */
  #peerLookups(peers: PeerSet): readonly string[] | null {
    if (peers.type !== 'of') return [EVERYWHERE];
    const [first] = peers.selectors;
    if (first === undefined) return null;
    if (first.type !== 'cidr') return implicationLookups(first);
    const block = parseCidr(first.cidr);
    const around = [...this.#lengths.values()].filter(
      ({ family, prefix }) => block !== null && family === block.family && prefix <= block.prefix,
    );
    const blocks = block === null ? [] : around.map(({ prefix }) => blockWord(block, prefix));
    return [EVERYWHERE, JSON.stringify(first), ...blocks];
  }
}

/** What is filed here may cover anything. */
const EVERYWHERE = '';

function blockWord({ family, from }: Cidr, prefix: number): string {
  const host = BigInt((family === 4 ? 32 : 128) - prefix);
  return `${family}/${prefix} ${from >> host}`;
}

function portWords({ include, except }: PortSpec): readonly string[] {
  return include === 'any' || except.length > 0 ? [EVERYWHERE] : [...new Set(include.map(portWord))];
}

/** One that covers all ports covers the first of them. */
function portLookups({ include }: PortSpec): readonly string[] | null {
  if (include === 'any') return [EVERYWHERE];
  const [first] = include;
  return first === undefined ? null : [...new Set([EVERYWHERE, portWord(first)])];
}

function portWord(port: PortMatch): string {
  return port.type === 'range' && port.from === port.to ? `${port.protocol}/${port.from}` : EVERYWHERE;
}

function joined(...parts: readonly (readonly string[])[]): readonly string[] {
  return parts.reduce((words, part) => words.flatMap((word) => part.map((next) => `${word}\0${next}`)));
}
