import type { Finding } from '#checks';
import type { ReportFinding } from './report-model.js';

/** What a finding is, however it came here. */
type Found = Pick<ReportFinding, 'number'> &
  Pick<
    Finding,
    | 'fingerprint'
    | 'check'
    | 'severity'
    | 'confidence'
    | 'title'
    | 'object'
    | 'pointer'
    | 'evidence'
    | 'counterexample'
    | 'fix'
    | 'remediation'
    | 'compliance'
  >;

/** A finding as a report tells it, with where it stands among audits. */
export function reportFinding(
  finding: Found,
  standing: Pick<ReportFinding, 'firstSeenAt' | 'isNew' | 'suppression'>,
): ReportFinding {
  const { fingerprint, check, number, severity, confidence, title, object, pointer, evidence } = finding;
  const { counterexample, fix, remediation, compliance } = finding;
  return {
    fingerprint,
    check,
    number,
    severity,
    confidence,
    title,
    object,
    pointer,
    evidence,
    proof: counterexample?.summary ?? '',
    fix: fix === null ? null : { title: fix.title, manifest: fix.manifest, note: fix.note },
    remediation,
    compliance,
    ...standing,
  };
}
