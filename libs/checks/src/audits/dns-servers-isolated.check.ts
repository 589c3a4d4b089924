import { UDP } from '#engine';
import type { Endpoint } from '#engine';

import { nameObjects } from '../context/audit-context.js';
import { certainDns, resolversFor } from '../context/cluster-dns.js';
import { PODS_AND_POLICIES, REFERENCES } from '../context/sources.js';
import { workloadRef } from '../context/workload-view.js';
import { defineCheck } from '../define-check.js';
import { resolverPolicy } from '../fix/default-deny.js';
import { applyObjects } from '../fix/make-fix.js';
import { conclude, type FindingDraft } from '../model/finding.js';

/** DEP-03. */
export const check = defineCheck({
  id: 'dns-servers-isolated',
  number: 'DEP-03',
  area: 'dependencies',
  core: false,
  title: 'the DNS servers refuse pods of the cluster',
  description:
    'Finds DNS pods that policy closes for ingress and whose rules leave some pods, or pods of a namespace that nobody has named yet, without names: to them it looks as if everything were down.',
  remediation: 'Let the DNS pods accept UDP and TCP on their port from every namespace.',
  severity: 'critical',
  confidence: 'certain',
  scope: 'workload',
  reads: 'compiled',
  needs: [...PODS_AND_POLICIES, 'Service', 'EndpointSlice.discovery.k8s.io'],
  compliance: [],
  references: [REFERENCES.dns],
  run(context) {
    const dns = certainDns(context);
    if (typeof dns === 'string') return { outcome: 'unknown', reason: dns };
    const findings: FindingDraft[] = [];
    const [resolver] = dns.resolvers.filter(
      ({ endpoint }) => context.isolation(endpoint, 'ingress').isolated === 'yes',
    );
    if (resolver !== undefined) {
      const { endpoint, port } = resolver;
      const isClient = (pod: Endpoint): boolean => resolversFor(dns, pod).includes(resolver);
      const clients = [
        ...context.workloads.flatMap(({ endpoints }) => endpoints.find(isClient) ?? []),
        context.stranger,
      ];
      const refused = clients.filter(
        (pod) => pod !== endpoint && context.half('ingress', pod, endpoint, UDP, port) === 'deny',
      );
      const [first] = refused;
      if (first !== undefined) {
        findings.push({
          title: `the DNS servers refuse ${refused.length} of ${clients.length} clients`,
          scope: 'workload',
          object: workloadRef(endpoint),
          related: context.isolation(endpoint, 'ingress').by.map((rule) => rule.policy),
          evidence: [{ what: 'refused', value: nameObjects(refused.map(workloadRef)) }],
          counterexample: context.flow(first, endpoint, UDP, port),
          fix: applyObjects('let everyone look names up', [resolverPolicy(context, dns, port)]),
        });
      }
    }
    return conclude({ examined: dns.resolvers.length, findings, nothing: 'the DNS Service has no ready endpoint' });
  },
});
