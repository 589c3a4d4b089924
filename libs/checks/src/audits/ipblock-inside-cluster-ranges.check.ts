import { contains, field, formatCidr, objectLabel, parseCidr, parseIp, pointer, text, isWithin } from '#engine';
import type { Cidr, Endpoint, JsonObject } from '#engine';

import { nameObjects, type AuditContext } from '../context/audit-context.js';
import { NAME_LABEL } from '../context/namespace-keys.js';
import { peerPointer, type RuleView } from '../context/policy-view.js';
import { rulePort } from '../context/rule-ports.js';
import { NETWORK_POLICY, PODS_AND_NETWORK_POLICIES, REFERENCES } from '../context/sources.js';
import { workloadRef } from '../context/workload-view.js';
import { defineCheck } from '../define-check.js';
import { replaceSpec, specWith } from '../fix/make-fix.js';
import { conclude, type Evidence, type FindingDraft } from '../model/finding.js';

/** A block with fewer bits than this is too wide to be meant for one cluster's pods or Services. */
const NARROW: Readonly<Record<4 | 6, number>> = { 4: 16, 6: 64 };

/** COR-14. */
export const check = defineCheck({
  id: 'ipblock-inside-cluster-ranges',
  number: 'COR-14',
  area: 'correctness',
  core: false,
  title: 'a block of addresses stands for pods or Services of the cluster',
  description:
    'Finds address blocks inside the ranges of pods, or around the address of a pod or Service. Pods get new addresses, some plugins do not apply blocks to pods at all, and the address of a Service is translated before policy sees it.',
  remediation: 'Select pods and namespaces by label instead.',
  severity: 'medium',
  confidence: 'certain',
  scope: 'rule',
  reads: { raw: NETWORK_POLICY },
  needs: [...PODS_AND_NETWORK_POLICIES, 'Service', 'Node'],
  compliance: ['PCI-1.2.1', 'CM-6'],
  references: [REFERENCES.concepts],
  run(context) {
    const findings: FindingDraft[] = [];
    let examined = 0;
    for (const rule of context.networkPolicies.flatMap((policy) => policy.rules)) {
      for (const [at, peer] of rule.peers.entries()) {
        const block = parseCidr(text(field(field(peer, 'ipBlock'), 'cidr')));
        if (block === null) continue;
        examined++;
        const found = findingFor(context, rule, at, block);
        if (found !== null) findings.push(found);
      }
    }
    return conclude({ examined, findings, nothing: 'no rule has a block of addresses' });
  },
});

function findingFor(context: AuditContext, rule: RuleView, at: number, block: Cidr): FindingDraft | null {
  const evidence = insideWhat(context, block);
  if (evidence.length === 0) return null;
  const inside = podsIn(context, block);
  const { namespace, name } = rule.policy.ref;
  const [subject] = rule.policy.selected;
  const peer = inside.find((pod) => pod !== subject);
  return {
    title: `${namespace}/${name} writes ${formatCidr(block)} where pods or Services of the cluster are meant`,
    scope: 'rule',
    object: rule.policy.ref,
    pointer: pointer(peerPointer(rule, at), 'ipBlock'),
    evidence,
    counterexample: subject === undefined || peer === undefined ? null : flow(context, rule, subject, peer),
    fix: bySelector(rule, at, inside),
  };
}

function insideWhat({ snapshot }: AuditContext, block: Cidr): readonly Evidence[] {
  const ranges = snapshot.index.nodes.flatMap((node) => node.podCidrs);
  const pods = ranges.filter((cidr) => {
    const range = parseCidr(cidr);
    return range !== null && isWithin(block, range);
  });
  if (pods.length > 0) return [{ what: 'range of pods', value: pods.join(', ') }];
  if (block.prefix < NARROW[block.family]) return [];
  const services = [...snapshot.index.services.values()].filter(({ clusterIps }) =>
    clusterIps.some((address) => holds(block, address)),
  );
  const owned = snapshot.index.pods.filter((pod) => !pod.shape.hostNetwork && pod.ips.some((ip) => holds(block, ip)));
  return [
    ...(services.length === 0
      ? []
      : [{ what: 'Services', value: services.map((fact) => objectLabel(fact.meta)).join(', ') }]),
    ...(owned.length === 0 ? [] : [{ what: 'pods', value: nameObjects(owned.map((pod) => pod.meta)) }]),
  ];
}

function holds(block: Cidr, address: string): boolean {
  const ip = parseIp(address);
  return ip !== null && contains(block, ip);
}

function podsIn(context: AuditContext, block: Cidr): readonly Endpoint[] {
  return context.pods.filter((pod) => pod.ips.some((ip) => contains(block, ip)));
}

function flow(
  context: AuditContext,
  rule: RuleView,
  subject: Endpoint,
  peer: Endpoint,
): FindingDraft['counterexample'] {
  const [source, destination] = rule.direction === 'ingress' ? [peer, subject] : [subject, peer];
  const { protocol, port } = rulePort(rule, destination);
  return context.flow(source, destination, protocol, port);
}

/** Where the block holds pods of one workload only, its labels say the same and go on saying it. */
function bySelector(rule: RuleView, at: number, inside: readonly Endpoint[]): FindingDraft['fix'] {
  const [first] = inside;
  const owners = new Set(inside.map((pod) => objectLabel(workloadRef(pod))));
  const label = ['app.kubernetes.io/name', 'app', 'k8s-app'].find((key) => first?.labels[key] !== undefined);
  if (first === undefined || owners.size !== 1 || label === undefined) return null;
  const podSelector = { matchLabels: { [label]: first.labels[label] ?? '' } };
  const namespaceSelector = { matchLabels: { [NAME_LABEL]: first.namespace } };
  const peer: JsonObject = { namespaceSelector, podSelector };
  const spec = specWith(rule.policy, peerPointer(rule, at), peer);
  return replaceSpec(rule.policy, `select ${[...owners].join(', ')} by label`, spec);
}
