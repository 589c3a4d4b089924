import type { Severity } from '#checks';
import { digestOf } from '../digest.js';
import { placeOf, type ReportCheck, type ReportFinding, type ReportModel, unsettledChecks } from '../report-model.js';

const LEVELS: Readonly<Record<Severity, 'error' | 'warning' | 'note'>> = {
  critical: 'error',
  high: 'error',
  medium: 'warning',
  low: 'note',
  info: 'note',
};
/** What code scanners sort by, 0 to 10. */
const SECURITY_SEVERITY: Readonly<Record<Severity, string>> = {
  critical: '9.5',
  high: '8.0',
  medium: '5.5',
  low: '3.0',
  info: '1.0',
};

/** SARIF 2.1.0, one run. Findings have no file: they lie at objects, told as logical locations. */
export function renderSarif(model: ReportModel): string {
  const rules = model.checks.map(ruleOf);
  const index = new Map(model.checks.map(({ id }, at) => [id, at]));
  const sarif = {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: { driver: { name: 'Netpol Atlas', semanticVersion: model.engineVersion, rules } },
        automationDetails: { id: `network-policy/${model.cluster}/${String(model.audit.number)}` },
        invocations: [{ executionSuccessful: true, toolExecutionNotifications: notifications(model) }],
        results: model.findings.map((finding) => resultOf(finding, index.get(finding.check))),
        properties: { cluster: model.cluster, snapshot: model.snapshot, digest: digestOf(model) },
      },
    ],
  };
  return `${JSON.stringify(sarif, null, 2)}\n`;
}

function ruleOf({ id, number, title, description, remediation, severity, compliance, references }: ReportCheck) {
  return {
    id,
    name: number,
    shortDescription: { text: title },
    fullDescription: { text: description },
    help: { text: remediation },
    ...(references[0] === undefined ? {} : { helpUri: references[0] }),
    defaultConfiguration: { level: LEVELS[severity] },
    properties: { 'security-severity': SECURITY_SEVERITY[severity], tags: [...compliance] },
  };
}

function resultOf(finding: ReportFinding, ruleIndex: number | undefined) {
  const { check, severity, title, fingerprint, object, proof, fix, suppression, isNew } = finding;
  const text = [title, proof === '' ? '' : `Proof: ${proof}`, fix === null ? '' : `Fix: ${fix.title}`];
  return {
    ruleId: check,
    ...(ruleIndex === undefined ? {} : { ruleIndex }),
    level: LEVELS[severity],
    message: { text: text.filter(Boolean).join('\n') },
    partialFingerprints: { 'atlas/v1': fingerprint },
    baselineState: isNew ? 'new' : 'unchanged',
    locations: [
      {
        logicalLocations: [
          { fullyQualifiedName: placeOf(finding), ...(object === null ? {} : { name: object.name, kind: 'resource' }) },
        ],
      },
    ],
    ...(suppression === null
      ? {}
      : {
          suppressions: [
            { kind: 'external', status: 'accepted', justification: `${suppression.owner}: ${suppression.reason}` },
          ],
        }),
    properties: { severity, confidence: finding.confidence, manifest: fix?.manifest ?? '' },
  };
}

/** What could not be told is a notification: no result would claim that all is well. */
function notifications(model: ReportModel) {
  const unsettled = unsettledChecks(model);
  return [
    ...unsettled.map(({ id, outcome, reason }) => ({
      level: outcome === 'error' ? 'error' : 'warning',
      message: { text: `${outcome}: ${reason}` },
      associatedRule: { id },
    })),
    ...model.incomplete.map(({ kind, reason }) => ({
      level: 'warning',
      message: { text: `${kind} was not read: ${reason}` },
    })),
  ];
}
