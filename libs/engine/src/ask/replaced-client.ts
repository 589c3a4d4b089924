import type { FlowDecision, ServiceFact, Tier, Verdict } from '../model/index.js';
import type { CompiledSnapshot } from '../compile/compile-snapshot.js';
import type { Endpoint } from '../compile/endpoint.js';
import { evaluateBoth, pairVerdict } from '../eval/evaluate-pair.js';
import type { ReadingName } from '../eval/evaluate-pair.js';
import type { Flow } from '../eval/flow.js';

const WHY = 'another node may have put its address in place of the client’s, and of that policy says something else';

const ENTRY_GATES: ReadonlySet<Tier['gate']> = new Set([
  'host-untracked',
  'host-forward',
  'host-inward',
  'service-entry',
]);

/** Whether clients from outside enter a Service at any node, which sends on to others under its own address. */
export function replacesClients({ serviceType, externalTrafficPolicy }: ServiceFact): boolean {
  return (serviceType === 'NodePort' || serviceType === 'LoadBalancer') && externalTrafficPolicy === 'Cluster';
}

/**
 * The nodes under whose address an outside client may appear at `to`: all but its own, where the client is seen. None
 * where policy also judges what enters a node or a Service, as that sees the client.
 */
function standIns(
  snapshot: CompiledSnapshot,
  from: Endpoint,
  to: Endpoint,
  { family }: Flow,
  reading: ReadingName,
): readonly Endpoint[] {
  if (from.kind !== 'external') return [];
  const atEntry = snapshot[reading].sets.some(({ gates }) => gates.some(({ id }) => ENTRY_GATES.has(id)));
  if (atEntry) return [];
  return snapshot.endpoints.filter(
    ({ kind, node, ips }) =>
      kind === 'node' && node !== to.node && ips.some((ip) => ip.family === (family ?? ip.family)),
  );
}

/** What both readings make of a flow through a Service that replaces its clients; unknown where it depends on who is seen. */
export function evaluateReplaced(
  snapshot: CompiledSnapshot,
  from: Endpoint,
  to: Endpoint,
  flow: Flow,
): Readonly<Record<ReadingName, FlowDecision>> {
  const { intended, enforced } = evaluateBoth(snapshot, from, to, flow);
  const checked = (reading: ReadingName, decision: FlowDecision): FlowDecision =>
    agreed(snapshot, from, to, flow, reading, decision.verdict) ? decision : leftOpen(decision);
  return { intended: checked('intended', intended), enforced: checked('enforced', enforced) };
}

/** The verdict alone. */
export function replacedVerdict(
  snapshot: CompiledSnapshot,
  from: Endpoint,
  to: Endpoint,
  flow: Flow,
  reading: ReadingName,
): Verdict {
  const verdict = pairVerdict(snapshot[reading], from, to, flow);
  return agreed(snapshot, from, to, flow, reading, verdict) ? verdict : 'unknown';
}

function agreed(
  snapshot: CompiledSnapshot,
  from: Endpoint,
  to: Endpoint,
  flow: Flow,
  reading: ReadingName,
  verdict: Verdict,
): boolean {
  return standIns(snapshot, from, to, flow, reading).every(
    (node) => pairVerdict(snapshot[reading], node, to, flow) === verdict,
  );
}

function leftOpen(decision: FlowDecision): FlowDecision {
  const { ingress } = decision;
  const step = { direction: 'ingress', tier: '', outcome: 'unknown', rules: ingress.determining, why: WHY } as const;
  const unsure = { verdict: 'unknown', reason: 'unevaluable' } as const;
  return { ...decision, verdict: 'unknown', ingress: { ...ingress, ...unsure, steps: [...ingress.steps, step] } };
}

/** Whether it depends on who is seen as the client. */
export function isLeftOpen({ ingress }: FlowDecision): boolean {
  return ingress.steps.at(-1)?.why === WHY;
}
