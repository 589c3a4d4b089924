import { defineRunbook } from '../runbook/define-runbook.js';
import { DATAPLANE_ERRORS_CILIUM, DATAPLANE_ERRORS_FELIX } from '../runbook/signals.js';
import { checkStep, inNamespace } from '../runbook/steps/check-step.js';
import { metricStep } from '../runbook/steps/metric-step.js';

/** RB-4. */
export const runbook = defineRunbook({
  id: 'policies-without-effect',
  number: 'RB-4',
  title: 'policies are there and have no effect',
  description:
    'From the ground up: does anything enforce policy, is it switched off, does it run on every node, does it know the kinds and fields that are used, do the policies select anything, does another one allow what they were to close, and which ways lead around policy.',
  needs: [],
  takes: ['namespace'],
  alerts: ['PolicyNotEnforced'],
  clean: 'the plugin enforces policy on every node, knows every kind that is used, and every policy selects pods',
  steps: [
    checkStep({
      check: 'cni-does-not-enforce',
      title: 'does anything enforce policy',
      expected: 'the network plugin, or an engine beside it, enforces policy',
      answer: ([first]) => first.title,
      decisive: true,
    }),
    checkStep({
      check: 'enforcement-switched-off',
      title: 'is enforcement switched off, or only audited',
      expected: 'enforcement is on',
      answer: ([first]) => first.title,
      decisive: true,
    }),
    checkStep({
      check: 'nodes-without-enforcement',
      title: 'does it run on every node',
      expected: 'a ready agent on every node',
      answer: ([first]) => first.title,
      decisive: true,
    }),
    checkStep({
      check: 'policy-kind-not-implemented',
      title: 'does it know the kinds of policy that are used',
      expected: 'every kind in use is enforced',
      answer: ([first]) => first.title,
      decisive: true,
    }),
    checkStep({
      check: 'dangling-policy',
      title: 'does every policy select something',
      expected: 'each policy selects at least one pod or template',
      about: inNamespace,
      answer: ([first]) => first.title,
    }),
    checkStep({
      check: 'rules-not-in-policy-types',
      title: 'are the rules in a direction that the policy lists',
      expected: 'every rule is in a listed direction',
      about: inNamespace,
      answer: ([first]) => first.title,
    }),
    checkStep({
      check: 'allow-all-ingress',
      title: 'does another policy allow everything in',
      expected: 'no policy allows every source: policies only add',
      about: inNamespace,
      answer: ([first]) => `${first.title}: policies only add, so a narrower one beside it closes nothing`,
    }),
    checkStep({
      check: 'allow-all-egress',
      title: 'does another policy allow everything out',
      expected: 'no policy allows every destination: policies only add',
      about: inNamespace,
      answer: ([first]) => `${first.title}: policies only add, so a narrower one beside it closes nothing`,
    }),
    checkStep({
      check: 'host-network-bypass',
      title: 'are pods on the host network, where policy does not reach',
      expected: 'workloads have a network of their own',
      about: inNamespace,
      answer: ([first]) => first.title,
    }),
    checkStep({
      check: 'host-port',
      title: 'do host ports lead around',
      expected: 'no host ports',
      about: inNamespace,
    }),
    checkStep({
      check: 'secondary-interfaces',
      title: 'do pods have a second interface',
      expected: 'one interface, which policy covers',
      about: inNamespace,
    }),
    metricStep(DATAPLANE_ERRORS_FELIX, {
      id: 'felix-errors',
      answer: (worst, where) => `Calico could not program its dataplane on ${where}: ${worst} errors in ten minutes`,
    }),
    metricStep(DATAPLANE_ERRORS_CILIUM, {
      id: 'cilium-errors',
      answer: (worst, where) => `Cilium could not take policy in on ${where}: ${worst} failures in ten minutes`,
    }),
  ],
});
