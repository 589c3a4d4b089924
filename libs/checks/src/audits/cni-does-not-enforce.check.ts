import { TCP } from '#engine';
import type { CniDetection } from '#engine';

import { nameObjects, somePort, type AuditContext } from '../context/audit-context.js';
import { REFERENCES } from '../context/sources.js';
import { defineCheck } from '../define-check.js';
import { operatorTask } from '../fix/make-fix.js';
import { conclude, type Counterexample, type FindingDraft } from '../model/finding.js';

/** ENF-01. */
export const check = defineCheck({
  id: 'cni-does-not-enforce',
  number: 'ENF-01',
  area: 'enforcement',
  core: true,
  title: 'nothing in the cluster enforces network policy',
  description:
    'Tells from the cluster’s own objects which network plugin runs and whether it, or an engine beside it, enforces policy. Where nothing does, every policy is a wish; a flow that policy denies and that passes all the same shows it. Warns, too, of two engines that enforce at once.',
  remediation:
    'Install an engine that enforces policy, such as Calico in policy-only mode or kube-network-policies, or change the plugin; of two that do, leave one.',
  severity: 'critical',
  confidence: 'certain',
  scope: 'cluster',
  reads: 'compiled',
  needs: ['Pod', 'DaemonSet.apps'],
  compliance: ['CIS-5.3.1', 'C-0205', 'K05(2025)', 'SC-7'],
  references: [REFERENCES.concepts, 'https://kubernetes.io/docs/concepts/cluster-administration/addons/'],
  run(context) {
    const { cni } = context.snapshot;
    const seen = cni.evidence.map(({ source, detail }) => `${source}: ${detail}`).join('; ');
    if (cni.enforced === 'unknown') {
      return {
        outcome: 'unknown',
        reason: `which engine enforces policy cannot be told${seen === '' ? '' : ` (${seen})`}`,
      };
    }
    const findings =
      cni.enforced === 'no' ? [nothingEnforces(context)] : cni.engines === undefined ? [] : [severalEnforce(context)];
    return conclude({ examined: 1, findings, nothing: '' });
  },
});

function nothingEnforces(context: AuditContext): FindingDraft {
  const { cni, index } = context.snapshot;
  const policies = index.policies.map(({ meta }) => meta);
  const title =
    policies.length === 0
      ? `${cni.title} enforces no policy`
      : policies.length === 1
        ? `${cni.title} does not enforce the one policy that there is`
        : `${cni.title} enforces none of the ${policies.length} policies`;
  return {
    title,
    severity: policies.length === 0 ? 'high' : 'critical',
    confidence: confidenceIn(cni),
    scope: 'cluster',
    object: null,
    related: policies.map(({ group, kind, namespace, name }) => ({ group, kind, namespace, name })),
    evidence: [...evidenceOf(cni), { what: 'policies', value: nameObjects(policies) || 'none' }],
    counterexample: ignoredDenial(context),
    fix: operatorTask('install an engine that enforces policy', 'plan it: policies take effect the moment it runs'),
  };
}

function severalEnforce({ snapshot: { cni } }: AuditContext): FindingDraft {
  return {
    title: `${cni.title} enforce policy at once`,
    severity: 'medium',
    confidence: confidenceIn(cni),
    scope: 'cluster',
    object: null,
    evidence: evidenceOf(cni),
    counterexample: null,
    fix: operatorTask(
      'leave one engine to enforce policy',
      'a flow must pass each of them, and each reads kinds of policy that the others ignore: move those over first',
    ),
  };
}

function confidenceIn({ confidence }: CniDetection): 'certain' | 'likely' {
  return confidence >= 0.9 ? 'certain' : 'likely';
}

function evidenceOf({ evidence }: CniDetection): FindingDraft['evidence'] {
  return evidence.map(({ source, detail }) => ({ what: source, value: detail }));
}

/** A flow that policy denies and the plugin lets pass. */
function ignoredDenial(context: AuditContext): Counterexample | null {
  for (const { endpoints } of context.workloads) {
    const [pod] = endpoints;
    if (pod === undefined || context.isolation(pod, 'ingress').isolated !== 'yes') continue;
    const others = context.workloads.flatMap((workload) => workload.endpoints.slice(0, 1));
    for (const source of [...others, context.stranger]) {
      if (source === pod) continue;
      const flow = context.flow(source, pod, TCP, somePort(pod));
      if (flow.intended === 'deny' && flow.enforced === 'allow') return flow;
    }
  }
  return null;
}
