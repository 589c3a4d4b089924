import { POLICY_KINDS } from '#engine';

import { AREAS, type Area, type Check } from './define-check.js';

const TITLES: Readonly<Record<Area, string>> = {
  coverage: 'Coverage',
  correctness: 'Correctness',
  exposure: 'Exposure',
  dependencies: 'Dependencies that policy must not cut',
  enforcement: 'Enforcement',
  bypass: 'Bypass',
  hygiene: 'Hygiene',
  mesh: 'Service mesh',
};

/** The checks as Markdown, by area: what people read, and what a review of a changed check looks at. */
export function catalogueText(checks: readonly Check[]): string {
  const parts = AREAS.flatMap((area) => {
    const members = checks.filter((check) => check.area === area);
    return members.length === 0 ? [] : [`## ${TITLES[area]}\n`, ...members.map(entry)];
  });
  const intro = `${checks.length} checks, ${checks.filter((check) => check.core).length} of them in the core set.`;
  return ['# Checks\n', `${intro}\n`, ...parts].join('\n');
}

function entry(check: Check): string {
  const reads = check.reads === 'compiled' ? 'compiled policies' : `text of ${check.reads.raw}`;
  const facts = [
    `number: ${check.number}${check.core ? ' (core)' : ''}`,
    `severity: ${check.severity}, confidence: ${check.confidence}, scope: ${check.scope}`,
    `reads: ${reads}; needs: ${needsOf(check)}`,
    `compliance: ${check.compliance.length === 0 ? 'none' : check.compliance.join(', ')}`,
    ...check.references.map((reference) => `see ${reference}`),
  ];
  return [
    `### \`${check.id}\`: ${check.title}\n`,
    `${check.description}\n`,
    `Fix: ${check.remediation}\n`,
    ...facts.map((fact) => `- ${fact}`),
    '',
  ].join('\n');
}

/** The kinds a check needs; the long list of every kind of policy in words. */
function needsOf({ needs }: Check): string {
  const policies: ReadonlySet<string> = new Set(POLICY_KINDS);
  if (!POLICY_KINDS.every((kind) => needs.includes(kind))) return needs.join(', ');
  return [...needs.filter((kind) => !policies.has(kind)), 'every kind of policy'].join(', ');
}
