import { blockOf, chosenPods, oncePer, parseIp, protocolName, TCP, UDP } from '#engine';
import type { Direction, Ip, JsonObject } from '#engine';

import type { AuditContext } from '../context/audit-context.js';
import { clusterDns, nodeCache, type ClusterDns } from '../context/cluster-dns.js';
import { DIRECTIONS } from '../context/policy-view.js';
import type { Fix } from './fix.js';
import { applyObjects, networkPolicy } from './make-fix.js';
import { distinctPeers, sayPolicy } from './policy-sketch.js';
import type { PolicySketch, SketchPeer, SketchPort, SketchRule } from './policy-sketch.js';

const closingsOf = oncePer((_: AuditContext) => new Map<string, Fix>());

/**
 * A policy that closes a namespace in some directions and in those that its next pod would be open in too, so that all who
 * ask for the same namespace are told of one change; where it cuts the way to the resolvers, with the rule for DNS beside
 * it, since a namespace without names looks as if everything were down.
 */
export function defaultDeny(context: AuditContext, namespace: string, directions: readonly Direction[]): Fix {
  const known = closingsOf(context);
  const key = `${namespace} ${directions.join()}`;
  const fix = known.get(key) ?? closing(context, namespace, directions);
  known.set(key, fix);
  return fix;
}

function closing(context: AuditContext, namespace: string, asked: readonly Direction[]): Fix {
  const next = context.newPod(namespace);
  const directions = DIRECTIONS.filter(
    (direction) => asked.includes(direction) || context.isolation(next, direction).isolated === 'no',
  );
  const sketches = denySketches(context, namespace, directions);
  const note = 'add the connections that the workloads need before it is applied: everything else is closed by it';
  return applyObjects(
    `close ${namespace} by default`,
    sketches.map((sketch) => sayPolicy(sketch)),
    note,
  );
}

/** The same, before it is said in the words of one kind of policy. */
export function denySketches(
  context: AuditContext,
  namespace: string,
  directions: readonly Direction[],
): readonly PolicySketch[] {
  const name = directions.length === 2 ? 'default-deny' : `default-deny-${directions[0] ?? 'ingress'}`;
  const deny = { namespace, name: freeName(context, namespace, name), labels: {}, closes: directions, rules: [] };
  const dns = directions.includes('egress') ? dnsSketch(context, namespace) : null;
  return dns === null ? [deny] : [deny, dns];
}

/** A policy that lets every pod of a namespace look names up; null when the cluster's resolvers are not known. */
export function dnsSketch(context: AuditContext, namespace: string): PolicySketch | null {
  const rules = dnsRules(context);
  if (rules.length === 0) return null;
  return { namespace, name: freeName(context, namespace, 'allow-dns'), labels: {}, closes: ['egress'], rules };
}

/** The same as an object. */
export function dnsPolicy(context: AuditContext, namespace: string): JsonObject | null {
  const sketch = dnsSketch(context, namespace);
  return sketch === null ? null : sayPolicy(sketch);
}

/** The policy that lets everyone ask the resolvers, on the port that they listen on. */
export function resolverPolicy(context: AuditContext, { ref, service }: ClusterDns, port: number): JsonObject {
  const ports = ['UDP', 'TCP'].map((protocol) => ({ protocol, port }));
  return networkPolicy(ref.namespace, freeName(context, ref.namespace, 'allow-dns-from-everywhere'), {
    podSelector: { matchLabels: { ...(service.selector ?? {}) } },
    policyTypes: ['Ingress'],
    ingress: [{ from: [{ namespaceSelector: {} }], ports }],
  });
}

/**
 * Egress rules for the ports that the resolvers really listen on: pods by label, those to which clients are redirected too,
 * what runs on the host network by address, the cache of each node at its own. Empty when the inventory has no resolvers.
 */
export function dnsRules(context: AuditContext): readonly SketchRule[] {
  const dns = clusterDns(context);
  if (dns === null || dns.resolvers.length === 0) return [];
  const { service, ref, resolvers } = dns;
  const chosen = new Set(chosenPods(context.snapshot, service).filter(({ kind }) => kind === 'pod'));
  // A policy of Cilium may lead clients past the Service to caches, as long as they are ready.
  const others = resolvers.map(({ endpoint }) => endpoint).filter((endpoint) => !chosen.has(endpoint));
  const byService: readonly SketchPeer[] =
    chosen.size === 0 ? [] : [{ type: 'pods', namespace: ref.namespace, labels: service.selector ?? {} }];
  const peers = [...byService, ...distinctPeers(others)];
  const ports = [...new Set(resolvers.map((resolver) => resolver.port))].flatMap(dnsPorts);
  return [{ direction: 'egress', peers, ports, isDns: true }, ...nodeCacheRules(context)];
}

/** The rule for the DNS cache on the nodes; none where there is no such cache. */
export function nodeCacheRules(context: AuditContext): readonly SketchRule[] {
  const cidrs = nodeCache(context).map((address) => blockOf(parseIp(address) as Ip));
  if (cidrs.length === 0) return [];
  return [{ direction: 'egress', peers: [{ type: 'ownNode', cidrs }], ports: dnsPorts(53), isDns: true }];
}

function dnsPorts(port: number): readonly SketchPort[] {
  return [UDP, TCP].map((protocol) => ({ protocol: protocolName(protocol), port }));
}

/** A name that no policy of the namespace has. */
export function freeName(context: AuditContext, namespace: string, wanted: string): string {
  const taken = context.policyNames(namespace);
  if (!taken.has(wanted)) return wanted;
  for (let number = 2; ; number++) if (!taken.has(`${wanted}-${number}`)) return `${wanted}-${number}`;
}
