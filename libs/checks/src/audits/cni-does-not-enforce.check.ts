import { nameObjects, somePort, type AuditContext } from '../context/audit-context.js';
import { REFERENCES } from '../context/sources.js';
import { defineCheck } from '../define-check.js';
import { operatorTask } from '../fix/make-fix.js';
import { conclude, type Counterexample } from '../model/finding.js';
import { TCP } from '#engine';

/** ENF-01. */
export const check = defineCheck({
  id: 'cni-does-not-enforce',
  number: 'ENF-01',
  area: 'enforcement',
  core: true,
  title: 'nothing in the cluster enforces network policy',
  description:
    'Tells from the cluster’s own objects which network plugin runs and whether it, or an engine beside it, enforces policy. Where nothing does, every policy is a wish; a flow that policy denies and that passes all the same shows it.',
  remediation:
    'Install an engine that enforces policy, such as Calico in policy-only mode or kube-network-policies, or change the plugin.',
  severity: 'critical',
  confidence: 'certain',
  scope: 'cluster',
  reads: 'compiled',
  needs: ['Pod', 'DaemonSet.apps'],
  compliance: ['CIS-5.3.1', 'C-0205', 'K05(2025)', 'SC-7'],
  references: [REFERENCES.concepts, 'https://kubernetes.io/docs/concepts/cluster-administration/addons/'],
  run(context) {
    const { cni, index } = context.snapshot;
    const seen = cni.evidence.map(({ source, detail }) => `${source}: ${detail}`).join('; ');
    if (cni.enforced === 'unknown') {
      return {
        outcome: 'unknown',
        reason: `which engine enforces policy cannot be told${seen === '' ? '' : ` (${seen})`}`,
      };
    }
    const findings =
      cni.enforced === 'yes'
        ? []
        : [
            {
              title:
                index.policies.length === 0
                  ? `${cni.title} enforces no policy`
                  : index.policies.length === 1
                    ? `${cni.title} does not enforce the one policy that there is`
                    : `${cni.title} enforces none of the ${index.policies.length} policies`,
              severity: index.policies.length === 0 ? ('high' as const) : ('critical' as const),
              confidence: cni.confidence >= 0.9 ? ('certain' as const) : ('likely' as const),
              scope: 'cluster' as const,
              object: null,
              related: index.policies.map(({ meta: { group, kind, namespace, name } }) => ({
                group,
                kind,
                namespace,
                name,
              })),
              evidence: [
                ...cni.evidence.map(({ source, detail }) => ({ what: source, value: detail })),
                { what: 'policies', value: nameObjects(index.policies.map((policy) => policy.meta)) || 'none' },
              ],
              counterexample: ignoredDenial(context),
              fix: operatorTask(
                'install an engine that enforces policy',
                'plan it: policies take effect the moment it runs',
              ),
            },
          ];
    return conclude({ examined: 1, findings, nothing: '' });
  },
});

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
