import { defineRunbook } from '../runbook/define-runbook.js';
import { isAnswer } from '../runbook/runbook-context.js';
import {
  CONNTRACK_DROPS,
  CONNTRACK_FILL,
  DATAPLANE_ERRORS_CILIUM,
  DATAPLANE_ERRORS_FELIX,
  SERVICE_PROXY_ERRORS,
} from '../runbook/signals.js';
import { changeStep } from '../runbook/steps/change-step.js';
import {
  deniedHalfStep,
  elsewhereStep,
  enforcementStep,
  kindStep,
  peersStep,
  verdictStep,
} from '../runbook/steps/flow-steps.js';
import { metricStep } from '../runbook/steps/metric-step.js';

/** RB-1. */
export const runbook = defineRunbook({
  id: 'service-unreachable',
  number: 'RB-1',
  title: 'a service cannot be reached after a policy changed',
  description:
    'For one client, one destination and one port. Decides whether policy denies it, which half and which rule, what changed, and what the least change is that admits it; or rules policy out and names what is left.',
  needs: ['from', 'to'],
  takes: ['port', 'protocol', 'node'],
  alerts: ['ServiceUnreachable', 'PolicyDenySpikeCilium', 'PolicyDenySpikeHubble', 'HighNetworkPolicyDropRate'],
  clean: 'policy is not the cause',
  steps: [
    peersStep,
    kindStep,
    verdictStep,
    changeStep({
      id: 'what-changed',
      title: 'what changed since it worked',
      expected: 'the verdict was the same for the last 24 hours',
      ask: ({ answer }) => (isAnswer(answer) ? answer.intended.verdict : answer.code),
      idle: ({ answer }) =>
        isAnswer(answer) && answer.intended.verdict === 'allowed' ? 'policy lets it pass: nothing denies it' : null,
    }),
    deniedHalfStep,
    enforcementStep,
    metricStep(DATAPLANE_ERRORS_FELIX, {
      id: 'felix-errors',
      answer: (worst, where) => `Calico could not program its dataplane on ${where}: ${worst} errors in ten minutes`,
    }),
    metricStep(DATAPLANE_ERRORS_CILIUM, {
      id: 'cilium-errors',
      answer: (worst, where) => `Cilium could not take policy in on ${where}: ${worst} failures in ten minutes`,
    }),
    metricStep(SERVICE_PROXY_ERRORS, {
      id: 'service-proxy-errors',
      answer: (worst, where) => `kube-proxy could not program Services on ${where}: ${worst} failures in ten minutes`,
    }),
    metricStep(CONNTRACK_FILL, {
      id: 'conntrack-fill',
      answer: (worst, where) => `the connection table of ${where} is ${worst} full: run conntrack-saturation`,
    }),
    metricStep(CONNTRACK_DROPS, {
      id: 'conntrack-drops',
      answer: (worst, where) => `${where} dropped ${worst} packets for want of room in its connection table`,
    }),
    elsewhereStep,
  ],
});
