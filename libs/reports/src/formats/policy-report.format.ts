import type { Outcome, Severity } from '#checks';
import { stringify } from 'yaml';
import { digestOf } from '../digest.js';
import type { ReportCheck, ReportFinding, ReportModel } from '../report-model.js';

type Result = 'pass' | 'fail' | 'warn' | 'error' | 'skip';

/** What is not a failure of the cluster is not told as one. */
const RESULTS: Readonly<Record<Exclude<Outcome, 'fail'>, Result>> = {
  pass: 'pass',
  unknown: 'warn',
  'not-applicable': 'skip',
  skip: 'skip',
  error: 'error',
};
const SEVERITIES: Readonly<Record<Severity, string>> = {
  critical: 'critical',
  high: 'high',
  medium: 'medium',
  low: 'low',
  info: 'info',
};

/** One ClusterReport of openreports.io/v1alpha1, which took over from the PolicyReport of wgpolicyk8s.io. */
export function renderPolicyReport(model: ReportModel): string {
  const seconds = Math.floor(Date.parse(model.createdAt) / 1000);
  const results = [
    ...model.findings.map((finding) => findingResult(finding, seconds)),
    ...model.checks.flatMap((check) => checkResult(check, seconds)),
  ];
  const count = (result: Result): number => results.filter((one) => one.result === result).length;
  const report = {
    apiVersion: 'openreports.io/v1alpha1',
    kind: 'ClusterReport',
    metadata: {
      name: `netpol-atlas-${slug(model.framework ?? 'audit')}`,
      annotations: { 'netpol-atlas/cluster': model.cluster, 'netpol-atlas/digest': digestOf(model) },
    },
    source: 'netpol-atlas',
    summary: {
      pass: count('pass'),
      fail: count('fail'),
      warn: count('warn'),
      error: count('error'),
      skip: count('skip'),
    },
    results,
  };
  return stringify(report, { lineWidth: 0 });
}

function findingResult(finding: ReportFinding, seconds: number) {
  const { check, object, severity, title, compliance, fingerprint, suppression, proof } = finding;
  const properties = { fingerprint, controls: compliance.join(' '), ...(proof === '' ? {} : { proof }) };
  return {
    source: 'netpol-atlas',
    policy: check,
    category: 'network policy',
    severity: SEVERITIES[severity],
    result: (suppression === null ? 'fail' : 'skip') as Result,
    scored: true,
    timestamp: { seconds, nanos: 0 },
    message: suppression === null ? title : `${title} (accepted by ${suppression.owner}: ${suppression.reason})`,
    ...(object === null ? {} : { resources: [resourceOf(object)] }),
    properties,
  };
}

function resourceOf({ group, kind, namespace, name }: NonNullable<ReportFinding['object']>) {
  const known: Readonly<Record<string, string>> = {
    '': 'v1',
    apps: 'apps/v1',
    'networking.k8s.io': 'networking.k8s.io/v1',
  };
  return { apiVersion: known[group] ?? group, kind, name, ...(namespace === '' ? {} : { namespace }) };
}

function checkResult({ id, outcome, severity, reason, title }: ReportCheck, seconds: number) {
  if (outcome === 'fail') return [];
  const message = outcome === 'pass' ? `holds: not so that ${title}` : `${outcome}: ${reason}`;
  return [
    {
      source: 'netpol-atlas',
      policy: id,
      category: 'network policy',
      severity: SEVERITIES[severity],
      result: RESULTS[outcome],
      scored: outcome === 'pass',
      timestamp: { seconds, nanos: 0 },
      message,
    },
  ];
}

function slug(text: string): string {
  return text
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-+|-+$/g, '')
    .slice(0, 200);
}
