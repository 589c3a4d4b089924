import { parsePeer } from '../ask/parse-peer.js';
import type { PeerQuery } from '../ask/question.js';

/** The peer that a text names, as people ask for it; fails loudly where it names none. */
export function namedPeer(text: string): PeerQuery {
  const parsed = parsePeer(text);
  if ('error' in parsed) throw new Error(parsed.error);
  return parsed.peer;
}
