import { forEachBit } from './bit-row.js';
import type { BitRow } from './bit-row.js';
import type { Opened } from './opened.js';

/** A peer of ingress rules: the classes that it holds, and what the rules open to them. */
export interface IngressPeer {
  readonly row: BitRow;
  /** Holds only for subjects of the same namespace. */
  readonly own: boolean;
  readonly opened: Opened;
}

/** Sets of peers as a tree: each is another set with one peer more. Number 0 is the empty set. */
export interface PeerSets {
  readonly before: readonly number[];
  readonly peers: readonly IngressPeer[];
  /** By class, the set of the peers that hold it. */
  readonly of: Uint32Array;
}

/** Splits the classes by the peers that hold them: one peer after the other splits what came of those before. */
export function peerSets(all: Iterable<IngressPeer>, count: number): PeerSets {
  const of = new Uint32Array(count);
  const before: number[] = [0];
  const peers: IngressPeer[] = [];
  for (const peer of all) {
    const next = new Map<number, number>();
    const base = peer.row.start * 32;
    forEachBit(peer.row.words, (bit) => {
      const id = base + bit;
      const was = of[id] as number;
      let is = next.get(was);
      if (is === undefined) {
        next.set(was, (is = before.length));
        before.push(was);
        peers[is] = peer;
      }
      of[id] = is;
    });
  }
  return { before, peers, of };
}
