import { combineVerdicts, familyOf } from '../model/index.js';
import type { Direction, FlowDecision, Protocol, Tier, Verdict } from '../model/index.js';
import type { CompiledSnapshot, EngineReading, Reading } from '../compile/compile-snapshot.js';
import type { Endpoint } from '../compile/endpoint.js';
import type { Detail } from './evaluate-direction.js';
import { flowAt } from './flow.js';
import type { Flow } from './flow.js';
import { combineStages, evaluateFlow, flowVerdict, sideVerdict } from './evaluate-flow.js';

export type ReadingName = 'intended' | 'enforced';

/** Decides one flow between two endpoints under one reading, with its evidence. */
export function evaluatePair(
  snapshot: CompiledSnapshot,
  source: Endpoint,
  destination: Endpoint,
  flow: Flow,
  reading: ReadingName,
  detail: Detail = 'evidence',
): FlowDecision {
  const from = inFamily(source, flow.family);
  const to = inFamily(destination, flow.family);
  const { engines } = snapshot[reading];
  if (engines.length === 1) return engineDecision(engines[0], from, to, flow, detail);
  return passAll(engines.map((engine) => engineDecision(engine, from, to, flow, detail)));
}

/** Decides one flow under both readings. What they have in common is decided once. */
export function evaluateBoth(
  snapshot: CompiledSnapshot,
  source: Endpoint,
  destination: Endpoint,
  flow: Flow,
  detail: Detail = 'evidence',
): Readonly<Record<ReadingName, FlowDecision>> {
  const intended = evaluatePair(snapshot, source, destination, flow, 'intended', detail);
  const [asWritten] = snapshot.intended.engines;
  const [engine, ...others] = snapshot.enforced.engines;
  if (others.length > 0 || !beginAlike(engine, asWritten)) {
    return { intended, enforced: evaluatePair(snapshot, source, destination, flow, 'enforced', detail) };
  }
  const from = inFamily(source, flow.family);
  const to = inFamily(destination, flow.family);
  return { intended, enforced: engineDecision(engine, from, to, flow, detail, intended) };
}

/** Whether the first variants of two engines decide every flow alike. */
function beginAlike(a: EngineReading, b: EngineReading): boolean {
  const isEverywhere = [a, b].every(({ enforcement }) => enforcement.unenforcedNodes.size === 0);
  return isEverywhere && a.variants[0] === b.variants[0];
}

/** The decision of the first variant, with the verdict on which all of them agree. */
function engineDecision(
  { variants, enforcement }: EngineReading,
  from: Endpoint,
  to: Endpoint,
  flow: Flow,
  detail: Detail,
  first: FlowDecision = evaluateFlow(variants[0], from, to, flow, enforcement, detail),
): FlowDecision {
  if (variants.length === 1) return first;
  const others = variants.slice(1).map((set) => flowVerdict(set, from, to, flow, enforcement));
  const verdict = agree([first.verdict, ...others]);
  return verdict === first.verdict ? first : { ...first, verdict };
}

/** A flow passes several engines when each lets it pass. */
function passAll(decisions: readonly FlowDecision[]): FlowDecision {
  return {
    verdict: combineVerdicts(decisions.map((decision) => decision.verdict)),
    egress: combineStages(
      'egress',
      decisions.map(({ egress }) => egress),
    ),
    ingress: combineStages(
      'ingress',
      decisions.map(({ ingress }) => ingress),
    ),
  };
}

function engineVerdict({ variants, enforcement }: EngineReading, from: Endpoint, to: Endpoint, flow: Flow): Verdict {
  if (variants.length === 1) return flowVerdict(variants[0], from, to, flow, enforcement);
  return agree(variants.map((set) => flowVerdict(set, from, to, flow, enforcement)));
}

/** The verdict alone. */
export function pairVerdict(reading: Reading, source: Endpoint, destination: Endpoint, flow: Flow): Verdict {
  const from = inFamily(source, flow.family);
  const to = inFamily(destination, flow.family);
  const { engines } = reading;
  if (engines.length === 1) return engineVerdict(engines[0], from, to, flow);
  return combineVerdicts(engines.map((engine) => engineVerdict(engine, from, to, flow)));
}

/** The verdict of one direction alone, by the gates that `asks` names. */
export function gatesVerdict(
  reading: Reading,
  direction: Direction,
  subject: Endpoint,
  peer: Endpoint,
  flow: Flow,
  asks: (gate: Tier['gate']) => boolean,
): Verdict {
  const at = inFamily(subject, flow.family);
  const other = inFamily(peer, flow.family);
  const verdicts = reading.engines.map(({ variants, enforcement }) =>
    agree(variants.map((set) => sideVerdict(set, direction, at, other, flow, enforcement, asks))),
  );
  return combineVerdicts(verdicts);
}

const VIEWS = new WeakMap<Endpoint, Map<number, Endpoint>>();

/**
 * An endpoint that speaks both families, or a name outside that may, as it looks in one, so that a block of the other
 * cannot match it.
 */
export function inFamily(endpoint: Endpoint, family: 4 | 6 | null): Endpoint {
  if (family === null || endpoint.family === family || speaksOnly(endpoint, family)) return endpoint;
  let views = VIEWS.get(endpoint);
  if (views === undefined) VIEWS.set(endpoint, (views = new Map<number, Endpoint>()));
  let view = views.get(family);
  if (view === undefined) {
    view = {
      ...endpoint,
      family: isName(endpoint) ? family : null,
      ips: endpoint.ips.filter((ip) => ip.family === family),
    };
    views.set(family, view);
  }
  return view;
}

function speaksOnly(endpoint: Endpoint, family: 4 | 6): boolean {
  for (const ip of endpoint.ips) if (ip.family !== family) return false;
  return !isName(endpoint);
}

const isName = ({ hostName, ips }: Endpoint): boolean => hostName !== '' && ips.length === 0;

/** What variants that cannot be told apart agree on; unknown when they do not. */
function agree(verdicts: readonly Verdict[]): Verdict {
  const first = verdicts[0] as Verdict;
  return verdicts.every((verdict) => verdict === first) ? first : 'unknown';
}

const ONE_FAMILY = { 4: [4], 6: [6] } as const;

/** The address families that a pair can speak, [null] when neither has known addresses, none when they share no family. */
export function pairFamilies(source: Endpoint, destination: Endpoint): readonly (4 | 6 | null)[] {
  if (source.family !== null && source.family === destination.family) return ONE_FAMILY[source.family];
  if (source.ips.length === 0 || destination.ips.length === 0) {
    const known = source.ips.length > 0 ? source : destination;
    const families = [...new Set(known.ips.map((ip) => ip.family))];
    return families.length === 0 ? [null] : families;
  }
  const there = new Set(destination.ips.map((ip) => ip.family));
  return [...new Set(source.ips.map((ip) => ip.family))].filter((family) => there.has(family));
}

/** The flows of a pair at one value of a protocol: one for each family that the pair can speak and the protocol belongs to. */
export function flowsBetween(
  source: Endpoint,
  destination: Endpoint,
  protocol: Protocol,
  value: number,
): readonly Flow[] {
  const own = familyOf(protocol);
  const families = pairFamilies(source, destination);
  return families
    .filter((family) => family === null || own === null || family === own)
    .map((family) => flowAt(protocol, value, family));
}
