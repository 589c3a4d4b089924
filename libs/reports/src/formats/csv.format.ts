import { csvLine } from '#render';
import { placeOf, type ReportModel } from '../report-model.js';

const COLUMNS = [
  'cluster',
  'snapshot',
  'severity',
  'check',
  'number',
  'title',
  'namespace',
  'object',
  'confidence',
  'proof',
  'fix',
  'remediation',
  'controls',
  'first seen',
  'new',
  'accepted by',
  'accepted because',
  'accepted until',
  'fingerprint',
] as const;

/** One line for each finding (RFC 4180). */
export function renderCsv(model: ReportModel): string {
  const rows = model.findings.map((finding) => [
    model.cluster,
    String(model.snapshot?.seq ?? ''),
    finding.severity,
    finding.check,
    finding.number,
    finding.title,
    finding.object?.namespace ?? '',
    placeOf(finding),
    finding.confidence,
    finding.proof,
    finding.fix?.title ?? '',
    finding.remediation,
    finding.compliance.join(' '),
    finding.firstSeenAt ?? '',
    finding.isNew ? 'yes' : 'no',
    finding.suppression?.owner ?? '',
    finding.suppression?.reason ?? '',
    finding.suppression?.expiresAt ?? '',
    finding.fingerprint,
  ]);
  return [COLUMNS, ...rows].map(csvLine).join('');
}
