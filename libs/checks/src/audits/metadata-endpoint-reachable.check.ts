import { counted, externalEndpoint, objectKey, parseIp, TCP } from '#engine';
import type { Endpoint, Ip } from '#engine';

import { METADATA_ADDRESSES } from '../context/address-space.js';
import { nameObjects, type AuditContext, type NamespaceView } from '../context/audit-context.js';
import { closingFix } from '../context/open-by-default.js';
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
  title: 'pods may reach the metadata endpoint of a cloud',
  description:
    'Finds pods that may reach an address at which a cloud hands out credentials of the machine: closed ones by a rule, usually a block for the whole internet without an exception, and those whose egress no policy closes. Whether the nodes are machines of a cloud is not known.',
  remediation:
    'Close egress by default, and except the metadata addresses from blocks, but for workloads that use them for their identity.',
  severity: 'high',
  confidence: 'likely',
  scope: 'namespace',
  reads: 'compiled',
  needs: PODS_AND_POLICIES,
  compliance: ['K08(2025)', 'MS-TA9033', 'T1552.005', 'NSA-NP'],
  references: [REFERENCES.hardening, 'https://attack.mitre.org/techniques/T1552/005/'],
  run(context) {
    const findings = context.namespaces.flatMap((namespace): FindingDraft[] => {
      const reached = reachedFrom(context, namespace.pods);
      const isOpen = ({ pod }: Reached): boolean => context.isolation(pod, 'egress').isolated === 'no';
      return [
        ...byRule(
          context,
          namespace,
          reached.filter((one) => !isOpen(one)),
        ),
        ...unpoliced(context, namespace, reached.filter(isOpen)),
      ];
    });
    return conclude({ examined: context.pods.length, findings, nothing: 'there are no pods' });
  },
});

interface Reached {
  readonly pod: Endpoint;
  readonly target: Endpoint;
  readonly address: string;
  readonly of: string;
}

function reachedFrom(context: AuditContext, pods: readonly Endpoint[]): readonly Reached[] {
  return METADATA_ADDRESSES.flatMap(({ address, of }) => {
    const target = externalEndpoint(parseIp(address) as Ip);
    const allowed = pods.filter((pod) => context.verdict(pod, target, TCP, 80) === 'allow');
    return allowed.map((pod) => ({ pod, target, address, of }));
  });
}

/** What a finding about some pods says whatever lets them. */
function found(context: AuditContext, namespace: NamespaceView, reached: readonly [Reached, ...Reached[]]) {
  const [{ pod, target }] = reached;
  const addresses = new Map(reached.map(({ address, of }) => [address, of]));
  const workloads = nameObjects(reached.map((one) => workloadRef(one.pod)));
  return {
    count: counted(new Set(reached.map((one) => one.pod)).size, 'pod'),
    addresses: [...addresses.keys()],
    common: {
      scope: 'namespace',
      object: namespace.ref,
      counterexample: context.flow(pod, target, TCP, 80),
    },
    evidence: [...[...addresses].map(([what, value]) => ({ what, value })), { what: 'workloads', value: workloads }],
  } as const;
}

function isSome(reached: readonly Reached[]): reached is readonly [Reached, ...Reached[]] {
  return reached.length > 0;
}

function byRule(context: AuditContext, namespace: NamespaceView, reached: readonly Reached[]): readonly FindingDraft[] {
  if (!isSome(reached)) return [];
  const { count, addresses, common, evidence } = found(context, namespace, reached);
  const rules = rulesThatAdmit(context, reached);
  return [
    {
      ...common,
      title: `rules let ${count} of ${namespace.name} reach ${reached[0].address}`,
      related: [...new Map(rules.map(({ policy }) => [objectKey(policy), policy])).values()],
      evidence: [
        ...evidence,
        { what: 'rules', value: rules.map((rule) => `${rule.policy.name} ${rule.pointer}`).join(', ') },
      ],
      fix: exceptBlocks(
        context,
        rules,
        addresses.map((text) => parseIp(text) as Ip),
        { title: `except ${addresses.join(', ')}`, note: 'not for workloads that take their identity from there' },
      ),
    },
  ];
}

function unpoliced(
  context: AuditContext,
  namespace: NamespaceView,
  reached: readonly Reached[],
): readonly FindingDraft[] {
  if (!isSome(reached)) return [];
  const { count, common, evidence } = found(context, namespace, reached);
  return [
    {
      ...common,
      title: `no policy keeps ${count} of ${namespace.name} from ${reached[0].address}`,
      ...(namespace.system ? { severity: 'low' } : {}),
      pointer: 'unpoliced',
      evidence,
      fix: closingFix(context, namespace, ['egress']),
    },
  ];
}
