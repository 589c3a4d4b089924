import { objectLabel } from '#engine';
import type { ObjectMeta } from '#engine';

import { PODS_AND_NETWORK_POLICIES } from '../context/sources.js';
import { defineCheck } from '../define-check.js';
import { operatorTask } from '../fix/make-fix.js';
import { conclude, type FindingDraft } from '../model/finding.js';

/** Annotation of a policy with the day of its last review, as `2026-05-04`. */
const REVIEWED = 'netpol-atlas/reviewed';

/** HYG-06. */
export const check = defineCheck({
  id: 'review-overdue',
  number: 'HYG-06',
  area: 'hygiene',
  core: false,
  title: 'nobody has looked at a policy for half a year',
  description:
    'Reads the annotation netpol-atlas/reviewed, a day as 2026-05-04, of policies of every kind. Once some policy has it, finds those whose last review, or without any their making, is longer ago than the period of review.',
  remediation: 'Look at the policy with its owner, and write the day into netpol-atlas/reviewed.',
  severity: 'low',
  confidence: 'certain',
  scope: 'policy',
  reads: 'compiled',
  needs: PODS_AND_NETWORK_POLICIES,
  compliance: ['PCI-1.2.7'],
  references: ['https://www.pcisecuritystandards.org/document_library/'],
  run({ snapshot, settings }) {
    const { now, reviewEveryDays } = settings;
    const policies = snapshot.index.policies.map(({ meta }) => meta);
    if (policies.length === 0) return { outcome: 'not-applicable', reason: 'there are no policies' };
    if (now === null) return { outcome: 'skip', reason: 'the time of the audit was not told' };
    if (!policies.some((meta) => reviewOf(meta) !== '')) {
      return { outcome: 'skip', reason: `no policy tells by ${REVIEWED} when it was looked at` };
    }
    const open: string[] = [];
    const findings = policies.flatMap((meta): FindingDraft[] => {
      const [day, since] = reviewOf(meta) === '' ? [meta.createdAt, 'made'] : [reviewOf(meta), 'reviewed'];
      const ageDays = Math.floor((Date.parse(now) - Date.parse(day)) / DAY_MS);
      if (Number.isNaN(ageDays)) open.push(`${REVIEWED} of ${objectLabel(meta)} is no day`);
      return ageDays > reviewEveryDays ? [findingFor(meta, `${since} ${day}`, reviewEveryDays)] : [];
    });
    return conclude({ examined: policies.length, findings, open, nothing: '' });
  },
});

const DAY_MS = 86_400_000;

function reviewOf({ annotations }: ObjectMeta): string {
  return (annotations[REVIEWED] ?? '').trim();
}

function findingFor(meta: ObjectMeta, last: string, everyDays: number): FindingDraft {
  const { group, kind, namespace, name } = meta;
  const place = namespace === '' ? name : `--namespace ${namespace} ${name}`;
  return {
    title: `the review of ${objectLabel(meta)} is overdue`,
    scope: 'policy',
    object: { group, kind, namespace, name },
    evidence: [
      { what: 'last looked at', value: last },
      { what: 'period', value: `${everyDays} days` },
    ],
    counterexample: null,
    fix: operatorTask(
      `review ${objectLabel(meta)}`,
      'write the day in the place of …',
      `kubectl annotate --overwrite ${kind.toLowerCase()}.${group} ${place} ${REVIEWED}=…\n`,
    ),
  };
}
