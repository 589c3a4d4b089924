import { BLANK_PEER, TCP } from '#engine';
import type { SeenFlow } from '#engine';

/** A flow by TCP that passed, between peers as in a question. */
export function seenFlow(source: string, destination: string, port: number): SeenFlow {
  return {
    source: { ...BLANK_PEER, asked: source },
    destination: { ...BLANK_PEER, asked: destination },
    protocol: TCP,
    port,
    direction: null,
    verdict: 'forwarded',
    reason: '',
    policies: [],
    count: 1,
    firstSeen: '2026-11-18T00:00:00.000Z',
    lastSeen: '2026-11-26T00:00:00.000Z',
  };
}
