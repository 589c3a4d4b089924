import { combineVerdicts } from '../model/index.js';
import type { FlowDecision, ServiceFact, Tier, Verdict } from '../model/index.js';
import type { CompiledSnapshot, Reading } from '../compile/compile-snapshot.js';
import type { Endpoint } from '../compile/endpoint.js';
import type { Detail } from '../eval/evaluate-direction.js';
import { evaluateBoth, gatesVerdict, pairVerdict } from '../eval/evaluate-pair.js';
import type { ReadingName } from '../eval/evaluate-pair.js';
import type { Flow } from '../eval/flow.js';
import { firstIn } from '../net/index.js';
import type { Ip } from '../net/index.js';
import { nameList } from '../explain/rule-label.js';
import { inPlaceOfClients, nodeGroups } from './endpoint-groups.js';
import { hasAddress } from './translate-service.js';

const WHY = 'policy sees the client or a node in its place, and says something else of each: ';

/** Gates that see the client where it enters, before the node puts its address in its place. */
const ENTRY_GATES: ReadonlySet<Tier['gate']> = new Set(['host-untracked', 'host-forward', 'service-entry']);

/** Whether clients from outside enter a Service at any node, which sends on to others under its own address. (SVC-19) */
export function replacesClients(service: ServiceFact): boolean {
  const { serviceType, externalIps, externalTrafficPolicy } = service;
  const isPublished = serviceType === 'NodePort' || serviceType === 'LoadBalancer' || externalIps.length > 0;
  return isPublished && hasAddress(service) && externalTrafficPolicy === 'Cluster';
}

/** What becomes of a client that enters at one node. */
export interface NodeVerdict {
  readonly node: Endpoint;
  readonly verdict: Verdict;
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
): readonly NodeVerdict[] {
  const verdictsAt = (node: Endpoint): readonly NodeVerdict[] => {
    const ip = firstIn(flow.family, node.ips);
    if (ip === undefined) return [];
    const asked = { ...flow, ...arrivals(ip) };
    const sentOn = sentOnVerdict(snapshot[reading], from, node, to, asked);
    if (node.node !== to.node) return [{ node, verdict: sentOn }];
    const seen = pairVerdict(snapshot[reading], from, to, asked);
    return [{ node, verdict: seen === sentOn || seesClientsOfItsNode(snapshot.enforced) ? seen : 'unknown' }];
  };
  // What enters a node may be judged by its address; where nothing judges that, nodes differ as peers alone.
  if (judgesEntry(snapshot[reading])) return snapshot.directory.nodes().flatMap(verdictsAt);
  return nodeGroups(snapshot).flatMap(({ members }) => {
    const others = members.filter(({ node }) => node !== to.node);
    const [spoken] = others.slice(0, 1).flatMap(verdictsAt);
    const own = others.length < members.length ? members.filter(({ node }) => node === to.node) : [];
    return [...(spoken === undefined ? [] : others.map((node) => ({ ...spoken, node }))), ...own.flatMap(verdictsAt)];
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
    gatesVerdict(
      reading,
      'ingress',
      to,
      inPlaceOfClients(node),
      { ...flow, ...entered },
      (gate) => gate !== 'service-entry',
    ),
  ]);
}

/** What both readings make of a flow through a Service that replaces its clients; unknown where it depends on who is seen. */
export function evaluateReplaced(
  snapshot: CompiledSnapshot,
  from: Endpoint,
  to: Endpoint,
  flow: Flow,
  detail: Detail,
): Readonly<Record<ReadingName, FlowDecision>> {
  const { intended, enforced } = evaluateBoth(snapshot, from, to, flow, detail);
  const checked = (reading: ReadingName, decision: FlowDecision): FlowDecision => {
    const entries = entriesOf(snapshot, from, to, flow, reading);
    return agree(entries, decision.verdict) ? decision : leftOpen(decision, entries);
  };
  return { intended: checked('intended', intended), enforced: checked('enforced', enforced) };
}

/** What one reading makes of a flow that comes by a route: the verdict alone. */
export function verdictThrough(
  { replacesClients: replaces }: { readonly replacesClients: boolean },
  snapshot: CompiledSnapshot,
  from: Endpoint,
  to: Endpoint,
  flow: Flow,
  reading: ReadingName,
): Verdict {
  const verdict = pairVerdict(snapshot[reading], from, to, flow);
  return !replaces || agree(entriesOf(snapshot, from, to, flow, reading), verdict) ? verdict : 'unknown';
}

/** Who comes from inside is seen as itself. */
function entriesOf(
  snapshot: CompiledSnapshot,
  from: Endpoint,
  to: Endpoint,
  flow: Flow,
  reading: ReadingName,
): readonly NodeVerdict[] {
  return from.kind === 'external' ? verdictsByNode(snapshot, from, to, flow, reading) : [];
}

function agree(entries: readonly NodeVerdict[], verdict: Verdict): boolean {
  return entries.every((each) => each.verdict === verdict);
}

function leftOpen(decision: FlowDecision, entries: readonly NodeVerdict[]): FlowDecision {
  const { ingress } = decision;
  const why = WHY + describeEntries(entries);
  const step = { direction: 'ingress', tier: '', outcome: 'unknown', rules: ingress.determining, why } as const;
  const unsure = { verdict: 'unknown', reason: 'unevaluable' } as const;
  return { ...decision, verdict: 'unknown', ingress: { ...ingress, ...unsure, steps: [...ingress.steps, step] } };
}

/** `allowed where it enters at n1, denied where it enters at n2, n3`. */
function describeEntries(entries: readonly NodeVerdict[]): string {
  return (['allow', 'deny', 'unknown'] as const)
    .flatMap((verdict) => {
      const nodes = entries.filter((each) => each.verdict === verdict).map(({ node }) => node.name);
      return nodes.length === 0 ? [] : [`${WORDS[verdict]} where it enters at ${nameList(nodes)}`];
    })
    .join(', ');
}

const WORDS: Readonly<Record<Verdict, string>> = { allow: 'allowed', deny: 'denied', unknown: 'cannot be told' };

/** What becomes of the client at each node, where it depends on who is seen as the client; else null. */
export function leftOpenBy({ ingress }: FlowDecision): string | null {
  const { why = '' } = ingress.steps.at(-1) ?? {};
  return why.startsWith(WHY) ? why.slice(WHY.length) : null;
}
