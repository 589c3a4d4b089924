import { Inject, Injectable } from '@nestjs/common';
import { AppError, type MakeReportInput, type ReportQuery, type ReportsInput } from '#contracts';
import {
  AuditRepository,
  ClusterRepository,
  KeptReportRepository,
  REPORT_ORDER,
  type JobRunRecord,
  type KeptReportRecord,
  type ReportedFinding,
} from '#store';
import { demandFramework } from '../audits/frameworks.js';
import { demandWhole } from '../clusters/visible-cluster.js';
import { Jobs } from '../jobs/jobs.usecase.js';
import { CursorCodec } from '../paging/cursor-codec.js';
import { listWalk } from '../paging/list-walk.js';
import type { ListedPage } from '../paging/listed-page.js';
import { provenanceOf, type Provenance } from '../provenance/provenance.js';
import type { ReportFile } from './audit-reports.usecase.js';
import { ReportSigner } from './report-signer.js';

/** What differs between a report and another one of its cluster. */
export interface ReportComparison {
  readonly against: string;
  readonly againstCreatedAt: Date;
  readonly added: readonly ReportedFinding[];
  readonly gone: readonly ReportedFinding[];
  readonly still: number;
}

/** A kept report, and the state of the cluster that it is about. */
export interface KeptReportSummary
  extends
    Provenance,
    Omit<KeptReportRecord, 'clusterId' | 'cluster' | 'seq' | 'takenAt' | 'completeness' | 'findingCount'> {
  readonly findings: number;
}

/** A kept report, compared with the one before; null when it is the first of its kind. */
export interface KeptReport extends KeptReportSummary {
  readonly comparison: ReportComparison | null;
  /** What its signature is checked with, as PEM; null when it has none. */
  readonly publicKey: string | null;
}

export type KeptReportPage = ListedPage<KeptReportSummary>;

/** Reports that are made as jobs, kept in the forms they were asked for in, and compared with each other. */
@Injectable()
export class KeptReports {
  constructor(
    @Inject(KeptReportRepository) private readonly reports: KeptReportRepository,
    @Inject(AuditRepository) private readonly audits: AuditRepository,
    @Inject(ClusterRepository) private readonly clusters: ClusterRepository,
    @Inject(ReportSigner) private readonly signer: ReportSigner,
    @Inject(Jobs) private readonly jobs: Jobs,
    @Inject(CursorCodec) private readonly cursors: CursorCodec,
  ) {}

  /**
   * Starts the job that makes a report: of an audit, or of a new one.
   * @throws AppError `cluster.not_found`, `audit.not_found`, `request.invalid`, `forbidden`, `queue.unavailable`
   */
  async start({ cluster, ...content }: MakeReportInput): Promise<JobRunRecord> {
    const found = await this.clusters.get(cluster);
    demandWhole(found);
    demandFramework(content.framework);
    const { audit } = content;
    if (audit !== undefined && (await this.audits.find(audit))?.clusterId !== found.id) {
      throw new AppError('audit.not_found', `cluster \`${found.name}\` has no audit \`${audit}\`, list its audits`);
    }
    return this.jobs.start({ name: 'report.make', input: { ...content, clusterId: found.id }, clusterId: found.id });
  }

  /** @throws AppError `cluster.not_found`, `cursor.invalid` */
  async list({ cluster, ...input }: ReportsInput): Promise<KeptReportPage> {
    const clusterId = cluster === undefined ? null : (await this.clusters.get(cluster)).id;
    const walk = listWalk(this.cursors, ['reports', clusterId], REPORT_ORDER, input);
    const page = walk.page(await this.reports.list(clusterId, walk.keyset));
    return { ...page, items: page.items.map(summaryOf) };
  }

  /** @throws AppError `not_found`, `request.invalid` (`against` is of another cluster) */
  async get(id: string, { against }: ReportQuery): Promise<KeptReport> {
    const report = await this.reports.get(id);
    const other = against === undefined ? await this.reports.before(report) : await this.reports.get(against);
    if (other !== null && other.clusterId !== report.clusterId) {
      const detail = `report \`${other.id}\` is of another cluster, choose one of \`${report.cluster}\``;
      throw new AppError('request.invalid', detail, { errors: [{ pointer: '/against', detail }] });
    }
    return {
      ...summaryOf(report),
      comparison: other === null ? null : await this.compared(report, other),
      publicKey: report.signature === null ? null : this.signer.publicKey,
    };
  }

  /** One form of a report. @throws AppError `not_found` */
  async file(id: string, format: string): Promise<ReportFile> {
    const report = await this.reports.get(id);
    const kept = report.files.find((file) => file.format === format);
    const bytes = kept === undefined ? null : await this.reports.bytes(report.id, format);
    if (kept !== undefined && bytes !== null) return { bytes, mediaType: kept.mediaType, name: kept.name };
    const forms = report.files.map((file) => file.format).join(', ');
    throw new AppError('not_found', `the report is not kept as \`${format}\`, there is ${forms}`);
  }

  /** @throws AppError `not_found` */
  async remove(id: string): Promise<KeptReportRecord> {
    const report = await this.reports.get(id);
    await this.reports.remove(report.id);
    return report;
  }

  private async compared(report: KeptReportRecord, other: KeptReportRecord): Promise<ReportComparison> {
    const [now, then] = await Promise.all([this.reports.findings(report), this.reports.findings(other)]);
    const added = without(now, then);
    const still = now.length - added.length;
    return { against: other.id, againstCreatedAt: other.createdAt, added, gone: without(then, now), still };
  }
}

function summaryOf(report: KeptReportRecord): KeptReportSummary {
  const { clusterId, cluster, seq, takenAt, completeness, findingCount, engineVersion, ...plain } = report;
  const about = { id: clusterId, name: cluster, lastSyncedAt: null };
  const provenance = provenanceOf(about, { seq, takenAt, completeness }, false, new Date());
  return { ...plain, ...provenance, engineVersion, findings: findingCount };
}

/** Those of `findings` that are not among `others`. */
function without(findings: readonly ReportedFinding[], others: readonly ReportedFinding[]): ReportedFinding[] {
  const known = new Set(others.map(({ fingerprint }) => fingerprint));
  return findings.filter(({ fingerprint }) => !known.has(fingerprint));
}
