import type { FlowDecision, Verdict } from '../model/index.js';
import type { CompiledSnapshot, Reading } from '../compile/compile-snapshot.js';
import type { Endpoint } from '../compile/endpoint.js';
import type { Flow } from './flow.js';
import { evaluateFlow, flowVerdict } from './evaluate-flow.js';

export type ReadingName = 'intended' | 'enforced';

/** Decides one flow between two endpoints under one reading, with its evidence. */
export function evaluatePair(
  snapshot: CompiledSnapshot,
  source: Endpoint,
  destination: Endpoint,
  flow: Flow,
  reading: ReadingName,
): FlowDecision {
  const from = inFamily(source, flow.family);
  const to = inFamily(destination, flow.family);
  const { sets, enforcement } = snapshot[reading];
  const decisions = sets.map((set) => evaluateFlow(set, from, to, flow, enforcement));
  const first = decisions[0] as FlowDecision;
  const verdict = agree(decisions.map((decision) => decision.verdict));
  return verdict === first.verdict ? first : { ...first, verdict };
}

/** The verdict alone. */
export function pairVerdict(reading: Reading, source: Endpoint, destination: Endpoint, flow: Flow): Verdict {
  const from = inFamily(source, flow.family);
  const to = inFamily(destination, flow.family);
  return agree(reading.sets.map((set) => flowVerdict(set, from, to, flow, reading.enforcement)));
}

const VIEWS = new WeakMap<Endpoint, Map<number, Endpoint>>();

/** A dual-stack endpoint as it looks in one family, so that a block of the other family cannot match it. */
function inFamily(endpoint: Endpoint, family: 4 | 6 | null): Endpoint {
  if (family === null || endpoint.ips.every((ip) => ip.family === family)) return endpoint;
  let views = VIEWS.get(endpoint);
  if (views === undefined) VIEWS.set(endpoint, (views = new Map()));
  let view = views.get(family);
  if (view === undefined) {
    view = { ...endpoint, ips: endpoint.ips.filter((ip) => ip.family === family) };
    views.set(family, view);
  }
  return view;
}

/** What readings that cannot be told apart agree on; unknown when they do not. */
function agree(verdicts: readonly Verdict[]): Verdict {
  const first = verdicts[0] as Verdict;
  return verdicts.every((verdict) => verdict === first) ? first : 'unknown';
}

/** The address families that a pair can speak, [null] when neither has known addresses, none when they share no family. */
export function pairFamilies(source: Endpoint, destination: Endpoint): readonly (4 | 6 | null)[] {
  if (source.ips.length === 0 || destination.ips.length === 0) {
    const known = source.ips.length > 0 ? source : destination;
    const families = [...new Set(known.ips.map((ip) => ip.family))];
    return families.length === 0 ? [null] : families;
  }
  const there = new Set(destination.ips.map((ip) => ip.family));
  return [...new Set(source.ips.map((ip) => ip.family))].filter((family) => there.has(family));
}
