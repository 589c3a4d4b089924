import type { RunbookStep } from '../define-runbook.js';
import { isAnswer } from '../runbook-context.js';
import { cause, notApplicable, pass, unknown } from '../step-result.js';

/** Replicas that policy treats differently: some connections pass and others do not, whatever the load. */
export const replicasStep: RunbookStep = {
  id: 'replicas-alike',
  title: 'is the verdict the same for every pair of replicas',
  source: 'model',
  expected: 'policy treats all replicas of both sides alike',
  run(context) {
    const { from, to } = context.inputs;
    if (from === undefined || to === undefined) return notApplicable('the run names no client and destination');
    const { answer } = context;
    if (!isAnswer(answer)) return unknown(answer.message);
    const { intended } = answer;
    if (intended.verdict === 'undetermined') return unknown(intended.summary);
    if (intended.verdict !== 'mixed') return pass(`all are ${intended.verdict}`);
    const evidence = answer.flows.slice(0, 6).map((flow) => ({
      what: `${flow.source.label} → ${flow.destination.label}`,
      value: flow.intended.summary,
    }));
    const answerLine = 'policy treats the replicas differently: some pairs are allowed and others denied';
    return cause(
      intended.summary,
      answerLine,
      {
        advice: ['give the replicas equal labels: an unfinished roll-out, or a label put on by hand, sets some apart'],
      },
      { evidence },
    );
  },
};
