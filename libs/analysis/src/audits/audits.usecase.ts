import { Inject, Injectable } from '@nestjs/common';
import {
  frameworkScores,
  namespaceScores,
  overallScore,
  type FrameworkScore,
  type NamespaceScore,
  type Score,
} from '#checks';
import { AppError, isAppError, type AuditInput, type AuditsInput, type SortedPageInput } from '#contracts';
import { AUDIT_ORDER, AuditRepository, ClusterRepository, type AuditReportRecord, type JobRunRecord } from '#store';
import { Jobs } from '../jobs/jobs.usecase.js';
import { CursorCodec } from '../paging/cursor-codec.js';
import { listWalk } from '../paging/list-walk.js';
import type { ListedPage } from '../paging/listed-page.js';
import type { Provenance } from '../provenance/provenance.js';
import { SnapshotReader, type LocatedSnapshot } from '../snapshot/snapshot-reader.js';
import {
  activeCounts,
  auditAnswer,
  auditSummary,
  scoredChecks,
  type AuditAnswer,
  type AuditSummary,
  type VisibleAudit,
} from './audit-view.js';
import { CheckCatalogue } from './check-catalogue.js';

/** A page of something of each audit, the newest first. */
export type PageOfAudits<T> = ListedPage<T>;
export type AuditPage = PageOfAudits<AuditSummary>;

/** How a cluster stands: as a whole, by namespace and by framework. */
export interface AuditScores extends Provenance {
  readonly id: string;
  readonly overall: Score;
  readonly namespaces: readonly NamespaceScore[];
  readonly frameworks: readonly FrameworkScore[];
}

/** Audits: started as jobs, kept as reports. */
@Injectable()
export class Audits {
  constructor(
    @Inject(AuditRepository) private readonly audits: AuditRepository,
    @Inject(ClusterRepository) private readonly clusters: ClusterRepository,
    @Inject(SnapshotReader) private readonly reader: SnapshotReader,
    @Inject(CheckCatalogue) private readonly catalogue: CheckCatalogue,
    @Inject(Jobs) private readonly jobs: Jobs,
    @Inject(CursorCodec) private readonly cursors: CursorCodec,
  ) {}

  /**
   * Starts an audit: one job for one cluster, a flow with a job each for several.
   * @throws AppError `request.invalid` (an unknown check), `cluster.not_found`, `snapshot.not_found`, `queue.unavailable`
   */
  async start(input: AuditInput): Promise<JobRunRecord> {
    if (input.checks !== undefined) await this.catalogue.chosen(input.checks);
    const refs = input.clusters ?? (await this.clusters.all()).map((cluster) => cluster.id);
    const parts = await Promise.all(refs.map((ref) => this.part(ref, input)));
    const [only] = parts;
    return parts.length === 1 && only !== undefined
      ? this.jobs.start({ name: 'audit.run', ...only })
      : this.jobs.startFlow('audit.run', parts);
  }

  /** @throws AppError `cluster.not_found`, `cursor.invalid` */
  async list({ cluster, ...page }: AuditsInput): Promise<AuditPage> {
    const clusterId = cluster === undefined ? null : (await this.clusters.get(cluster)).id;
    const checks = await this.catalogue.byId();
    return this.page(clusterId, page, (audit) => auditSummary(audit, checks));
  }

  /** A page of the audits of a cluster, or of all, each told by `tell`. @throws AppError `cursor.invalid` */
  async page<T>(
    clusterId: string | null,
    input: SortedPageInput<'createdAt'>,
    tell: (audit: VisibleAudit) => T,
  ): Promise<PageOfAudits<T>> {
    const walk = listWalk(this.cursors, ['audits', clusterId], AUDIT_ORDER, input);
    const shown = walk.page(await this.audits.list(clusterId, walk.keyset));
    return { ...shown, items: (await this.visible(shown.items)).map(tell) };
  }

  /** @throws AppError `audit.not_found` */
  async get(id: string): Promise<AuditAnswer> {
    return auditAnswer(await this.open(id), await this.catalogue.byId());
  }

