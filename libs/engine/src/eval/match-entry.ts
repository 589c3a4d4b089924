import type { Condition, PolicyEntry } from '../model/index.js';
import { SOME_POD } from '../compile/endpoint.js';
import type { Endpoint } from '../compile/endpoint.js';
import { MAYBE, NO, YES } from '../compile/match-selector.js';
import type { Tri } from '../compile/match-selector.js';
import { matchSomePod } from '../compile/match-some-pod.js';
import type { ReadyEntry } from '../compile/ready-entry.js';
import type { Flow } from './flow.js';
import type { Place } from './left-open.js';
import { matchCondition } from './match-condition.js';
import { matchPorts } from './match-ports.js';
import type { TraceRecorder } from './recorder.js';

/** What is asked of the entries: a flow, seen from the end whose policy decides. */
interface Asked extends Place {
  readonly flow: Flow;
  readonly recorder: TraceRecorder | null;
}

/** Whether an entry speaks of the flow, given whether it selects the subject. */
export function matchEntry(ready: ReadyEntry, subject: Tri, state: Asked): Tri {
  const { flow, recorder } = state;
  if (recorder === null && flow.port !== null && !ready.mayAdmit(flow.port)) return NO;
  const { rule } = ready;
  const family = rule.family === null || flow.family === null || rule.family === flow.family;
  if (recorder === null && !family) return NO;
  const destination = state.direction === 'ingress' ? state.subject : state.peer;
  // Ports first: they are cheaper to look at than peers, and leave less.
  const port = matchPorts(rule.ports, flow, destination);
  if (recorder === null && port === NO) return NO;
  const peer = matchPeers(ready, state);
  const condition = matchConditions(rule.conditions, flow);
  if (!family || peer === NO || port === NO || condition === NO) {
    recorder?.missed(ready, { family, peer, port, condition });
    return NO;
  }
  return subject === YES && peer === YES && port === YES && condition === YES ? YES : MAYBE;
}

function matchPeers(ready: ReadyEntry, state: Asked): Tri {
  if (ready.peers === 'any') return YES;
  if (state.peer === SOME_POD) return matchSelectors(ready.entry.peers, state.subject);
  let result: Tri = NO;
  for (const matcher of ready.peers) {
    const value = matcher(state.peer, state.subject);
    if (value === YES) return YES;
    if (value === MAYBE) result = MAYBE;
  }
  return result;
}

function matchSelectors(peers: PolicyEntry['peers'], subject: Endpoint): Tri {
  if (peers.type !== 'of') return peers.type === 'any' ? YES : NO;
  return matchSomePod({ type: 'or', of: peers.selectors }, subject);
}

function matchConditions(conditions: readonly Condition[], flow: Flow): Tri {
  let result: Tri = YES;
  for (const condition of conditions) {
    const value = matchCondition(condition, flow);
    if (value === NO) return NO;
    if (value === MAYBE) result = MAYBE;
  }
  return result;
}
