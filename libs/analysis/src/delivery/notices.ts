import { SEVERITIES } from '#checks';
import type { AssertionBreach, AssertionResult } from '#engine';
import type {
  AssertionCheck,
  FindingRecord,
  NewNotice,
  Notice,
  ScheduleRecord,
  ScheduleRunPart,
  UntoldRun,
} from '#store';
import type { FindingDetail } from '../audits/finding-view.js';

const NONE: Pick<Notice, 'facts' | 'text' | 'path' | 'isOver' | 'reportId'> = {
  facts: [],
  text: '',
  path: '',
  isOver: false,
  reportId: null,
};
/** Of many findings the first are told; the address leads to all. */
const MOST_FACTS = 10;

interface ToldAudit {
  readonly id: string;
  readonly number: number;
  readonly clusterId: string;
  readonly cluster: string;
}

/** The new findings of an audit that weigh enough to be told; null without any. */
export function newFindings(audit: ToldAudit, found: readonly FindingRecord[]): NewNotice | null {
  const [worst] = found;
  if (worst === undefined) return null;
  const { id, number, clusterId, cluster } = audit;
  const count = found.length === 1 ? 'A new finding' : `${String(found.length)} new findings`;
  const notice: Notice = {
    ...NONE,
    severity: SEVERITIES[worst.severity] === 'critical' ? 'critical' : 'error',
    title: `${count} in ${cluster}: ${titleOf(worst)}`,
    facts: factsOf(found),
    path: `/api/v1/audits/${id}/findings?state=new`,
    matter: findingsMatter(clusterId, number),
  };
  return { event: 'finding.new', key: id, clusterId, notice };
}

/** For each audit whose findings are all gone with this one, that they are. */
export function findingsOver(audit: ToldAudit, gone: readonly FindingRecord[]): NewNotice[] {
  const { id, clusterId, cluster } = audit;
  return [...new Set(gone.map(({ firstNumber }) => firstNumber))].map((number) => {
    const together = gone.filter(({ firstNumber }) => firstNumber === number);
    const count = together.length === 1 ? 'A finding' : `${String(together.length)} findings`;
    const notice: Notice = {
      ...NONE,
      severity: 'info',
      title: `${count} in ${cluster} resolved: ${together.slice(0, 1).map(titleOf).join('')}`,
      facts: factsOf(together),
      path: `/api/v1/audits/${id}/findings?state=resolved`,
      matter: findingsMatter(clusterId, number),
      isOver: true,
    };
    return { event: 'finding.resolved', key: `${id} ${String(number)}`, clusterId, notice };
  });
}

/** What an audit was the first to find. */
function findingsMatter(clusterId: string, number: number): string {
  return `findings ${clusterId} ${String(number)}`;
}

function titleOf({ detail }: FindingRecord): string {
  return (detail as FindingDetail).title;
}

function factsOf(findings: readonly FindingRecord[]): Notice['facts'] {
  return findings.slice(0, MOST_FACTS).map((finding) => ({
    name: `${SEVERITIES[finding.severity] ?? ''} ${finding.checkId}`,
    value: titleOf(finding),
  }));
}

export function reportReady(report: {
  readonly id: string;
  readonly clusterId: string;
  readonly cluster: string;
  readonly framework: string | null;
  readonly score: number | null;
  readonly findings: number;
  readonly digest: string;
}): NewNotice {
  const { id, clusterId, cluster, framework, score, findings, digest } = report;
  const notice: Notice = {
    ...NONE,
    severity: 'info',
    title: `Report of ${cluster} is ready: ${String(findings)} findings, score ${score === null ? 'unknown' : String(score)}`,
    facts: [
      { name: 'framework', value: framework ?? 'all checks' },
      { name: 'digest', value: digest },
    ],
    path: `/api/v1/reports/${id}`,
    matter: `report ${id}`,
    isOver: true,
    reportId: id,
  };
  return { event: 'report.ready', key: id, clusterId, notice };
}

