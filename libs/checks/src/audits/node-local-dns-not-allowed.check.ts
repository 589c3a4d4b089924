import { counted, externalEndpoint, parseIp, UDP } from '#engine';
import type { Ip } from '#engine';

import { nameObjects } from '../context/audit-context.js';
import { hasNodeCache, NODE_CACHE_ADDRESS } from '../context/cluster-dns.js';
import { PODS_AND_POLICIES, REFERENCES } from '../context/sources.js';
import { workloadRef } from '../context/workload-view.js';
import { defineCheck } from '../define-check.js';
import { freeName } from '../fix/default-deny.js';
import { applyObjects } from '../fix/make-fix.js';
import { sayPolicy, type PolicySketch } from '../fix/policy-sketch.js';
import { conclude, type FindingDraft } from '../model/finding.js';

/** DEP-02. */
export const check = defineCheck({
  id: 'node-local-dns-not-allowed',
  number: 'DEP-02',
  area: 'dependencies',
  core: false,
  title: 'pods may not reach the DNS cache of their node',
  description:
    'Where a DNS cache runs on every node, pods ask it at a link-local address of the host network, which rules that select DNS pods by label never match. Finds namespaces whose closed pods are denied that address.',
  remediation: 'Allow the address of the cache as a block, on port 53 of UDP and TCP.',
  severity: 'high',
  confidence: 'likely',
  scope: 'namespace',
  reads: 'compiled',
  needs: [...PODS_AND_POLICIES, 'DaemonSet.apps'],
  compliance: [],
  references: ['https://kubernetes.io/docs/tasks/administer-cluster/nodelocaldns/', REFERENCES.dns],
  run(context) {
    if (!hasNodeCache(context)) return { outcome: 'not-applicable', reason: 'no DNS cache runs on the nodes' };
    const target = externalEndpoint(parseIp(NODE_CACHE_ADDRESS) as Ip);
    const findings = context.namespaces.flatMap((namespace): FindingDraft[] => {
      const closed = namespace.pods.filter((pod) => context.isolation(pod, 'egress').isolated === 'yes');
      const denied = closed.filter((pod) => context.half('egress', pod, target, UDP, 53) === 'deny');
      const [first] = denied;
      if (first === undefined) return [];
      const name = freeName(context, namespace.name, 'allow-node-local-dns');
      return [
        {
          title: `${counted(denied.length, 'pod')} of ${namespace.name} may not reach the DNS cache at ${NODE_CACHE_ADDRESS}`,
          scope: 'namespace',
          object: namespace.ref,
          evidence: [{ what: 'denied', value: nameObjects(denied.map(workloadRef)) }],
          counterexample: context.flow(first, target, UDP, 53),
          fix: applyObjects(`allow ${NODE_CACHE_ADDRESS}`, [sayPolicy(allows(namespace.name, name))]),
        },
      ];
    });
    return conclude({ examined: context.namespaces.length, findings, nothing: 'there are no pods' });
  },
});

function allows(namespace: string, name: string): PolicySketch {
  const ports = ['UDP', 'TCP'].map((protocol) => ({ protocol, port: 53 }));
  const peers = [{ type: 'block', cidr: `${NODE_CACHE_ADDRESS}/32` } as const];
  return { namespace, name, labels: {}, closes: ['egress'], rules: [{ direction: 'egress', peers, ports }] };
}
