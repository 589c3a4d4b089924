import { openByDefault } from '../context/open-by-default.js';
import { PODS_AND_POLICIES, REFERENCES } from '../context/sources.js';
import { defineCheck } from '../define-check.js';

/** COV-02. */
export const check = defineCheck({
  id: 'default-deny-ingress-missing',
  number: 'COV-02',
  area: 'coverage',
  core: true,
  title: 'the next pod of a namespace would be open for ingress',
  description:
    'Asks what happens to a pod without labels that nobody has made yet: where no policy of any kind closes it for ingress, the next workload would accept connections from everyone. How the policy is written does not matter, only what it does.',
  remediation:
    'Apply a policy with an empty pod selector and this direction, together with the rules that the workloads need, DNS first.',
  severity: 'high',
  confidence: 'certain',
  scope: 'namespace',
  reads: 'compiled',
  needs: PODS_AND_POLICIES,
  compliance: ['CIS-5.3.2', 'NSA-NP', 'PCI-1.3.1', 'SC-7(5)', 'AC-4', 'CC6.6', 'K05'],
  references: [REFERENCES.concepts, REFERENCES.hardening],
  run: (context) => openByDefault(context, 'ingress'),
});
