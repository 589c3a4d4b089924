import { openByDefault } from '../context/open-by-default.js';
import { PODS_AND_POLICIES, REFERENCES } from '../context/sources.js';
import { defineCheck } from '../define-check.js';

/** COV-03. */
export const check = defineCheck({
  id: 'default-deny-egress-missing',
  number: 'COV-03',
  area: 'coverage',
  core: true,
  title: 'the next pod of a namespace would be open for egress',
  description:
    'Asks what happens to a pod without labels that nobody has made yet: where no policy of any kind closes it for egress, the next workload could connect to anything, the internet included. How the policy is written does not matter, only what it does.',
  remediation:
    'Apply a policy with an empty pod selector and this direction, together with the rules that the workloads need, DNS first.',
  severity: 'medium',
  confidence: 'certain',
  scope: 'namespace',
  reads: 'compiled',
  needs: PODS_AND_POLICIES,
  compliance: ['NSA-NP', 'PCI-1.3.2', 'SC-7(5)', '190-4.4.2', 'CC6.7'],
  references: [REFERENCES.concepts, REFERENCES.hardening],
  run: (context) => openByDefault(context, 'egress'),
});
