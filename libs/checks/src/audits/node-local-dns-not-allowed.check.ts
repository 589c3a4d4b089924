import { externalEndpoint, parseIp, UDP } from '#engine';
import type { Ip, JsonObject } from '#engine';

import { nameObjects } from '../context/audit-context.js';
import { PODS_AND_POLICIES, REFERENCES } from '../context/sources.js';
import { workloadRef } from '../context/workload-view.js';
import { defineCheck } from '../define-check.js';
import { freeName } from '../fix/default-deny.js';
import { applyObjects, networkPolicy } from '../fix/make-fix.js';
import { conclude, type FindingDraft } from '../model/finding.js';

/** The address that the cache listens on unless it was given another, which its manifest alone tells. */
const ADDRESS = '169.254.20.10';
const CACHE = /^node-?local-?dns/;

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
    const cache = context.snapshot.index.workloads.find(
      ({ meta, template }) => meta.kind === 'DaemonSet' && CACHE.test(meta.name) && template.hostNetwork,
    );
    if (cache === undefined) return { outcome: 'not-applicable', reason: 'no DNS cache runs on the nodes' };
    const target = externalEndpoint(parseIp(ADDRESS) as Ip);
    const findings = context.namespaces.flatMap((namespace): FindingDraft[] => {
      const closed = namespace.pods.filter((pod) => context.isolation(pod, 'egress').isolated === 'yes');
      const denied = closed.filter((pod) => context.half('egress', pod, target, UDP, 53) === 'deny');
      const [first] = denied;
      if (first === undefined) return [];
      const name = freeName(context, namespace.name, 'allow-node-local-dns');
      return [
        {
          title: `${denied.length} pods of ${namespace.name} may not reach the DNS cache at ${ADDRESS}`,
          scope: 'namespace',
          object: namespace.ref,
          evidence: [{ what: 'denied', value: nameObjects(denied.map(workloadRef)) }],
          counterexample: context.flow(first, target, UDP, 53),
          fix: applyObjects(`allow ${ADDRESS}`, [networkPolicy(namespace.name, name, allows())]),
        },
      ];
    });
    return conclude({ examined: context.namespaces.length, findings, nothing: 'there are no pods' });
  },
});

function allows(): JsonObject {
  const ports = ['UDP', 'TCP'].map((protocol) => ({ protocol, port: 53 }));
  return {
    podSelector: {},
    policyTypes: ['Egress'],
    egress: [{ to: [{ ipBlock: { cidr: `${ADDRESS}/32` } }], ports }],
  };
}
