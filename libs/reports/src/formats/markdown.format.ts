import { escapeMarkdown as text, renderMarkdown as renderTable } from '#render';
import { digestOf } from '../digest.js';
import {
  aboutText,
  acceptedFindings,
  acceptedText,
  alsoText,
  fixText,
  EVIDENCE_NOTE,
  placeOf,
  readFindings,
  type ReadFinding,
  type ReportModel,
  type ReportScore,
  type ShortFinding,
  shortList,
  tallyText,
  titleOf,
  unsettledChecks,
  verdictOf,
} from '../report-model.js';

export function renderMarkdown(model: ReportModel): string {
  const accepted = acceptedFindings(model);
  const open = unsettledChecks(model);
  const { bySeverity, manifests } = readFindings(model);
  return [
    `# ${text(titleOf(model))}`,
    '',
    `**${verdictOf(model)}**: ${tallyText(model)}, score ${scoreText(model.overall)}. ${aboutText(model)}`,
    '',
    ...section(
      'In short',
      bySeverity.flatMap(({ findings }) => shortList(findings).map(shortLine)),
    ),
    ...table(['framework', 'score', 'hold', 'fail', 'open'], model.frameworks.map(scoreRow)),
    ...(model.framework === null ? [] : controlsTable(model)),
    ...table(['namespace', 'score', 'hold', 'fail', 'open'], model.namespaces.map(scoreRow)),
    ...section(
      'Findings',
      bySeverity.flatMap(({ findings }) => findings.flatMap(findingLines)),
    ),
    ...section(
      'Manifests',
      manifests.flatMap(({ title, text: yaml }, at) => [
        `### ${String(at + 1)}: ${text(title)}`,
        '',
        ...fenced(yaml),
        '',
      ]),
    ),
    ...section(
      'Accepted',
      accepted.map((finding) => `- ${text(finding.title)} (${text(acceptedText(finding))})`),
    ),
    ...section(
      'Not settled',
      open.map(({ number, id, reason }) => `- ${number} ${id}: ${text(reason)}`),
    ),
    ...section(
      'Not read',
      model.incomplete.map(({ kind, reason }) => `- ${text(kind)}: ${text(reason)}`),
    ),
    ...(model.framework === null ? [] : [EVIDENCE_NOTE, '']),
    `Engine ${model.engineVersion}, content sha256 \`${digestOf(model)}\``,
    '',
  ].join('\n');
}

function controlsTable({ frameworks }: ReportModel): string[] {
  const rows = frameworks.flatMap(({ controls }) =>
    controls.map(({ control, status, passed, failed }) => [control, status, failed.join(' '), passed.join(' ')]),
  );
  return table(['control', 'what checks say', 'fail', 'hold'], rows);
}

function shortLine({ severity, title, fix }: ShortFinding): string {
  return `- **${severity}** ${text(title)}: ${text(fix)}`;
}

function findingLines(read: ReadFinding): string[] {
  const { severity, title, number, check, evidence, proof, fix, confidence } = read.finding;
  return [
    `### ${severity}: ${text(title)}`,
    '',
    `${number} \`${check}\`, ${text(placeOf(read.finding))}${confidence === 'certain' ? '' : ` (${confidence})`}`,
    '',
    ...evidence.map(({ what, value }) => `- ${text(what)}: ${text(value)}`),
    ...(proof === '' ? [] : [`- proof: ${text(proof)}`]),
    `- ${fix === null ? 'do' : 'fix'}: ${text(fixText(read))}`,
    ...read.also.map((one) => `- this settles too: ${text(alsoText(one))}`),
    '',
  ];
}

/** A fence longer than any in the text, so that it cannot be left from within. */
function fenced(manifest: string): string[] {
  const longest = Math.max(2, ...[...manifest.matchAll(/`+/g)].map((run) => run[0].length));
  const fence = '`'.repeat(longest + 1);
  return [`${fence}yaml`, manifest.trimEnd(), fence];
}

function scoreRow({ name, score, passed, failed, open }: ReportScore): string[] {
  return [name === '' ? '(no namespace)' : name, scoreText({ score }), String(passed), String(failed), String(open)];
}

export function scoreText({ score }: Pick<ReportScore, 'score'>): string {
  return score === null ? 'none' : `${String(score)} of 100`;
}

function table(header: readonly string[], rows: readonly (readonly string[])[]): string[] {
  return rows.length === 0 ? [] : [renderTable({ columns: header.map((title) => ({ title })), rows })];
}

function section(title: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : [`## ${title}`, '', ...lines, ''];
}
