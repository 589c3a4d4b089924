import { TCP } from '#engine';
import type { Direction } from '#engine';

import { internetFor } from '../context/example-address.js';
import { defineRunbook, type RunbookStep } from '../runbook/define-runbook.js';
import type { RunbookContext } from '../runbook/runbook-context.js';
import { DATAPLANE_ERRORS_CILIUM, DATAPLANE_ERRORS_FELIX } from '../runbook/signals.js';
import { fail, notApplicable, pass } from '../runbook/step-result.js';
import { changeStep } from '../runbook/steps/change-step.js';
import { checkStep, inNamespace } from '../runbook/steps/check-step.js';
import { metricStep } from '../runbook/steps/metric-step.js';

const DIRECTIONS: readonly Direction[] = ['ingress', 'egress'];

/** What policy closes by default in a namespace, and what the pods can still reach; one text to compare states by. */
function closedText(context: RunbookContext): string {
  const { audit, inputs } = context;
  const pods = audit.pods.filter((pod) => pod.namespace === inputs.namespace);
  const parts = DIRECTIONS.map((direction) => {
    const closed = pods.filter((pod) => audit.isolation(pod, direction).isolated === 'yes');
    const mute = closed.filter((pod) => !audit.isAllowedAnything(pod, direction));
    return `${direction}: ${closed.length} of ${pods.length} pods closed by default, ${mute.length} with nothing allowed`;
  });
  const outside = pods.filter((pod) => audit.verdict(pod, internetFor(pod), TCP, 443) === 'allow').length;
  return [...parts, `internet on 443: ${outside}`].join('; ');
}

const isolationStep: RunbookStep = {
  id: 'isolation',
  title: 'what closes the namespace by default',
  source: 'model',
  expected: 'no pod is closed with nothing allowed',
  run(context) {
    const { audit, inputs } = context;
    const pods = audit.pods.filter((pod) => pod.namespace === inputs.namespace);
    if (pods.length === 0) return notApplicable(`namespace ${inputs.namespace ?? ''} has no pods`);
    const evidence = DIRECTIONS.flatMap((direction) => {
      const by = new Set(pods.flatMap((pod) => audit.isolation(pod, direction).by.map((rule) => rule.policy.name)));
      return by.size === 0 ? [] : [{ what: `${direction} closed by`, value: [...by].sort().join(', ') }];
    });
    const mute = DIRECTIONS.some((direction) =>
      pods.some(
        (pod) => audit.isolation(pod, direction).isolated === 'yes' && !audit.isAllowedAnything(pod, direction),
      ),
    );
    return mute ? fail(closedText(context), { evidence }) : pass(closedText(context), { evidence });
  },
};

/** RB-2. */
export const runbook = defineRunbook({
  id: 'namespace-lost-connectivity',
  number: 'RB-2',
  title: 'a whole namespace lost its connectivity',
  description:
    'Looks for what closes a namespace at once: a default deny without exceptions, a direction listed without rules, DNS cut off, resolvers closed, a renamed namespace label that rules of others need, ambient mesh enrolment; and for the change that did it.',
  needs: ['namespace'],
  takes: ['node'],
  alerts: ['NamespaceUnreachable'],
  clean: 'nothing closes the namespace: its pods are allowed what their policies name, names can be looked up',
  steps: [
    changeStep({
      id: 'what-changed',
      title: 'what changed in the last 24 hours',
      expected: 'as much was closed by default all day',
      ask: closedText,
      idle: () => null,
    }),
    isolationStep,
    checkStep({
      check: 'dns-egress-missing',
      title: 'may its pods look names up',
      expected: 'every pod reaches a resolver',
      about: inNamespace,
      answer: ([first]) => `${first.title}: to the people inside it looks as if everything were down`,
      decisive: true,
    }),
    checkStep({
      check: 'dns-servers-isolated',
      title: 'do the resolvers admit it',
      expected: 'the resolvers admit every namespace',
      answer: ([first]) => first.title,
      decisive: true,
    }),
    checkStep({
      check: 'direction-listed-without-rules',
      title: 'does a policy list a direction without a rule for it',
      expected: 'each listed direction has rules, here or in another policy',
      about: inNamespace,
      answer: ([first]) => first.title,
      decisive: true,
    }),
    checkStep({
      check: 'empty-podselector-scope',
      title: 'does a policy close or open every pod without meaning to',
      expected: 'an empty pod selector is one that is meant',
      about: (finding, context) =>
        inNamespace(finding, context) && (finding.severity === 'high' || finding.severity === 'critical'),
      answer: ([first]) => first.title,
      decisive: true,
    }),
    checkStep({
      check: 'namespace-label-absent',
      title: 'do rules need a namespace label that nothing carries',
      expected: 'every label key that rules name is on some namespace',
      answer: ([first]) => first.title,
    }),
    checkStep({
      check: 'nodes-without-enforcement',
      title: 'is policy enforced on every node',
      expected: 'a ready agent on every node',
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
