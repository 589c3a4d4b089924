import { settledTogether, SEVERITIES, type Check, type ControlScore, type Outcome, type Severity } from '#checks';
import { counted, type ObjectRef } from '#engine';

/** Where a cluster, a namespace or a framework stands. */
export interface ReportScore {
  /** A namespace or a framework; '' for the whole. */
  readonly name: string;
  /** 0 to 100; null when no check came to a result. */
  readonly score: number | null;
  readonly passed: number;
  readonly failed: number;
  readonly open: number;
}

export interface ReportFramework extends ReportScore {
  readonly controls: readonly ControlScore[];
}

/** What one check came to, with what a reader needs to judge it. */
export interface ReportCheck extends Pick<
  Check,
  'id' | 'number' | 'title' | 'description' | 'remediation' | 'severity' | 'compliance' | 'references'
> {
  readonly outcome: Outcome;
  /** Why it came to neither a pass nor a fail, '' otherwise. */
  readonly reason: string;
}

export interface ReportFinding {
  readonly fingerprint: string;
  /** Id of the check. */
  readonly check: string;
  readonly number: string;
  readonly severity: Severity;
  readonly confidence: string;
  readonly title: string;
  readonly object: ObjectRef | null;
  readonly pointer: string;
  readonly evidence: readonly { readonly what: string; readonly value: string }[];
  /** A flow that shows it, as the engine decided it; '' for none. */
  readonly proof: string;
  readonly fix: { readonly title: string; readonly manifest: string; readonly note: string } | null;
  readonly remediation: string;
  readonly compliance: readonly string[];
  /** RFC 3339; null when it was not told. */
  readonly firstSeenAt: string | null;
  /** Whether the report before had it. */
  readonly isNew: boolean;
  /** Why it was accepted, by whom and until when; null when it counts. */
  readonly suppression: { readonly owner: string; readonly reason: string; readonly expiresAt: string } | null;
}

/**
 * Everything that a report says, in a form that every format is made from. Plain JSON: equal models give equal bytes in
 * each format, so a report can be made again and compared.
 */
export interface ReportModel {
  /** The framework that it is cut down to; null for all checks. */
  readonly framework: string | null;
  readonly cluster: string;
  /** Id and number of the audit; '' and 0 for one of manifests. */
  readonly audit: { readonly id: string; readonly number: number };
  /** The snapshot that was looked at; null for manifests. */
  readonly snapshot: { readonly seq: number; readonly takenAt: string } | null;
  /** RFC 3339. */
  readonly createdAt: string;
  readonly engineVersion: string;
  /** Kinds that could not be read, with the reason. */
  readonly incomplete: readonly { readonly kind: string; readonly reason: string }[];
  readonly overall: ReportScore;
  readonly namespaces: readonly ReportScore[];
  readonly frameworks: readonly ReportFramework[];
  /** In order of number. */
  readonly checks: readonly ReportCheck[];
  /** The worst first. */
  readonly findings: readonly ReportFinding[];
  /** Findings that only the report before had. */
  readonly resolved: number;
}

/** The model cut down to one framework: its controls, their checks, and what those found. */
export function forFramework(model: ReportModel, framework: string): ReportModel | null {
  const found = model.frameworks.find((one) => one.name === framework);
  if (found === undefined) return null;
  const controls = new Set<string>(found.controls.map(({ control }) => control));
  const checks = model.checks.filter(({ compliance }) => compliance.some((key) => controls.has(key)));
  const ids = new Set(checks.map(({ id }) => id));
  const { name: _, controls: __, ...overall } = found;
  return {
    ...model,
    framework,
    overall: { ...overall, name: '' },
    frameworks: [found],
    namespaces: [],
    checks,
    findings: model.findings.filter(({ check }) => ids.has(check)),
  };
}

/** Findings that count: those that nobody accepted. */
export function activeFindings({ findings }: ReportModel): readonly ReportFinding[] {
  return findings.filter(({ suppression }) => suppression === null);
}

/** A finding for people to read, with those that its fix settles too, and the number of its manifest among `manifests`. */
export interface ReadFinding {
  readonly finding: ReportFinding;
  readonly also: readonly ReportFinding[];
  /** Null where the fix has none. */
  readonly manifest: number | null;
}

/** The findings that count for people to read from the top: by weight, the worst first, each change to make told once. */
export interface ReadFindings {
  readonly bySeverity: readonly { readonly severity: Severity; readonly findings: readonly ReadFinding[] }[];
  /** Number 1 first. */
  readonly manifests: readonly { readonly title: string; readonly text: string }[];
}

export function readFindings(model: ReportModel): ReadFindings {
  const manifests: { readonly title: string; readonly text: string }[] = [];
  const read = settledTogether(activeFindings(model)).map(({ finding, also }): ReadFinding => {
    const { title = '', manifest: text = '' } = finding.fix ?? {};
    return { finding, also, manifest: text === '' ? null : manifests.push({ title, text: text.trimEnd() }) };
  });
  const bySeverity = SEVERITIES.map((severity) => ({
    severity,
    findings: read.filter(({ finding }) => finding.severity === severity),
  })).filter(({ findings }) => findings.length > 0);
  return { bySeverity, manifests };
}

