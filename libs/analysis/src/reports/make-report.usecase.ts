import { Inject, Injectable } from '@nestjs/common';
import type { JobInput, ReportFormat } from '#contracts';
import { activeFindings, placeOf, renderAside, type RenderedFile, type ReportModel } from '#reports';
import { AuditRepository, Database, DeliveryRepository, KeptReportRepository, type NewReportFile } from '#store';
import { RunAudit } from '../audits/run-audit.usecase.js';
import type { ActiveJob, JobResult } from '../jobs/job-runner.js';
import { reportReady } from '../delivery/notices.js';
import { AuditReports, fileOf } from './audit-reports.usecase.js';
import { ReportSigner } from './report-signer.js';

/** Makes a report in the forms asked for, and keeps it. */
@Injectable()
export class MakeReport {
  constructor(
    @Inject(AuditReports) private readonly reports: AuditReports,
    @Inject(AuditRepository) private readonly audits: AuditRepository,
    @Inject(RunAudit) private readonly runAudit: RunAudit,
    @Inject(KeptReportRepository) private readonly kept: KeptReportRepository,
    @Inject(DeliveryRepository) private readonly deliveries: DeliveryRepository,
    @Inject(ReportSigner) private readonly signer: ReportSigner,
    @Inject(Database) private readonly database: Database,
  ) {}

  /** @throws AppError `audit.not_found`, `cluster.not_found`, `snapshot.not_found`, `request.invalid` */
  async execute(input: JobInput<'report.make'>, job: ActiveJob): Promise<JobResult> {
    const { clusterId, formats, framework } = input;
    const auditId = input.audit ?? (await this.ownAudit(clusterId, job));
    job.signal.throwIfAborted();
    const [model, audit] = await Promise.all([this.reports.modelOf(auditId, framework), this.audits.find(auditId)]);
    await job.progress({ done: 0, total: formats.length, phase: 'formats' });
    const { digest, files } = await renderAside(model, formats);
    const report = {
      id: job.run.id,
      clusterId,
      auditId,
      framework: model.framework,
      seq: audit?.seq ?? 0,
      takenAt: audit?.takenAt ?? new Date(model.createdAt),
      completeness: audit?.completeness ?? {},
      engineVersion: model.engineVersion,
      score: model.overall.score,
      findings: reported(model),
      digest,
      signature: this.signer.sign(digest),
      requester: job.run.requester,
      files: formats.map((format, at) => keptFile(model, format, files[at] as RenderedFile)),
    };
    return {
      result: `/api/v1/reports/${report.id}`,
      store: async (client) => {
        await this.kept.save(client, report);
        const said = { ...report, cluster: model.cluster, findings: report.findings.length };
        await this.deliveries.add(client, reportReady(said));
      },
    };
  }

  /** An audit of now, under the job's id: a try that comes again finds the one that is there. */
  private async ownAudit(clusterId: string, job: ActiveJob): Promise<string> {
    if ((await this.audits.find(job.run.id)) === null) {
      const { store } = await this.runAudit.execute({ clusterId }, job);
      await this.database.transaction(async (client) => store?.(client));
    }
    return job.run.id;
  }
}

function keptFile(model: ReportModel, format: ReportFormat, file: RenderedFile): NewReportFile {
  return { format, ...fileOf(model, format, file), sha256: file.sha256 };
}

function reported(model: ReportModel) {
  return activeFindings(model).map((finding) => {
    const { fingerprint, check, severity, title } = finding;
    return { fingerprint, check, severity, title, place: placeOf(finding) };
  });
}
