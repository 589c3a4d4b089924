import type { Answer } from '#engine';

import type { Table } from '../table/table.js';

/** The way of an answer, step by step. */
export function stepsTable({ steps }: Pick<Answer, 'steps'>): Table {
  return {
    columns: [
      { title: 'hop' },
      { title: 'tier', wide: true },
      { title: 'decision' },
      { title: 'rules' },
      { title: 'why' },
    ],
    rows: steps.map((step) => [
      step.hop,
      step.tier,
      step.decision,
      step.rules.map(({ label }) => label).join(', '),
      [step.why, ...step.nearMisses.map(({ rule, why }) => `near miss ${rule.label}: ${why}`)].join('; '),
    ]),
  };
}
