import { counted, TCP, UDP } from '#engine';
import type { Direction, Endpoint, Verdict } from '#engine';

import { nameObjects, type AuditContext, type NamespaceView } from '../context/audit-context.js';
import { certainDns, resolversFor, type ClusterDns } from '../context/cluster-dns.js';
import { PODS_AND_POLICIES, REFERENCES } from '../context/sources.js';
import { workloadRef } from '../context/workload-view.js';
import { defineCheck } from '../define-check.js';
import { dnsPolicy, resolverPolicy } from '../fix/default-deny.js';
import { applyObjects } from '../fix/make-fix.js';
import { conclude, type FindingDraft } from '../model/finding.js';

/** DEP-01. */
export const check = defineCheck({
  id: 'dns-egress-missing',
  number: 'DEP-01',
  area: 'dependencies',
  core: true,
  title: 'pods are closed for egress and cannot look names up',
  description:
    'Asks the engine whether pods that policy closes for egress reach a ready endpoint of the cluster’s DNS Service, on the port that it really listens on, over UDP and TCP, both halves counted. Pods that bring their own resolvers may not need it.',
  remediation: 'Allow egress to the DNS pods, by namespace and label, on UDP and TCP of their target port.',
  severity: 'high',
  confidence: 'likely',
  scope: 'namespace',
  reads: 'compiled',
  needs: [...PODS_AND_POLICIES, 'Service', 'EndpointSlice.discovery.k8s.io'],
  compliance: [],
  references: [REFERENCES.dns, REFERENCES.concepts],
  run(context) {
    const closed = context.namespaces.map((namespace) => ({ namespace, pods: closedPods(context, namespace) }));
    const examined = closed.reduce((sum, { pods }) => sum + pods.length, 0);
    const nothing = 'no policy closes the egress of a pod';
    if (examined === 0) return conclude({ examined, findings: [], nothing });
    const dns = certainDns(context);
    if (typeof dns === 'string') return { outcome: 'unknown', reason: dns };
    if (dns.resolvers.length === 0)
      return { outcome: 'unknown', reason: 'the cluster DNS Service has no ready endpoint' };
    const open: string[] = [];
    const findings = closed.flatMap(({ namespace, pods }) => findingFor(context, namespace, pods, dns, open) ?? []);
    return conclude({ examined, findings, open, nothing });
  },
});

function closedPods(context: AuditContext, namespace: NamespaceView): readonly Endpoint[] {
  return namespace.pods.filter((pod) => context.isolation(pod, 'egress').isolated === 'yes');
}

function findingFor(
  context: AuditContext,
  namespace: NamespaceView,
  pods: readonly Endpoint[],
  dns: ClusterDns,
  open: string[],
): FindingDraft | null {
  const byUdp = standingOver(context, pods, dns, UDP);
  const byTcp = standingOver(context, pods, dns, TCP);
  const without = byUdp('deny');
  const unsure = byUdp('unknown');
  if (unsure.length > 0)
    open.push(`whether ${counted(unsure.length, 'pod')} of ${namespace.name} may look names up cannot be told`);
  const gap = [
    { pods: without, protocol: UDP, what: '', severity: 'high' as const },
    { pods: byUdp('some'), protocol: UDP, what: ' by some of the resolvers', severity: 'medium' as const },
    {
      pods: byTcp('deny').filter((pod) => !without.includes(pod)),
      protocol: TCP,
      what: ' over TCP, as large answers need',
      severity: 'low' as const,
    },
  ].find((each) => each.pods.length > 0);
  if (gap === undefined) return null;
  const { pods: concerned, protocol, what, severity } = gap;
  const subject = concerned[0] as Endpoint;
  const resolver = resolversFor(dns, subject).find(
    (each) => each.endpoint !== subject && context.verdict(subject, each.endpoint, protocol, each.port) === 'deny',
  );
  if (resolver === undefined) return null;
  const { endpoint, port } = resolver;
  const denies = (half: Direction): boolean => context.half(half, subject, endpoint, protocol, port) === 'deny';
  const policies = [
    denies('egress') ? dnsPolicy(context, namespace.name) : null,
    denies('ingress') ? resolverPolicy(context, dns, port) : null,
  ].filter((policy) => policy !== null);
  return {
    title: `${counted(concerned.length, 'pod')} of ${namespace.name} cannot look names up${what}`,
    severity,
    scope: 'namespace',
    object: namespace.ref,
    related: [dns.ref],
    evidence: [
      { what: 'workloads', value: nameObjects(concerned.map(workloadRef)) },
      { what: 'resolvers', value: dns.resolvers.map((each) => `${each.endpoint.name}:${each.port}`).join(', ') },
    ],
    counterexample: context.flow(subject, endpoint, protocol, port),
    fix: policies.length === 0 ? null : applyObjects(`allow DNS in ${namespace.name}`, policies),
  };
}

type Standing = Verdict | 'some' | 'none there';

/**
 * How pods stand to the resolvers that they are led to, over a protocol. A resolver reaches itself; where a pod is led to
 * none, no policy is to blame.
 */
function standingOver(
  context: AuditContext,
  pods: readonly Endpoint[],
  dns: ClusterDns,
  protocol: number,
): (wanted: Standing) => readonly Endpoint[] {
  const found = pods.map((pod): Standing => {
    const verdicts = new Set(
      resolversFor(dns, pod).map(({ endpoint, port }) =>
        endpoint === pod ? 'allow' : context.verdict(pod, endpoint, protocol, port),
      ),
    );
    if (verdicts.size === 0) return 'none there';
    if (verdicts.has('allow')) return verdicts.has('deny') ? 'some' : 'allow';
    return verdicts.has('unknown') ? 'unknown' : 'deny';
  });
  return (wanted) => pods.filter((_, at) => found[at] === wanted);
}
