import { TCP } from '../model/index.js';
import { BLANK_PEER } from '../observe/index.js';
import type { SeenFlow, SeenPeer } from '../observe/index.js';

/** One flow by TCP that passed, of which nothing is told but `more`. */
export function passedFlow(
  source: Partial<SeenPeer>,
  destination: Partial<SeenPeer>,
  more: Partial<SeenFlow> = {},
): SeenFlow {
  return {
    source: { ...BLANK_PEER, ...source },
    destination: { ...BLANK_PEER, ...destination },
    protocol: TCP,
    port: null,
    direction: null,
    verdict: 'forwarded',
    reason: '',
    policies: [],
    count: 1,
    firstSeen: '',
    lastSeen: '',
    ...more,
  };
}
