import { protocolName, stableLabels } from '#engine';
import type { Direction, Endpoint, JsonObject, Protocol } from '#engine';

import type { AuditContext } from '../context/audit-context.js';
import { freeName } from './default-deny.js';
import { peerOf, sayPolicy } from './policy-sketch.js';

/** The NetworkPolicy that admits one flow in one direction and nothing beside it. A null port admits every port. */
export function allowHalf(
  context: AuditContext,
  source: Endpoint,
  destination: Endpoint,
  flow: { readonly protocol: Protocol; readonly port: number | null },
  half: Direction,
): JsonObject {
  const [subject, peer] = half === 'ingress' ? [destination, source] : [source, destination];
  const wanted = `allow-${slug(nameOf(subject))}-${half === 'ingress' ? 'from' : 'to'}-${slug(nameOf(peer))}`;
  return sayPolicy({
    namespace: subject.namespace,
    name: freeName(context, subject.namespace, wanted.slice(0, 60)),
    labels: stableLabels(subject.labels),
    closes: [half],
    rules: [
      {
        direction: half,
        peers: [peerOf(peer)],
        ports: flow.port === null ? [] : [{ protocol: protocolName(flow.protocol), port: flow.port }],
      },
    ],
  });
}

function nameOf({ workload, name }: Endpoint): string {
  return workload?.name ?? name;
}

export function slug(text: string): string {
  return text
    .toLowerCase()
    .replaceAll(/[^a-z0-9-]+/g, '-')
    .replace(/^-+|-+$/g, '');
}
