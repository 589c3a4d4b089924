import { setImmediate as breathe } from 'node:timers/promises';
import { Inject, Injectable } from '@nestjs/common';
import {
  SEVERITIES,
  startAudit,
  worstFirst,
  type AuditSettings,
  type Check,
  type CheckResult,
  type Finding,
} from '#checks';
import type { JobInput } from '#contracts';
import { ENGINE_VERSION, seenAgain, type CompiledSnapshot, type SeenFlow } from '#engine';
import {
  AssertionRepository,
  AuditRepository,
  DeliveryRepository,
  type NewFinding,
  type StoredCheckResult,
  FINDING_ORDER,
  firstOf,
} from '#store';
import type { ActiveJob, JobResult } from '../jobs/job-runner.js';
import { findingsOver, newFindings } from '../delivery/notices.js';
import { Drift } from '../drift/drift.usecase.js';
import { KeptFlows } from '../flows/kept-flows.usecase.js';
import { SnapshotReader, type LocatedSnapshot } from '../snapshot/snapshot-reader.js';
import { CheckCatalogue } from './check-catalogue.js';
import type { FindingDetail } from './finding-view.js';
import { knownNames, mentionsIn, type KnownNames } from './mentions.js';
import { PublishedLists } from './published-lists.js';

/** The worst new findings are told while the job runs; a report has them all. */
const MOST_TOLD = 50;
/** Critical and high: what channels are told of. */
const TOLD_SEVERITIES: readonly number[] = [0, 1];
/** Longest time that checks run without letting anything else run. */
const BREATHE_MS = 50;

/** Runs checks on one cluster and makes the report of it. */
@Injectable()
export class RunAudit {
  constructor(
    @Inject(SnapshotReader) private readonly reader: SnapshotReader,
    @Inject(CheckCatalogue) private readonly catalogue: CheckCatalogue,
    @Inject(AuditRepository) private readonly audits: AuditRepository,
    @Inject(DeliveryRepository) private readonly deliveries: DeliveryRepository,
    @Inject(Drift) private readonly drift: Drift,
    @Inject(PublishedLists) private readonly lists: PublishedLists,
    @Inject(KeptFlows) private readonly kept: KeptFlows,
    @Inject(AssertionRepository) private readonly assertions: AssertionRepository,
  ) {}

  /** @throws AppError `cluster.not_found`, `snapshot.not_found`, `request.invalid` (an unknown check) */
  async execute({ clusterId, checks: ids, seq }: JobInput<'audit.run'>, job: ActiveJob): Promise<JobResult> {
    const checks = await this.catalogue.chosen(ids);
    const located = await this.reader.locate(clusterId, seq === undefined ? undefined : { seq });
    const compiled = await this.reader.compiled(located);
    const settings = await this.settingsFor(located, checks);
    const results = await runInSteps(compiled, checks, settings, job);
    const findings = results.flatMap((result) => result.findings);
    const fresh = await this.tellNew(clusterId, findings, job);
    const names = knownNames(compiled);
    const report = { ...reportOf(located, results, names), id: job.run.id, requester: job.run.requester };
    const rows = findings.map((finding) => toRow(finding, names));
    return {
      result: `/api/v1/audits/${report.id}`,
      store: async (client) => {
        const number = await this.audits.save(client, report, rows);
        const told = { id: report.id, number, clusterId, cluster: located.cluster.name };
        const gone = await this.audits.over(client, clusterId, number, TOLD_SEVERITIES);
        for (const notice of findingsOver(told, gone)) await this.deliveries.add(client, notice);
        // What weighs little is not told, and what nobody found is not looked for.
        if (!fresh.some(({ severity }) => TOLD_SEVERITIES.includes(SEVERITIES.indexOf(severity)))) return;
        const filter = { clusterId, number, state: 'new', severities: TOLD_SEVERITIES, suppressed: 'exclude' } as const;
        const found = await this.audits.findings(filter, firstOf(FINDING_ORDER, MOST_TOLD), client);
        const notice = newFindings(told, found);
        if (notice !== null) await this.deliveries.add(client, notice);
      },
    };
  }

