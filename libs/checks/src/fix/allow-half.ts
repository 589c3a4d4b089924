import { formatIp, protocolName, stableLabels } from '#engine';
import type { Direction, Endpoint, JsonObject, Protocol } from '#engine';

import type { AuditContext } from '../context/audit-context.js';
import { freeName } from './default-deny.js';
import { networkPolicy } from './make-fix.js';

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
  const peers = peersFor(peer);
  const ports = flow.port === null ? {} : { ports: [{ protocol: protocolName(flow.protocol), port: flow.port }] };
  return networkPolicy(subject.namespace, freeName(context, subject.namespace, wanted.slice(0, 60)), {
    podSelector: { matchLabels: stableLabels(subject.labels) },
    policyTypes: [half === 'ingress' ? 'Ingress' : 'Egress'],
    ...(half === 'ingress' ? { ingress: [{ from: peers, ...ports }] } : { egress: [{ to: peers, ...ports }] }),
  });
}

/** Pods by label and namespace, everything else by its addresses. */
function peersFor(peer: Endpoint): JsonObject[] {
  if (peer.kind !== 'pod') {
    return peer.ips.map((ip) => ({ ipBlock: { cidr: `${formatIp(ip)}/${ip.family === 6 ? 128 : 32}` } }));
  }
  return [
    {
      namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': peer.namespace } },
      podSelector: { matchLabels: stableLabels(peer.labels) },
    },
  ];
}

function nameOf({ workload, name }: Endpoint): string {
  return workload?.name ?? name;
}

function slug(text: string): string {
  return text
    .toLowerCase()
    .replaceAll(/[^a-z0-9-]+/g, '-')
    .replace(/^-+|-+$/g, '');
}