/** What turned an expectation: the snapshot in which it did, and what changed there. */
export interface Turn {
  readonly seq: number;
  readonly takenAt: Date;
  readonly causes: readonly { readonly text: string }[];
}

/** An expectation that broke, cannot be told any more, or holds again: the ways that are not as expected, and why. */
export function assertionTurned(
  cluster: { readonly id: string; readonly name: string },
  eventId: string,
  { name, owner, outcome, result }: AssertionCheck,
  { seq, takenAt, causes }: Turn,
): NewNotice {
  const { breaches } = result as AssertionResult;
  const said = { pass: 'holds again', fail: 'is broken', unknown: 'cannot be told', error: 'cannot be checked' }[
    outcome
  ];
  const notice: Notice = {
    ...NONE,
    severity: outcome === 'pass' ? 'info' : outcome === 'fail' ? 'error' : 'warning',
    title: `Expectation ${said} in ${cluster.name}: ${name}`,
    text: outcome === 'fail' ? brokenWords(result as AssertionResult) : '',
    facts: [
      ...breaches.slice(0, MOST_BREACHES).map(breachFact),
      ...causes.slice(0, MOST_BREACHES).map(({ text }) => ({ name: 'because', value: text })),
      { name: 'since', value: `snapshot ${String(seq)} of ${takenAt.toISOString()}` },
      ...(owner === '' ? [] : [{ name: 'owner', value: owner }]),
    ],
    path: `/api/v1/clusters/${cluster.id}/assertions/events`,
    matter: `assertion ${cluster.id} ${name}`,
    isOver: outcome === 'pass',
  };
  return { event: 'assertion.turned', key: eventId, clusterId: cluster.id, notice };
}

const MOST_BREACHES = 3;

function brokenWords({ expect, broken, checked }: AssertionResult): string {
  const ways = checked === 1 ? 'way' : 'ways';
  return `Expected ${expect}: ${String(broken)} of ${String(checked)} ${ways} ${broken === 1 ? 'is' : 'are'} not.`;
}

function breachFact({ from, to, protocol, port, verdict, summary }: AssertionBreach): Notice['facts'][number] {
  const on = port === null ? protocol : `${protocol} ${String(port)}`;
  return { name: `${from} → ${to} on ${on}`, value: verdict === null ? summary : `${verdict}: ${summary}` };
}

/** What the jobs of a schedule came to, as a whole; where it is about several clusters, also in each of them. */
export function scheduleResults({ schedule, run, parts }: UntoldRun): readonly NewNotice[] {
  const { id, clusterIds } = schedule;
  const only = clusterIds?.length === 1 ? (clusterIds[0] ?? null) : null;
  const key = `${id} ${run.dueAt.toISOString()}`;
  const whole: NewNotice = {
    event: 'schedule.result',
    key,
    clusterId: only,
    notice: resultNotice(schedule, run.dueAt, { ...run, where: '', matter: `schedule ${id}` }),
  };
  if (only !== null) return [whole];
  const ofParts = parts.map((part): NewNotice => {
    const { clusterId, cluster } = part;
    const matter = `schedule ${id} ${clusterId}`;
    const notice = resultNotice(schedule, run.dueAt, { ...part, where: ` in ${cluster}`, matter });
    return { event: 'schedule.result', key: `${key} ${clusterId}`, clusterId, isPart: true, notice };
  });
  return [whole, ...ofParts];
}

interface Result extends Pick<ScheduleRunPart, 'jobId' | 'state' | 'error'> {
  readonly where: string;
  readonly matter: string;
}

function resultNotice(
  { name, task }: ScheduleRecord,
  dueAt: Date,
  { jobId, state, error, where, matter }: Result,
): Notice {
  const isWell = state === 'succeeded';
  return {
    ...NONE,
    severity: isWell ? 'info' : 'error',
    title: `Schedule ${name} ${state}${where}: ${task.type} of ${dueAt.toISOString()}`,
    text: error,
    path: `/api/v1/jobs/${jobId}`,
    matter,
    isOver: isWell,
  };
}
