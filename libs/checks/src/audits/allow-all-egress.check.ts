import { TCP } from '#engine';

import { internetFor } from '../context/example-address.js';
import { openRules } from '../context/open-rules.js';
import { PODS_AND_POLICIES, REFERENCES } from '../context/sources.js';
import { defineCheck } from '../define-check.js';

/** EXP-02. */
export const check = defineCheck({
  id: 'allow-all-egress',
  number: 'EXP-02',
  area: 'exposure',
  core: false,
  title: 'a rule allows all egress, so that closing the pods by default is undone',
  description:
    'Finds rules of any kind of policy without peers and without ports, where the engine confirms that the selected pods reach everything, the internet included: no tier above takes it back.',
  remediation: 'Write who may connect and on which ports, or delete the rule.',
  severity: 'medium',
  confidence: 'certain',
  scope: 'rule',
  reads: 'compiled',
  needs: PODS_AND_POLICIES,
  compliance: ['PCI-1.3.2', 'SC-7(5)'],
  references: [REFERENCES.concepts],
  run: (context) => openRules(context, 'egress', (subject) => context.flow(subject, internetFor(subject), TCP, 443)),
});
