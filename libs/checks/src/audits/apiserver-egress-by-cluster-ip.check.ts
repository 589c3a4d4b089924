import { blockOf, contains, externalEndpoint, field, objectLabel, parseCidr, pointer, TCP, text } from '#engine';
import type { Ip, JsonObject } from '#engine';

import type { AuditContext } from '../context/audit-context.js';
import { apiServer, type ApiServer } from '../context/api-server.js';
import { peerPointer, type RuleView } from '../context/policy-view.js';
import { NETWORK_POLICY, PODS_AND_NETWORK_POLICIES, REFERENCES } from '../context/sources.js';
import { defineCheck } from '../define-check.js';
import { replaceSpec, specWith } from '../fix/make-fix.js';
import { conclude, type FindingDraft } from '../model/finding.js';

/** COR-17. */
export const check = defineCheck({
  id: 'apiserver-egress-by-cluster-ip',
  number: 'COR-17',
  area: 'correctness',
  core: false,
  title: 'a rule allows the API server by the address of its Service',
  description:
    'Finds egress rules with a block around the address of the Service default/kubernetes that leaves out the API server itself: the address is translated before policy sees it, so the rule admits nothing.',
  remediation: 'Allow the addresses and the port of the endpoints of default/kubernetes.',
  severity: 'high',
  confidence: 'certain',
  scope: 'rule',
  reads: { raw: NETWORK_POLICY },
  needs: [...PODS_AND_NETWORK_POLICIES, 'Service', 'EndpointSlice.discovery.k8s.io'],
  compliance: ['PCI-1.2.1', 'CM-6'],
  references: ['https://kubernetes.io/docs/concepts/services-networking/network-policies/', REFERENCES.service],
  run(context) {
    const server = apiServer(context);
    if (server === null)
      return { outcome: 'skip', reason: 'the endpoints of default/kubernetes are not in the inventory' };
    const findings: FindingDraft[] = [];
    let examined = 0;
    const rules = context.networkPolicies.flatMap((policy) => policy.rules);
    for (const rule of rules.filter(({ direction }) => direction === 'egress')) {
      for (const [at, peer] of rule.peers.entries()) {
        const block = parseCidr(text(field(field(peer, 'ipBlock'), 'cidr')));
        if (block === null) continue;
        examined++;
        const ofService = server.clusterIps.some((ip) => contains(block, ip));
        const ofServer = server.addresses.some((ip) => contains(block, ip));
        if (ofService && !ofServer) findings.push(findingFor(context, rule, at, server));
      }
    }
    return conclude({ examined, findings, nothing: 'no egress rule has a block of addresses' });
  },
});

function findingFor(context: AuditContext, rule: RuleView, at: number, server: ApiServer): FindingDraft {
  const [subject] = rule.policy.selected;
  const [address] = server.addresses as [Ip, ...Ip[]];
  const here = pointer(peerPointer(rule, at), 'ipBlock', 'cidr');
  return {
    title: `${objectLabel(rule.policy.ref)} allows the address of default/kubernetes, not the API server`,
    scope: 'rule',
    object: rule.policy.ref,
    pointer: here,
    evidence: [
      { what: 'the API server listens at', value: server.addresses.map(blockOf).join(', ') },
      { what: 'on port', value: String(server.port) },
    ],
    counterexample: subject === undefined ? null : context.flow(subject, externalEndpoint(address), TCP, server.port),
    fix: byEndpoints(rule, at, server),
  };
}

/** The rule with the endpoints in the place of the Service’s address, and their port where the rule has ports. */
function byEndpoints(rule: RuleView, at: number, server: ApiServer): FindingDraft['fix'] {
  const blocks: JsonObject[] = server.addresses.map((ip) => ({ ipBlock: { cidr: blockOf(ip) } }));
  const peers = [...rule.peers.slice(0, at), ...blocks, ...rule.peers.slice(at + 1)];
  const ports = rule.ports.length === 0 ? {} : { ports: [...rule.ports, { protocol: 'TCP', port: server.port }] };
  const raw = { ...(rule.raw as JsonObject), to: peers, ...ports };
  const note = 'the addresses are those of now: change them with the control plane';
  return replaceSpec(
    rule.policy,
    'allow the API server’s own addresses',
    specWith(rule.policy, rule.pointer, raw),
    note,
  );
}
