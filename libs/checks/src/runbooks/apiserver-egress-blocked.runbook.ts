import { TCP } from '#engine';

import { defineRunbook } from '../runbook/define-runbook.js';
import {
  deniedHalfStep,
  elsewhereStep,
  enforcementStep,
  kindStep,
  peersStep,
  verdictStep,
} from '../runbook/steps/flow-steps.js';

/** RB-9. */
export const runbook = defineRunbook({
  id: 'apiserver-egress-blocked',
  number: 'RB-9',
  title: 'a workload cannot reach the API server',
  description:
    'The address of the `kubernetes` Service is translated before policy looks: what has to be allowed are the endpoints behind it, on their own port, and they are not pods. Decides whether policy admits them and gives the blocks.',
  needs: ['from'],
  takes: [],
  presets: { to: { type: 'service', namespace: 'default', name: 'kubernetes' }, port: 443, protocol: TCP },
  alerts: [],
  clean: 'policy lets the workload reach the API server',
  steps: [peersStep, kindStep, verdictStep, deniedHalfStep, enforcementStep, elsewhereStep],
});
