import {
  contains,
  counted,
  externalEndpoint,
  field,
  list,
  objectKey,
  parseCidr,
  parseIp,
  pointer,
  TCP,
  text,
} from '#engine';
import type { Endpoint, Ip, Json, RuleRef } from '#engine';

import { METADATA_ADDRESSES } from '../context/address-space.js';
import { nameObjects, type AuditContext, type NamespaceView } from '../context/audit-context.js';
import { blockOf } from '../context/example-address.js';
import { peerPointer } from '../context/policy-view.js';
import { PODS_AND_POLICIES, REFERENCES } from '../context/sources.js';
import { workloadRef } from '../context/workload-view.js';
import { defineCheck } from '../define-check.js';
import { replaceSpec, specWith } from '../fix/make-fix.js';
import { conclude, type FindingDraft } from '../model/finding.js';

/** EXP-06. */
export const check = defineCheck({
  id: 'metadata-endpoint-reachable',
  number: 'EXP-06',
  area: 'exposure',
  core: false,
  title: 'a rule lets pods reach the metadata endpoint of the cloud',
  description:
    'Finds closed pods whose egress rules admit an address at which a cloud hands out credentials of the machine, usually through a block for the whole internet without an exception. Pods that no policy closes are the finding of other checks.',
  remediation: 'Except the metadata addresses from the block, but for workloads that use them for their identity.',
  severity: 'high',
  confidence: 'likely',
  scope: 'namespace',
  reads: 'compiled',
  needs: PODS_AND_POLICIES,
  compliance: ['K08(2025)', 'MS-TA9033', 'T1552.005', 'NSA-NP'],
  references: [REFERENCES.hardening, 'https://attack.mitre.org/techniques/T1552/005/'],
  run(context) {
    const findings: FindingDraft[] = [];
    let examined = 0;
    for (const namespace of context.namespaces) {
      const closed = namespace.pods.filter((pod) => context.isolation(pod, 'egress').isolated === 'yes');
      examined += closed.length;
      const found = findingFor(context, namespace, closed);
      if (found !== null) findings.push(found);
    }
    return conclude({ examined, findings, nothing: 'no policy closes the egress of a pod' });
  },
});

function findingFor(context: AuditContext, namespace: NamespaceView, closed: readonly Endpoint[]): FindingDraft | null {
  for (const { address, of } of METADATA_ADDRESSES) {
    const ip = parseIp(address) as Ip;
    const target = externalEndpoint(ip);
    const open = closed.filter((pod) => context.verdict(pod, target, TCP, 80) === 'allow');
    const [subject] = open;
    if (subject === undefined) continue;
    const rules = context.decide(subject, target, TCP, 80)?.egress.determining ?? [];
    return {
      title: `rules let ${counted(open.length, 'pod')} of ${namespace.name} reach ${address}`,
      scope: 'namespace',
      object: namespace.ref,
      related: rules.map((rule) => rule.policy),
      evidence: [
        { what: address, value: of },
        { what: 'workloads', value: nameObjects(open.map(workloadRef)) },
        { what: 'rules', value: rules.map((rule) => `${rule.policy.name} ${rule.pointer}`).join() },
      ],
      counterexample: context.flow(subject, target, TCP, 80),
      fix: withException(context, rules, ip),
    };
  }
  return null;
}

/** The rule's block without the address; null where the rule is of another kind or allows it in another way. */
function withException(context: AuditContext, rules: readonly RuleRef[], ip: Ip): FindingDraft['fix'] {
  for (const source of rules) {
    const policy = context.networkPolicies.find(({ ref }) => objectKey(ref) === objectKey(source.policy));
    const rule = policy?.rules.find((each) => each.pointer === source.pointer);
    if (policy === undefined || rule === undefined) continue;
    for (const [at, peer] of rule.peers.entries()) {
      const block = field(peer, 'ipBlock');
      const cidr = parseCidr(text(field(block, 'cidr')));
      if (cidr === null || !contains(cidr, ip)) continue;
      const except: Json[] = [...list(field(block, 'except')), blockOf(ip)];
      const spec = specWith(policy, pointer(peerPointer(rule, at), 'ipBlock', 'except'), except);
      return replaceSpec(
        policy,
        `except ${blockOf(ip)}`,
        spec,
        'not for workloads that take their identity from there',
      );
    }
  }
  return null;
}
