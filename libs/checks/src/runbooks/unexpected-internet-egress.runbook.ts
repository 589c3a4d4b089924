import { objectLabel } from '#engine';

import { defineRunbook, type RunbookStep } from '../runbook/define-runbook.js';
import { cause, notApplicable, pass } from '../runbook/step-result.js';
import { checkStep, inNamespace } from '../runbook/steps/check-step.js';

/** The owner's reason, where one stands in the annotation. */
const ownerStep: RunbookStep = {
  id: 'owner',
  title: 'did somebody say that it should',
  source: 'inventory',
  expected: 'an annotation netpol-atlas/internet-egress with a reason',
  run({ audit, inputs }) {
    const pods = audit.pods.filter((pod) => inputs.namespace === undefined || pod.namespace === inputs.namespace);
    if (pods.length === 0) return notApplicable('there are no such pods');
    const reasons = pods.flatMap((pod) => {
      const reason = audit.acceptedBecause('internetEgress', pod);
      return reason === '' ? [] : [{ what: objectLabel(pod), value: reason }];
    });
    return pass(`${reasons.length} of ${pods.length} pods carry a reason`, { evidence: reasons.slice(0, 5) });
  },
};

/** Who may reach the internet at all, with the rule that allows it. */
const reachStep: RunbookStep = {
  id: 'who-may',
  title: 'which workloads does policy let reach the internet, and by which rule',
  source: 'model',
  expected: 'only those with a reason',
  decisive: true,
  run(context) {
    const { findings, outcome, reason } = context.check('unexpected-internet-egress');
    if (outcome === 'not-applicable') return notApplicable(reason);
    const about = findings.filter((finding) => inNamespace(finding, context));
    const [first] = about;
    if (first === undefined) return pass('only workloads with a reason');
    const rest = about.length === 1 ? '' : `, and ${about.length - 1} more workloads likewise`;
    return cause(
      first.title,
      `${first.title}${rest}`,
      {
        advice: [first.remediation, 'see with flow logs which addresses it talks to, and allow those alone'],
        fix: first.fix,
      },
      {
        evidence: about
          .slice(0, 5)
          .flatMap(({ title, evidence }) => [{ what: title, value: evidence[0]?.value ?? '' }]),
      },
    );
  },
};

/** RB-8. */
export const runbook = defineRunbook({
  id: 'unexpected-internet-egress',
  number: 'RB-8',
  title: 'connections to the internet that nobody expected',
  description:
    'Tells which workloads policy lets reach public addresses and by which rule, which blocks are whole clouds, whether an owner gave a reason, whether the metadata address is among them, and the change that closes it.',
  needs: [],
  takes: ['namespace'],
  alerts: ['UnexpectedEgressToInternet'],
  heads: { 'cause-found': 'OPEN TO THE INTERNET', 'not-the-cause': 'CLOSED', undetermined: 'UNDETERMINED' },
  clean: 'policy lets only workloads with a reason reach the internet',
  steps: [
    ownerStep,
    checkStep({
      check: 'ipblock-cloud-ranges',
      title: 'does a rule allow the addresses of a whole cloud',
      expected: 'blocks are those of the services that are used',
      about: inNamespace,
    }),
    checkStep({
      check: 'metadata-endpoint-reachable',
      title: 'does a rule let closed pods reach the metadata address of the cloud',
      expected: 'no rule does',
      about: inNamespace,
    }),
    reachStep,
  ],
});
