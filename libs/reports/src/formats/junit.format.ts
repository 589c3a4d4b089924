import { escapeMarkup } from '#render';
import { activeFindings, placeOf, type ReportCheck, type ReportFinding, type ReportModel } from '../report-model.js';

/** JUnit XML: a test case for each check; findings are failures, what could not be told is skipped. */
export function renderJunit(model: ReportModel): string {
  const byCheck = new Map<string, ReportFinding[]>();
  for (const finding of activeFindings(model)) {
    byCheck.set(finding.check, [...(byCheck.get(finding.check) ?? []), finding]);
  }
  const cases = model.checks.map((check) => caseOf(check, byCheck.get(check.id) ?? []));
  const failures = model.checks.filter(({ id }) => byCheck.has(id)).length;
  const errors = model.checks.filter(({ outcome }) => outcome === 'error').length;
  const skipped = model.checks.filter(({ outcome }) => isSkipped(outcome)).length;
  const counts = `tests="${String(model.checks.length)}" failures="${String(failures)}" errors="${String(errors)}" time="0"`;
  const suite = `name="${escapeMarkup(`network policy of ${model.cluster}`)}" ${counts} skipped="${String(skipped)}" timestamp="${model.createdAt.slice(0, 19)}"`;
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="Netpol Atlas" ${counts}>`,
    `  <testsuite ${suite}>`,
    ...cases.flat(),
    '  </testsuite>',
    '</testsuites>',
    '',
  ].join('\n');
}

function isSkipped(outcome: ReportCheck['outcome']): boolean {
  return outcome === 'skip' || outcome === 'unknown' || outcome === 'not-applicable';
}

function caseOf({ id, number, title, outcome, reason }: ReportCheck, findings: readonly ReportFinding[]): string[] {
  const head = `    <testcase classname="${escapeMarkup(`atlas.${id}`)}" name="${escapeMarkup(`${number} ${title}`)}" time="0"`;
  if (findings.length > 0) {
    const text = findings.map(
      (finding) =>
        `${finding.severity}: ${finding.title} (${placeOf(finding)})${finding.proof === '' ? '' : `\n  proof: ${finding.proof}`}`,
    );
    const message = `${String(findings.length)} ${findings.length === 1 ? 'finding' : 'findings'}`;
    return [
      `${head}>`,
      `      <failure type="${escapeMarkup(findings[0]?.severity ?? '')}" message="${message}">${escapeMarkup(text.join('\n'))}</failure>`,
      '    </testcase>',
    ];
  }
  if (outcome === 'error') return [`${head}>`, `      <error message="${escapeMarkup(reason)}"/>`, '    </testcase>'];
  if (isSkipped(outcome)) {
    // As text, since the schema of Jenkins knows no attribute here.
    return [`${head}>`, `      <skipped>${escapeMarkup(`${outcome}: ${reason}`)}</skipped>`, '    </testcase>'];
  }
  return [`${head}/>`];
}
