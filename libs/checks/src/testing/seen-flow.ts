import type { SeenFlow } from '#engine';
import { passedFlow } from '#engine/testing';

/** A flow by TCP that passed, between peers as in a question. */
export function seenFlow(source: string, destination: string, port: number): SeenFlow {
  const times = { firstSeen: '2026-11-18T00:00:00.000Z', lastSeen: '2026-11-26T00:00:00.000Z' };
  return passedFlow({ asked: source }, { asked: destination }, { port, ...times });
}
