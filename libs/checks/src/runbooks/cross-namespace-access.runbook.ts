import { defineRunbook } from '../runbook/define-runbook.js';
import { checkStep } from '../runbook/steps/check-step.js';
import { decidingPolicies, deniedFlow } from '../runbook/denied-flow.js';
import { deniedHalfStep, elsewhereStep, enforcementStep, peersStep, verdictStep } from '../runbook/steps/flow-steps.js';
import type { RunbookContext } from '../runbook/runbook-context.js';
import type { Finding } from '../run-checks.js';
import { objectLabel } from '#engine';

/** Whether a finding is about a policy that denies this flow. */
function decides({ object }: Finding, context: RunbookContext): boolean {
  const flow = deniedFlow(context);
  if (flow === null || object === null) return false;
  return decidingPolicies(flow).some((policy) => objectLabel(policy) === objectLabel(object));
}

/** RB-3. */
export const runbook = defineRunbook({
  id: 'cross-namespace-access',
  number: 'RB-3',
  title: 'access from one namespace to another does not work',
  description:
    'A connection between namespaces needs both halves, and a rule with a pod selector alone means the policy’s own namespace. Looks for that, for two peers where one was meant, for labels that no namespace carries, and for ports of the Service where the pod’s are needed.',
  needs: ['from', 'to'],
  takes: ['port', 'protocol'],
  alerts: [],
  clean: 'policy is not the cause',
  steps: [
    peersStep,
    verdictStep,
    checkStep({
      check: 'selector-and-or-confusion',
      title: 'do two peers stand where one with both selectors was meant',
      expected: 'namespace and pod selector are one peer where both must hold',
      about: decides,
    }),
    checkStep({
      check: 'selector-and-too-narrow',
      title: 'do both selectors of a peer match something together',
      expected: 'a peer with both selectors matches pods',
      about: decides,
    }),
    checkStep({
      check: 'dangling-peer',
      title: 'does a peer match nothing',
      expected: 'each peer matches pods',
      about: decides,
    }),
    checkStep({
      check: 'future-pod-exposure',
      title: 'would only pods that do not exist match, as with a pod selector alone that means another namespace',
      expected: 'each peer that lets someone in matches pods',
      about: decides,
    }),
    checkStep({
      check: 'namespace-label-absent',
      title: 'does the namespace carry the label that the rule names',
      expected: 'the label is there; kubernetes.io/metadata.name always is',
      about: decides,
    }),
    checkStep({
      check: 'named-port-unresolved',
      title: 'does the named port exist at the receiver',
      expected: 'the receiving pods declare the name',
      about: decides,
    }),
    checkStep({
      check: 'service-port-not-pod-port',
      title: 'does the rule name the pod’s port and not the Service’s',
      expected: 'rules name the port that the pod listens on',
      about: decides,
    }),
    deniedHalfStep,
    enforcementStep,
    elsewhereStep,
  ],
});
