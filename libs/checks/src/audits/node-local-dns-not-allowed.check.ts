import { counted, externalEndpoint, groupBy, parseIp, UDP } from '#engine';
import type { Endpoint, Ip, JsonObject, Verdict } from '#engine';

import { nameObjects, type AuditContext } from '../context/audit-context.js';
import { nodeCache } from '../context/cluster-dns.js';
import { PODS_AND_POLICIES, REFERENCES } from '../context/sources.js';
import { workloadRef } from '../context/workload-view.js';
import { defineCheck } from '../define-check.js';
import { freeName, nodeCacheRules } from '../fix/default-deny.js';
import { applyObjects } from '../fix/make-fix.js';
import { sayPolicy, type PolicySketch } from '../fix/policy-sketch.js';
import { conclude, type Counterexample, type FindingDraft } from '../model/finding.js';

/** DEP-02. */
export const check = defineCheck({
  id: 'node-local-dns-not-allowed',
  number: 'DEP-02',
  area: 'dependencies',
  core: false,
  title: 'pods may not reach the DNS cache of their node',
  description:
    'Where a DNS cache runs on every node, pods ask it at a link-local address of the host network, which rules that select DNS pods by label never match. Finds namespaces whose closed pods are denied that address.',
  remediation: 'Allow the address of the cache as a block, under Cilium the entity `host`, on port 53 of UDP and TCP.',
  severity: 'high',
  confidence: 'likely',
  scope: 'namespace',
  reads: 'compiled',
  needs: [...PODS_AND_POLICIES, 'DaemonSet.apps'],
  compliance: [],
  references: ['https://kubernetes.io/docs/tasks/administer-cluster/nodelocaldns/', REFERENCES.dns],
  run(context) {
    const [address] = nodeCache(context);
    if (address === undefined) return { outcome: 'not-applicable', reason: 'no DNS cache runs on the nodes' };
    const target = externalEndpoint(parseIp(address) as Ip);
    const open: string[] = [];
    const findings = context.namespaces.flatMap((namespace): FindingDraft[] => {
      const closed = namespace.pods.filter((pod) => context.isolation(pod, 'egress').isolated === 'yes');
      const standings = groupBy(closed, (pod) => standing(context, pod, target));
      const { length: unsure } = standings.get('unknown') ?? [];
      if (unsure > 0) open.push(`whether ${counted(unsure, 'pod')} of ${namespace.name} may reach it cannot be told`);
      const denied = standings.get('deny') ?? [];
      const [first] = denied;
      if (first === undefined) return [];
      const flow = context.flow(first, target, UDP, 53);
      const name = freeName(context, namespace.name, 'allow-node-local-dns');
      return [
        {
          title: `${counted(denied.length, 'pod')} of ${namespace.name} may not reach the DNS cache at ${address}`,
          scope: 'namespace',
          object: namespace.ref,
          evidence: [{ what: 'denied', value: nameObjects(denied.map(workloadRef)) }, ...asHost(context, flow)],
          counterexample: flow,
          fix: applyObjects(`allow ${address}`, [says(allows(context, namespace.name, name), context)]),
        },
      ];
    });
    return conclude({ examined: context.namespaces.length, findings, open, nothing: 'there are no pods' });
  },
});

/** As policy says and as the plugin reads it, which may take the address for the host's where policy means a block. */
function standing(context: AuditContext, pod: Endpoint, cache: Endpoint): Verdict {
  const { intended, enforced } = context.flow(pod, cache, UDP, 53);
  return intended === 'deny' || context.snapshot.cni.enforced !== 'yes' ? intended : enforced;
}

function asHost({ snapshot: { cni } }: AuditContext, { intended }: Counterexample): FindingDraft['evidence'] {
  if (intended === 'deny') return [];
  return [{ what: 'enforced', value: `${cni.title} takes the address for the host's, which no block matches` }];
}

function allows(context: AuditContext, namespace: string, name: string): PolicySketch {
  return { namespace, name, labels: {}, closes: ['egress'], rules: nodeCacheRules(context) };
}

/** Blocks are not the host's where identities decide: there only its own kind can say so. */
function says(sketch: PolicySketch, { snapshot: { cni } }: AuditContext): JsonObject {
  return sayPolicy(sketch, cni.policyEngine === 'cilium' ? 'cilium' : 'kubernetes');
}
