import type { ProblemList } from '../../normalise/problem-list.js';

/** No known field in a peer: its rule fails closed. */
export const PEER_UNKNOWN = 'adminpolicy.peer_unknown';

/**
 * A port's name beside a peer that has no named ports. Only the schema of the experimental channel refuses this, so a
 * cluster may hold such an object; the name matches nothing there.
 */
export const NAMED_PORT_PEER = 'adminpolicy.named_port_peer';

const EVALUATED_ALL_THE_SAME: ReadonlySet<string> = new Set([PEER_UNKNOWN, NAMED_PORT_PEER]);

/** True when the API server would not have the object, so that it has no effect. */
export function isRefused(problems: ProblemList): boolean {
  return problems.diagnostics.some((problem) => problem.class === 'error' && !EVALUATED_ALL_THE_SAME.has(problem.code));
}
