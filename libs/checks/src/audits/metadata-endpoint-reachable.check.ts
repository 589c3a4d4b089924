import { counted, externalEndpoint, objectKey, parseIp, TCP } from '#engine';
import type { Endpoint, Ip } from '#engine';

import { METADATA_ADDRESSES } from '../context/address-space.js';
import { nameObjects, type AuditContext, type NamespaceView } from '../context/audit-context.js';
import { PODS_AND_POLICIES, REFERENCES } from '../context/sources.js';
import { workloadRef } from '../context/workload-view.js';
import { defineCheck } from '../define-check.js';
import { exceptBlocks, rulesThatAdmit } from '../fix/except-blocks.js';
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
  const reached = METADATA_ADDRESSES.flatMap(({ address, of }) => {
    const target = externalEndpoint(parseIp(address) as Ip);
    const pods = closed.filter((pod) => context.verdict(pod, target, TCP, 80) === 'allow');
    return pods.map((pod) => ({ pod, target, address, of }));
  });
  const [first] = reached;
  if (first === undefined) return null;
  const { address, target, pod: subject } = first;
  const pods = new Set(reached.map(({ pod }) => pod));
  const addresses = new Map(reached.map((one) => [one.address, one.of]));
  const rules = rulesThatAdmit(context, reached);
  return {
    title: `rules let ${counted(pods.size, 'pod')} of ${namespace.name} reach ${address}`,
    scope: 'namespace',
    object: namespace.ref,
    related: [...new Map(rules.map(({ policy }) => [objectKey(policy), policy])).values()],
    evidence: [
      ...[...addresses].map(([what, value]) => ({ what, value })),
      { what: 'workloads', value: nameObjects([...pods].map(workloadRef)) },
      { what: 'rules', value: rules.map((rule) => `${rule.policy.name} ${rule.pointer}`).join() },
    ],
    counterexample: context.flow(subject, target, TCP, 80),
    fix: exceptBlocks(
      context,
      rules,
      [...addresses.keys()].map((text) => parseIp(text) as Ip),
      {
        title: `except ${[...addresses.keys()].join(', ')}`,
        note: 'not for workloads that take their identity from there',
      },
    ),
  };
}
