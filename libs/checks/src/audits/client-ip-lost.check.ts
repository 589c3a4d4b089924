import { field, objectLabel, parseCidr, pointer, text } from '#engine';
import type { ServiceFact } from '#engine';

import { firstAddress } from '../context/example-address.js';
import { peerPointer } from '../context/policy-view.js';
import { rulePort } from '../context/rule-ports.js';
import { servedBy } from '../context/service-backends.js';
import { NETWORK_POLICY, PODS_AND_NETWORK_POLICIES, REFERENCES } from '../context/sources.js';
import { defineCheck } from '../define-check.js';
import { operatorTask } from '../fix/make-fix.js';
import { conclude, type FindingDraft } from '../model/finding.js';

/** COR-16. */
export const check = defineCheck({
  id: 'client-ip-lost',
  number: 'COR-16',
  area: 'correctness',
  core: false,
  title: 'a rule admits clients by an address that is rewritten before policy sees it',
  description:
    'Finds ingress rules with a block of addresses on pods behind a Service of type NodePort or LoadBalancer whose external traffic policy is Cluster: the node that takes the connection may put its own address in the place of the client’s.',
  remediation: 'Set the external traffic policy to Local, or admit the nodes and check the client further in front.',
  severity: 'medium',
  confidence: 'likely',
  scope: 'rule',
  reads: { raw: NETWORK_POLICY },
  needs: [...PODS_AND_NETWORK_POLICIES, 'Service', 'EndpointSlice.discovery.k8s.io'],
  compliance: ['PCI-1.2.1', 'CM-6'],
  references: ['https://kubernetes.io/docs/tutorials/services/source-ip/', REFERENCES.service],
  run(context) {
    const findings: FindingDraft[] = [];
    let examined = 0;
    const rules = context.networkPolicies.flatMap((policy) => policy.rules);
    for (const rule of rules.filter(({ direction }) => direction === 'ingress')) {
      const at = rule.peers.findIndex((peer) => field(peer, 'ipBlock') !== undefined);
      const block = parseCidr(text(field(field(rule.peers[at] ?? null, 'ipBlock'), 'cidr')));
      if (block === null) continue;
      examined++;
      const pod = rule.policy.selected.find((each) => servedBy(context.snapshot, each).some(rewrites));
      const services = pod === undefined ? [] : servedBy(context.snapshot, pod).filter(rewrites);
      if (pod === undefined || services.length === 0) continue;
      const { protocol, port } = rulePort(rule, pod);
      const names = services.map(({ meta }) => objectLabel(meta)).join();
      findings.push({
        title: `${objectLabel(rule.policy.ref)} admits ${text(field(field(rule.peers[at] ?? null, 'ipBlock'), 'cidr'))}, and ${names} may hide who calls`,
        scope: 'rule',
        object: rule.policy.ref,
        pointer: pointer(peerPointer(rule, at), 'ipBlock'),
        related: services.map(({ meta: { group, kind, namespace, name } }) => ({ group, kind, namespace, name })),
        evidence: services.map(({ meta, serviceType, externalTrafficPolicy }) => ({
          what: objectLabel(meta),
          value: `${serviceType} with external traffic policy ${externalTrafficPolicy}`,
        })),
        counterexample: context.flow(firstAddress(block), pod, protocol, port),
        fix: operatorTask(
          `set externalTrafficPolicy of ${names} to Local`,
          'connections then reach pods of the node that takes them only',
        ),
      });
    }
    return conclude({ examined, findings, nothing: 'no ingress rule has a block of addresses' });
  },
});

/** A Service that is called from outside through nodes that may rewrite who calls. */
function rewrites({ serviceType, externalTrafficPolicy }: ServiceFact): boolean {
  return (serviceType === 'NodePort' || serviceType === 'LoadBalancer') && externalTrafficPolicy === 'Cluster';
}
