import { UDP, protocolName, TCP } from '#engine';
import type { Direction, JsonObject } from '#engine';

import type { AuditContext } from '../context/audit-context.js';
import { clusterDns } from '../context/cluster-dns.js';
import { typeName } from '../context/policy-view.js';
import type { Fix } from './fix.js';
import { applyObjects, networkPolicy } from './make-fix.js';

/**
 * A policy that closes a namespace in some directions; where that cuts the way to the resolvers, with the rule for DNS
 * beside it, since a namespace without names looks as if everything were down.
 */
export function defaultDeny(context: AuditContext, namespace: string, directions: readonly Direction[]): Fix {
  const name = directions.length === 2 ? 'default-deny' : `default-deny-${directions[0] ?? 'ingress'}`;
  const deny = networkPolicy(namespace, freeName(context, namespace, name), {
    podSelector: {},
    policyTypes: directions.map(typeName),
  });
  const dns = directions.includes('egress') ? dnsPolicy(context, namespace) : null;
  const note = 'add the connections that the workloads need before it is applied: everything else is closed by it';
  return applyObjects(`close ${namespace} by default`, dns === null ? [deny] : [deny, dns], note);
}

/** A policy that lets every pod of a namespace look names up; null when the cluster's resolvers are not known. */
export function dnsPolicy(context: AuditContext, namespace: string): JsonObject | null {
  const egress = dnsRules(context);
  if (egress === null) return null;
  return networkPolicy(namespace, freeName(context, namespace, 'allow-dns'), {
    podSelector: {},
    policyTypes: ['Egress'],
    egress,
  });
}

/** Egress rules for the ports that the resolvers really listen on. Resolvers on the host network are allowed by address. */
function dnsRules(context: AuditContext): JsonObject[] | null {
  const dns = clusterDns(context);
  if (dns === null || dns.resolvers.length === 0) return null;
  const ports = [...new Set(dns.resolvers.map((resolver) => resolver.port))].flatMap((port) =>
    [UDP, TCP].map((protocol) => ({ protocol: protocolName(protocol), port })),
  );
  const selector = dns.service.selector;
  const onHost = dns.resolvers.some(({ endpoint }) => endpoint.kind !== 'pod');
  if (selector === null || onHost) return [{ ports }];
  const to = [
    {
      namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': dns.ref.namespace } },
      podSelector: { matchLabels: { ...selector } },
    },
  ];
  return [{ to, ports }];
}

/** A name that no policy of the namespace has. */
export function freeName(context: AuditContext, namespace: string, wanted: string): string {
  const taken = new Set(
    context.snapshot.index.policies.filter(({ meta }) => meta.namespace === namespace).map(({ meta }) => meta.name),
  );
  if (!taken.has(wanted)) return wanted;
  for (let number = 2; ; number++) if (!taken.has(`${wanted}-${number}`)) return `${wanted}-${number}`;
}