  /** What takes work to come by is looked up only where a check reads it. */
  private async settingsFor(located: LocatedSnapshot, checks: readonly Check[]): Promise<Partial<AuditSettings>> {
    const read = new Set(checks.flatMap(({ settings = [] }) => settings));
    const declared = read.has('declared') ? await this.drift.declared(located) : null;
    const addressLists = read.has('addressLists') ? await this.lists.all() : [];
    const flows = read.has('flows') ? await this.keptFlows(located) : null;
    const hasAssertions = read.has('hasAssertions') && (await this.assertions.get(located.cluster.id)) !== null;
    return { now: new Date().toISOString(), declared, addressLists, flows, hasAssertions };
  }

  private async keptFlows(located: LocatedSnapshot): Promise<readonly SeenFlow[] | null> {
    const { flows } = await this.kept.all(located);
    return flows.length === 0 ? null : flows.map(seenAgain);
  }

  private async tellNew(clusterId: string, findings: readonly Finding[], job: ActiveJob): Promise<readonly Finding[]> {
    if (findings.length === 0) return [];
    const known = await this.audits.openFingerprints(clusterId);
    const fresh = findings.filter((finding) => !known.has(finding.fingerprint));
    const worst = fresh.toSorted(worstFirst);
    const told = worst
      .slice(0, MOST_TOLD)
      .map(({ fingerprint, check, severity, title, object }) => ({ fingerprint, check, severity, title, object }));
    if (told.length > 0) await job.findings(told);
    return fresh;
  }
}

/** Lets other work in between: a worker has more than one job, and must keep its lease. */
async function runInSteps(
  snapshot: CompiledSnapshot,
  checks: readonly Check[],
  settings: Partial<AuditSettings>,
  job: ActiveJob,
): Promise<readonly CheckResult[]> {
  // What fixes would change is worked out when somebody looks at a finding.
  const audit = startAudit(snapshot, { settings, predictions: 0 });
  const results: CheckResult[] = [];
  let lastMs = performance.now();
  for (const check of checks) {
    results.push(audit.run(check));
    if (performance.now() - lastMs < BREATHE_MS) continue;
    await breathe();
    job.signal.throwIfAborted();
    await job.progress({ done: results.length, total: checks.length, phase: 'checks' });
    lastMs = performance.now();
  }
  return results;
}

function reportOf({ cluster, snapshot }: LocatedSnapshot, results: readonly CheckResult[], names: KnownNames) {
  const checks: StoredCheckResult[] = results.map(({ check, outcome, reason }) => ({
    check: check.id,
    outcome,
    reason,
    mentions: mentionsIn(reason, names),
  }));
  const having = (...outcomes: readonly string[]): string[] =>
    checks.filter(({ outcome }) => outcomes.includes(outcome)).map(({ check }) => check);
  return {
    clusterId: cluster.id,
    seq: snapshot.seq,
    takenAt: snapshot.takenAt,
    completeness: snapshot.completeness,
    engineVersion: ENGINE_VERSION,
    checks,
    failing: having('fail'),
    // A check that could not tell neither finds nor resolves anything.
    settled: having('pass', 'fail', 'not-applicable'),
  };
}

function toRow(finding: Finding, names: KnownNames): NewFinding {
  const { title, confidence, scope, object, pointer, related, evidence, counterexample, fix } = finding;
  const detail: FindingDetail = {
    title,
    confidence,
    scope,
    object,
    pointer,
    related,
    evidence,
    counterexample,
    fix,
  };
  return {
    fingerprint: finding.fingerprint,
    checkId: finding.check,
    severity: SEVERITIES.indexOf(finding.severity),
    namespace: object === null ? '' : object.kind === 'Namespace' ? object.name : object.namespace,
    kind: object?.kind ?? '',
    name: object?.name ?? '',
    mentions: mentionsIn(detail, names),
    detail,
  };
}
