import { closingFix, exampleFlow } from '../context/open-by-default.js';
import { PODS_AND_POLICIES, REFERENCES } from '../context/sources.js';
import { defineCheck } from '../define-check.js';
import { conclude, type FindingDraft } from '../model/finding.js';

/** COV-01. */
export const check = defineCheck({
  id: 'namespace-without-policy',
  number: 'COV-01',
  area: 'coverage',
  core: false,
  title: 'a namespace has pods and no policy that selects any of them',
  description:
    'Finds namespaces in which no policy of any kind closes any pod in any direction: everything in the cluster reaches their pods, and they reach everything.',
  remediation:
    'Close the namespace by default in both directions, allow DNS, and then allow the connections that its workloads need.',
  severity: 'high',
  confidence: 'certain',
  scope: 'namespace',
  reads: 'compiled',
  needs: PODS_AND_POLICIES,
  compliance: [
    'CIS-5.3.2',
    'NSA-NP',
    'C-0206',
    'C-0054',
    'C-0049',
    'PCI-1.3.1',
    'SC-7(5)',
    'A.8.22',
    'K05',
    'MS-TA9034',
  ],
  references: [REFERENCES.concepts, REFERENCES.hardening],
  run(context) {
    const findings: FindingDraft[] = [];
    const open: string[] = [];
    for (const namespace of context.namespaces) {
      const states = namespace.pods.flatMap((pod) =>
        (['ingress', 'egress'] as const).map((direction) => context.isolation(pod, direction).isolated),
      );
      if (states.includes('yes')) continue;
      if (states.includes('unknown')) {
        open.push(`whether a policy closes pods of ${namespace.name} cannot be told`);
        continue;
      }
      const [first] = namespace.pods;
      findings.push({
        title: `no policy selects a pod of ${namespace.name}`,
        ...(namespace.system ? { severity: 'low' } : {}),
        scope: 'namespace',
        object: namespace.ref,
        evidence: [{ what: 'pods without any policy', value: String(namespace.pods.length) }],
        counterexample: first === undefined ? null : exampleFlow(context, 'ingress', first),
        fix: closingFix(context, namespace, ['ingress', 'egress']),
      });
    }
    return conclude({ examined: context.namespaces.length, findings, open, nothing: 'no namespace has pods' });
  },
});
