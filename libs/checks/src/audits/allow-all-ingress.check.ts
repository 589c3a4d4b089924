import { TCP } from '#engine';

import { somePort } from '../context/audit-context.js';
import { openRules } from '../context/open-rules.js';
import { PODS_AND_POLICIES, REFERENCES } from '../context/sources.js';
import { defineCheck } from '../define-check.js';

/** EXP-01. */
export const check = defineCheck({
  id: 'allow-all-ingress',
  number: 'EXP-01',
  area: 'exposure',
  core: false,
  title: 'a rule allows all ingress, so that closing the pods by default is undone',
  description:
    'Finds rules of any kind of policy without peers and without ports, where the engine confirms that the selected pods are reached by everyone, on every port: no tier above takes it back.',
  remediation: 'Write who may connect and on which ports, or delete the rule.',
  severity: 'high',
  confidence: 'certain',
  scope: 'rule',
  reads: 'compiled',
  needs: PODS_AND_POLICIES,
  compliance: ['PCI-1.3.1', 'SC-7(5)'],
  references: [REFERENCES.concepts],
  run: (context) =>
    openRules(context, 'ingress', (subject) => context.flow(context.stranger, subject, TCP, somePort(subject))),
});
