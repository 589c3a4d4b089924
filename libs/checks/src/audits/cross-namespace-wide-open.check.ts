import { ALL, describePorts, impliesForPods, ruleLabel, TCP } from '#engine';
import type { PolicyEntry } from '#engine';

import { nameObjects, somePort, type AuditContext } from '../context/audit-context.js';
import { withoutRule } from '../context/open-rules.js';
import { PODS_AND_POLICIES, REFERENCES } from '../context/sources.js';
import { defineCheck } from '../define-check.js';
import { conclude, type FindingDraft } from '../model/finding.js';

/** EXP-07. */
export const check = defineCheck({
  id: 'cross-namespace-wide-open',
  number: 'EXP-07',
  area: 'exposure',
  core: false,
  title: 'a rule admits every pod of every namespace',
  description:
    'Finds ingress rules of any kind of policy whose peers are all pods there are and will be: an empty namespace selector alone, or no peers beside some ports. The engine confirms it with a pod of a namespace that nobody has named. Namespaces that are open to each other because no policy closes them are told of by `namespace-without-policy` and `workload-not-isolated`.',
  remediation: 'Name the namespaces that may connect by `kubernetes.io/metadata.name`, and their pods by label.',
  severity: 'medium',
  confidence: 'certain',
  scope: 'rule',
  reads: 'compiled',
  needs: PODS_AND_POLICIES,
  compliance: ['AC-4', 'SC-7', 'MS-TA9034'],
  references: [REFERENCES.concepts],
  run(context) {
    const findings: FindingDraft[] = [];
    let examined = 0;
    for (const entry of context.policySet.policies.flatMap((policy) => policy.entries)) {
      if (entry.direction !== 'ingress' || entry.isolates || entry.action !== 'allow') continue;
      examined++;
      const found = admitsEveryone(context, entry) ? findingFor(context, entry) : null;
      if (found !== null) findings.push(found);
    }
    return conclude({ examined, findings, nothing: 'no policy has an ingress rule' });
  },
});

function admitsEveryone({ snapshot }: AuditContext, { peers, ports }: PolicyEntry): boolean {
  // No peers and no ports is a rule that allows everything: a finding of its own.
  if (peers.type === 'any') return ports.include !== 'any';
  const known = (name: string): Readonly<Record<string, string>> | null =>
    snapshot.index.namespaces.get(name)?.meta.labels ?? null;
  return peers.type === 'of' && peers.selectors.some((selector) => impliesForPods(ALL, selector, known));
}

function findingFor(context: AuditContext, entry: PolicyEntry): FindingDraft | null {
  const subjects = context.podsChosenBy(entry.subject).filter((pod) => !context.isSystem(pod.namespace));
  for (const subject of subjects) {
    const candidates = [
      ...subject.ports.map(({ protocol, port }) => ({ protocol, port })),
      asked(entry, somePort(subject)),
    ];
    const open = candidates.find(
      ({ protocol, port }) => context.verdict(context.stranger, subject, protocol, port) === 'allow',
    );
    if (open === undefined) continue;
    return {
      title: `${ruleLabel(entry.source)} admits every pod of every namespace on ${describePorts(entry.ports)}`,
      scope: 'rule',
      object: entry.source.policy,
      pointer: entry.source.pointer,
      evidence: [{ what: 'pods that it opens', value: nameObjects(subjects) }],
      counterexample: context.flow(context.stranger, subject, open.protocol, open.port),
      fix: withoutRule(context, entry.source.policy, entry.source.pointer),
    };
  }
  return null;
}

function asked({ ports }: PolicyEntry, fallback: number): { protocol: number; port: number } {
  const range = ports.include === 'any' ? undefined : ports.include.find((match) => match.type === 'range');
  return range?.type === 'range' ? { protocol: range.protocol, port: range.from } : { protocol: TCP, port: fallback };
}