  /** The newest audit of a cluster. @throws AppError `cluster.not_found`, `audit.not_found` */
  async latest(cluster: string): Promise<AuditAnswer> {
    const { id, name } = await this.clusters.get(cluster);
    const report = await this.audits.latest(id);
    if (report === null) {
      throw new AppError('audit.not_found', `cluster \`${name}\` was not audited yet, start an audit of it`);
    }
    return this.get(report.id);
  }

  /** @throws AppError `audit.not_found` */
  async scores(id: string): Promise<AuditScores> {
    const audit = await this.open(id);
    const known = await this.catalogue.byId();
    const checks = scoredChecks(audit.report, known);
    const counts = activeCounts(audit.tally);
    const { asOf, completeness, engineVersion } = auditSummary(audit, known);
    return {
      asOf,
      completeness,
      engineVersion,
      id: audit.report.id,
      overall: overallScore(checks, counts),
      namespaces: namespaceScores(checks, counts, await this.namespaces(audit)),
      frameworks: frameworkScores(checks, counts),
    };
  }

  /** The report with what the caller may see of it. @throws AppError `audit.not_found` */
  async open(id: string): Promise<VisibleAudit> {
    const report = await this.audits.find(id);
    const [audit] = report === null ? [] : await this.visible([report]);
    if (audit !== undefined) return audit;
    throw new AppError('audit.not_found', `there is no audit \`${id}\`, list the audits to see their ids`);
  }

  private async part(ref: string, { checks, at }: AuditInput) {
    // A snapshot that is asked for must be there; the newest is looked up when the job runs.
    const located = at === undefined ? null : await this.reader.locate(ref, at);
    const cluster = located?.cluster ?? (await this.clusters.get(ref));
    const input = {
      clusterId: cluster.id,
      ...(checks === undefined ? {} : { checks: [...checks] }),
      ...(located === null ? {} : { seq: located.snapshot.seq }),
    };
    return { input, clusterId: cluster.id };
  }

  /** Reports of clusters that the caller may see, each with the findings that it may see. */
  private async visible(reports: readonly AuditReportRecord[]): Promise<VisibleAudit[]> {
    const byCluster = new Map<string, Omit<VisibleAudit, 'report'> | null>();
    for (const clusterId of new Set(reports.map((report) => report.clusterId))) {
      const numbers = reports.filter((report) => report.clusterId === clusterId).map((report) => report.number);
      byCluster.set(clusterId, await this.visibleOf(clusterId, numbers));
    }
    return reports.flatMap((report) => {
      const known = byCluster.get(report.clusterId);
      if (known === undefined || known === null) return [];
      const own = <T extends { readonly number: number }>(rows: readonly T[]): T[] =>
        rows.filter((row) => row.number === report.number);
      return [{ ...known, report, tally: own(known.tally), changes: own(known.changes) }];
    });
  }

  private async visibleOf(clusterId: string, numbers: readonly number[]): Promise<Omit<VisibleAudit, 'report'> | null> {
    const located = await this.locate(clusterId);
    if (located === null) return null;
    const { cluster, snapshot, sees } = located;
    const [tally, changes] = await Promise.all([
      this.audits.tally(clusterId, numbers),
      this.audits.changes(clusterId, numbers),
    ]);
    const seen = ({ namespace }: { readonly namespace: string }): boolean => sees(namespace);
    return { cluster, latestSeq: snapshot.seq, sees, tally: tally.filter(seen), changes: changes.filter(seen) };
  }

  private async locate(clusterId: string): Promise<LocatedSnapshot | null> {
    try {
      return await this.reader.locate(clusterId);
    } catch (error) {
      if (isAppError(error, 'cluster.not_found')) return null;
      throw error;
    }
  }

  /** Namespaces with pods in the snapshot that was audited; none when it is not kept any more. */
  private async namespaces({ cluster, report, sees }: VisibleAudit): Promise<string[]> {
    try {
      const compiled = await this.reader.compiled(await this.reader.locate(cluster.id, { seq: report.seq }));
      const names = compiled.endpoints.filter(({ kind }) => kind === 'pod').map((endpoint) => endpoint.namespace);
      return [...new Set(names)].filter(sees);
    } catch (error) {
      if (isAppError(error, 'snapshot.not_found')) return [];
      throw error;
    }
  }
}
