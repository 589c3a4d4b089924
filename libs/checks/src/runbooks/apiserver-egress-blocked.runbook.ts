import { TCP } from '#engine';

import { defineRunbook, type RunbookStep } from '../runbook/define-runbook.js';
import { isAnswer } from '../runbook/runbook-context.js';
import { unknown } from '../runbook/step-result.js';
import {
  deniedHalfStep,
  elsewhereStep,
  enforcementStep,
  kindStep,
  peersStep,
  verdictStep,
} from '../runbook/steps/flow-steps.js';

/** Every cluster has the Service, whoever looks at manifests need not: that it is not there says nothing. */
const knownServerStep: RunbookStep = {
  ...peersStep,
  run(context) {
    const { answer } = context;
    if (isAnswer(answer) || answer.side !== 'destination') return peersStep.run(context);
    return unknown('this state does not tell where the API server is: the Service `default/kubernetes` is not in it', {
      next: 'ask about a cluster that is watched, or add the Service and its EndpointSlice to the manifests',
    });
  },
};

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
  steps: [knownServerStep, kindStep, verdictStep, deniedHalfStep, enforcementStep, elsewhereStep],
});
