import { certainBackends, objectLabel, peerMembers, protocolName, resolvePeer, SEES_ALL } from '#engine';
import type { Direction, DirectionDecision, Endpoint, FlowDecision, ObjectRef, ResolvedPeer } from '#engine';

import { workloadRef } from '../context/workload-view.js';
import { allowHalf } from '../fix/allow-half.js';
import type { Fix } from '../fix/fix.js';
import { applyObjects, operatorTask } from '../fix/make-fix.js';
import type { RunbookContext } from './runbook-context.js';

/** One flow behind a question that policy denies, with the decision. */
export interface DeniedFlow {
  readonly source: Endpoint;
  readonly destination: Endpoint;
  readonly port: number | null;
  readonly decision: FlowDecision;
  /** The directions that deny it, source first. */
  readonly halves: readonly DirectionDecision[];
}

/** The first flow of the question that policy, as intended, denies; null when none is. */
export function deniedFlow(context: RunbookContext): DeniedFlow | null {
  const { source, destination, protocol } = context.question;
  const from = resolvePeer(context.snapshot, source, 'source');
  const to = resolvePeer(context.snapshot, destination, 'destination');
  if (from.type === 'notFound' || to.type === 'notFound') return null;
  const senders = peerMembers(context.snapshot, from, 'source', SEES_ALL);
  if ('error' in senders) return null;
  for (const sender of senders.members) {
    for (const { endpoint, port } of targets(context, to)) {
      const decision = sender === endpoint ? null : context.audit.decide(sender, endpoint, protocol, port);
      if (decision?.verdict !== 'deny') continue;
      const halves = [decision.egress, decision.ingress].filter(({ verdict }) => verdict === 'deny');
      return { source: sender, destination: endpoint, port, decision, halves };
    }
  }
  return null;
}

function targets(
  { snapshot, question }: RunbookContext,
  to: ResolvedPeer,
): readonly { readonly endpoint: Endpoint; readonly port: number | null }[] {
  const { protocol, port } = question;
  if (to.type === 'service') {
    const found = certainBackends(snapshot, to.service, protocol, port);
    return typeof found === 'string' ? [] : found;
  }
  return to.endpoints.map((endpoint) => ({ endpoint, port: numberAt(endpoint, protocol, port) }));
}

function numberAt(endpoint: Endpoint, protocol: number, port: number | string | null): number | null {
  if (typeof port !== 'string') return port;
  return endpoint.ports.find((each) => each.name === port && each.protocol === protocol)?.port ?? null;
}

/** The policies that decided the halves which deny. */
export function decidingPolicies({ halves }: DeniedFlow): readonly ObjectRef[] {
  return halves.flatMap(({ determining }) => determining.map((rule) => rule.policy));
}

/** What denies one half, in words. */
export function halfText({ direction, reason, determining }: DirectionDecision): string {
  const names = [...new Set(determining.map((rule) => objectLabel(rule.policy)))].join(', ');
  return reason === 'isolated-no-rule-matched'
    ? `${direction} is isolated by ${names} and no rule admits it`
    : `${direction} is denied by ${names}`;
}

/** The least that admits the flow: a policy for each half that isolation alone denies; work for people where a rule denies. */
export function minimalAllow(context: RunbookContext, flow: DeniedFlow): Fix {
  const { protocol } = context.question;
  const hard = flow.halves.find(({ reason }) => reason !== 'isolated-no-rule-matched');
  if (hard !== undefined) {
    const names = [...new Set(hard.determining.map((rule) => objectLabel(rule.policy)))].join(', ');
    return operatorTask(
      `change ${names}`,
      `${halfText(hard)}: policies only add, so another NetworkPolicy cannot open it`,
    );
  }
  const directions = flow.halves.map(({ direction }): Direction => direction);
  const objects = directions.map((half) =>
    allowHalf(context.audit, flow.source, flow.destination, { protocol, port: flow.port }, half),
  );
  const ports = flow.port === null ? 'every port' : `${protocolName(protocol)} ${flow.port}`;
  const ends = [flow.source, flow.destination].map((end) => objectLabel(workloadRef(end))).join(' to ');
  return applyObjects(`allow ${directions.join(' and ')} from ${ends} on ${ports}`, objects);
}