/** Where the cluster stands, in a few words. */
export function verdictOf(model: ReportModel): string {
  const [worst] = activeFindings(model);
  if (worst !== undefined) return `${worst.severity} gaps are open`;
  const open = unsettledChecks(model).length;
  return open === 0 ? 'no gap was found' : `no gap was found, and ${counted(open, 'check')} could not tell`;
}

/** Of one check and weight, the short list tells so many findings, and counts the others. */
const SHORT_PER_CHECK = 5;

/** A finding in the short list: what is so, and what to do. */
export interface ShortFinding {
  readonly severity: Severity;
  readonly title: string;
  readonly fix: string;
}

/** Findings in so few words that they can be read at once, however many there are. */
export function shortList(findings: readonly ReadFinding[]): readonly ShortFinding[] {
  const counts = new Map<string, number>();
  for (const { finding } of findings) counts.set(finding.check, (counts.get(finding.check) ?? 0) + 1);
  const told = new Map<string, number>();
  return findings.flatMap(({ finding }) => {
    const at = (told.get(finding.check) ?? 0) + 1;
    told.set(finding.check, at);
    if (at > SHORT_PER_CHECK) return [];
    const more = at === SHORT_PER_CHECK ? (counts.get(finding.check) ?? 0) - at : 0;
    const title = more === 0 ? finding.title : `${finding.title}, and ${String(more)} more of ${finding.number}`;
    return [{ severity: finding.severity, title, fix: shortFix(finding) }];
  });
}

/** What to do about a finding, in a few words. */
function shortFix({ fix, remediation }: ReportFinding): string {
  // A remediation is sentences, a title is not.
  return fix?.title ?? remediation.replace(/^[A-Z](?=[a-z])/, (first) => first.toLowerCase()).replace(/\.$/, '');
}

/** What to do about a finding, in a line. */
export function fixText({ finding: { fix, remediation }, manifest }: ReadFinding): string {
  if (fix === null) return remediation;
  const by = manifest === null ? '' : `, manifest ${String(manifest)}`;
  return `${fix.title}${by}${fix.note === '' ? '' : ` (${fix.note})`}`;
}

/** `COV-05 low: shop/web is closed for ingress and open for egress`. */
export function alsoText({ number, severity, title }: ReportFinding): string {
  return `${number} ${severity}: ${title}`;
}

/** `NetworkPolicy shop/web`, `cluster` for what is about none. */
export function placeOf({ object, pointer }: ReportFinding): string {
  if (object === null) return 'cluster';
  const name = object.namespace === '' ? object.name : `${object.namespace}/${object.name}`;
  return `${object.kind} ${name}${pointer === '' ? '' : ` ${pointer}`}`;
}

/** The line that says what a report is about. */
export function titleOf({ framework, cluster }: ReportModel): string {
  return framework === null
    ? `Network policy audit of ${cluster}`
    : `${framework}: network policy evidence of ${cluster}`;
}

/** How many findings count, by weight, in words: `2 high, 1 low`, or `no findings`. */
export function tallyText(model: ReportModel): string {
  const parts = (['critical', 'high', 'medium', 'low', 'info'] as const).flatMap((severity) => {
    const count = activeFindings(model).filter((finding) => finding.severity === severity).length;
    return count === 0 ? [] : [`${String(count)} ${severity}`];
  });
  return parts.length === 0 ? 'no findings' : parts.join(', ');
}

/** What every compliance report must say of itself. */
export const EVIDENCE_NOTE =
  'A check is evidence for a control, not proof that it is met; controls that no check speaks of need a person.';

/** Which state it is about, and what is new since the audit before, where there is one. */
export function aboutText({ snapshot, createdAt, findings, resolved, checks, audit }: ReportModel): string {
  const when = snapshot === null ? createdAt : `${snapshot.takenAt}, snapshot ${String(snapshot.seq)}`;
  const state = `State of ${when}. ${String(checks.length)} checks`;
  if (audit.number <= 1) return `${state}.`;
  const fresh = findings.filter(({ isNew }) => isNew).length;
  return `${state}; ${String(fresh)} findings are new since the audit before, ${String(resolved)} are gone.`;
}

/** Findings that somebody accepted. */
export function acceptedFindings({ findings }: ReportModel): readonly ReportFinding[] {
  return findings.filter(({ suppression }) => suppression !== null);
}

/** `accepted by ann until 2027-01-01: lab`. */
export function acceptedText({ suppression }: ReportFinding): string {
  const { owner = '', reason = '', expiresAt = '' } = suppression ?? {};
  return `accepted by ${owner} until ${expiresAt.slice(0, 10)}: ${reason}`;
}

/** Checks that came to no result. */
export function unsettledChecks({ checks }: ReportModel): readonly ReportCheck[] {
  return checks.filter(({ outcome }) => ['unknown', 'skip', 'error'].includes(outcome));
}
