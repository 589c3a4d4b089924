import { combineVerdicts } from '../model/index.js';
import type { FlowDecision, ServiceFact, Tier, Verdict } from '../model/index.js';
import type { CompiledSnapshot, Reading } from '../compile/compile-snapshot.js';
import type { Endpoint } from '../compile/endpoint.js';
import { evaluateBoth, gatesVerdict, pairVerdict } from '../eval/evaluate-pair.js';
import type { ReadingName } from '../eval/evaluate-pair.js';
import type { Flow } from '../eval/flow.js';
import { firstIn } from '../net/index.js';
import type { Ip } from '../net/index.js';
import { nodeGroups } from './endpoint-groups.js';

const WHY = 'another node may have put its address in place of the client’s, and of that policy says something else';

/** Gates that see the client where it enters, before the node puts its address in its place. */
const ENTRY_GATES: ReadonlySet<Tier['gate']> = new Set(['host-untracked', 'host-forward', 'service-entry']);

/** Whether clients from outside enter a Service at any node, which sends on to others under its own address. */
export function replacesClients({ serviceType, externalTrafficPolicy }: ServiceFact): boolean {
  return (serviceType === 'NodePort' || serviceType === 'LoadBalancer') && externalTrafficPolicy === 'Cluster';
}

/**
 * What becomes of an outside client at each node where it may enter. At the backend's own node policy may see the
 * client; any other lets it in, sends it on, and is seen in its place. `arrivals` tells what a node may be addressed by.
 */
export function verdictsByNode(
  snapshot: CompiledSnapshot,
  from: Endpoint,
  to: Endpoint,
  flow: Flow,
  reading: ReadingName,
  arrivals: (node: Ip) => Pick<Flow, 'entered'> = () => ({}),
): readonly Verdict[] {
  const verdictsAt = (node: Endpoint): readonly Verdict[] => {
    const ip = firstIn(flow.family, node.ips);
    if (ip === undefined) return [];
    const asked = { ...flow, ...arrivals(ip) };
    const sentOn = sentOnVerdict(snapshot[reading], from, node, to, asked);
    if (node.node !== to.node) return [sentOn];
    const seen = pairVerdict(snapshot[reading], from, to, asked);
    return [seen === sentOn || seesClientsOfItsNode(snapshot.enforced) ? seen : 'unknown'];
  };
  // What enters a node may be judged by its address; where nothing judges that, nodes differ as peers alone.
  if (judgesEntry(snapshot[reading])) return snapshot.directory.nodes().flatMap(verdictsAt);
  return nodeGroups(snapshot).flatMap(({ members }) => {
    const others = members.filter(({ node }) => node !== to.node);
    const verdicts = others.slice(0, 1).flatMap(verdictsAt);
    const own = others.length < members.length ? members.filter(({ node }) => node === to.node) : [];
    return [...others.flatMap(() => verdicts), ...own.flatMap(verdictsAt)];
  });
}

const judgesEntry = ({ sets }: Reading): boolean =>
  sets.some(({ gates }) => gates.some(({ id }) => ENTRY_GATES.has(id)));

/**
 * Whether policy at a pod sees the client that its own node lets in: where packets are filtered as they are forwarded,
 * which is before the node puts its address in. At the pod's interface, and of an unknown plugin, it cannot be told.
 */
function seesClientsOfItsNode({ sets }: Reading): boolean {
  return sets.every(({ semantics }) => !['aws', 'cilium', 'spec'].includes(semantics.combination));
}

function sentOnVerdict(reading: Reading, from: Endpoint, node: Endpoint, to: Endpoint, flow: Flow): Verdict {
  const ip = firstIn(flow.family, to.ips);
  // It arrives there translated.
  const entered = ip === undefined || flow.port === null ? {} : { entered: [{ ip, port: flow.port }] };
  const passing = { kind: 'pod', node: node.node } as const;
  return combineVerdicts([
    gatesVerdict(reading, 'ingress', { ...to, ...passing }, from, flow, (gate) => ENTRY_GATES.has(gate)),
    gatesVerdict(reading, 'egress', { ...from, ...passing }, to, flow, (gate) => gate === 'host-forward'),
    gatesVerdict(reading, 'ingress', to, node, { ...flow, ...entered }, (gate) => gate !== 'service-entry'),
  ]);
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
  if (from.kind !== 'external') return true;
  return verdictsByNode(snapshot, from, to, flow, reading).every((each) => each === verdict);
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
