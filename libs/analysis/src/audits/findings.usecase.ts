import { Inject, Injectable } from '@nestjs/common';
import { frameworkOf, predictFix, SEVERITIES, type Check, type Prediction } from '#checks';
import { AppError, isAppError, type FindingsInput, type SortedPageInput } from '#contracts';
import { AuditRepository, FINDING_ORDER, firstOf, type FindingFilter } from '#store';
import { CursorCodec } from '../paging/cursor-codec.js';
import { listWalk } from '../paging/list-walk.js';
import type { ListedPage } from '../paging/listed-page.js';
import type { Provenance } from '../provenance/provenance.js';
import { SnapshotReader } from '../snapshot/snapshot-reader.js';
import { auditSummary, type VisibleAudit } from './audit-view.js';
import { Audits } from './audits.usecase.js';
import { CheckCatalogue } from './check-catalogue.js';
import { demandFramework } from './frameworks.js';
import { findingView, type FindingView } from './finding-view.js';

/** A page of findings, the worst first. */
export interface FindingPage extends Provenance, ListedPage<FindingView> {}

/** A finding with what its fix would change. */
export interface FindingAnswer extends Provenance {
  readonly finding: FindingView;
  /** Null when there is no manifest, and when the snapshot is not kept any more. */
  readonly prediction: Prediction | null;
}

/** What audits found. */
@Injectable()
export class Findings {
  constructor(
    @Inject(Audits) private readonly audits: Audits,
    @Inject(AuditRepository) private readonly rows: AuditRepository,
    @Inject(SnapshotReader) private readonly reader: SnapshotReader,
    @Inject(CheckCatalogue) private readonly catalogue: CheckCatalogue,
    @Inject(CursorCodec) private readonly cursors: CursorCodec,
  ) {}

  /** @throws AppError `audit.not_found`, `cursor.invalid`, `request.invalid` (an unknown framework) */
  async list(id: string, input: FindingsInput): Promise<FindingPage> {
    const { limit, cursor, sort, backward, ...filters } = input;
    const audit = await this.audits.open(id);
    const checks = await this.catalogue.byId();
    const walk = listWalk(this.cursors, ['findings', id, filters], FINDING_ORDER, { limit, cursor, sort, backward });
    const filter = await this.filterOf(audit, filters, checks);
    const page = walk.page(await this.rows.findings(filter, walk.keyset));
    const items = page.items.map((record) => findingView(record, checks.get(record.checkId), audit.sees));
    return { ...this.provenance(audit, checks), ...page, items };
  }

  /** One finding; what its fix would change is worked out now. @throws AppError `audit.not_found`, `not_found` */
  async get(id: string, fingerprint: string): Promise<FindingAnswer> {
    const audit = await this.audits.open(id);
    const checks = await this.catalogue.byId();
    const { clusterId, number } = audit.report;
    const filter = { clusterId, number, state: 'current', fingerprint, suppressed: 'include' } as const;
    const [record] = await this.rows.findings(filter, firstOf(FINDING_ORDER, 1));
    if (record === undefined || !audit.sees(record.namespace)) {
      throw new AppError('not_found', `audit \`${id}\` has no finding \`${fingerprint}\``);
    }
    const finding = findingView(record, checks.get(record.checkId), audit.sees);
    return { ...this.provenance(audit, checks), finding, prediction: await this.predict(audit, finding) };
  }

  private provenance(audit: VisibleAudit, checks: ReadonlyMap<string, Check>): Provenance {
    const { asOf, completeness, engineVersion } = auditSummary(audit, checks);
    return { asOf, completeness, engineVersion };
  }

  private async filterOf(
    audit: VisibleAudit,
    input: Omit<FindingsInput, keyof SortedPageInput>,
    checks: ReadonlyMap<string, Check>,
  ): Promise<FindingFilter> {
    const { clusterId, number } = audit.report;
    const known = await this.rows.namespacesOf(clusterId);
    const wanted = input.namespace;
    return {
      clusterId,
      number,
      state: input.state,
      suppressed: input.suppressed,
      checks: withFramework(input.check, input.framework, checks),
      severities: input.severity?.map((severity) => SEVERITIES.indexOf(severity)),
      namespaces: known.filter((name) => audit.sees(name) && (wanted === undefined || wanted.includes(name))),
    };
  }

  /** A fix may change what the caller does not see: who does not see all of it is told nothing. */
  private async predict({ cluster, report }: VisibleAudit, { fix }: FindingView): Promise<Prediction | null> {
    if (fix === null) return null;
    try {
      const located = await this.reader.locate(cluster.id, { seq: report.seq });
      return located.scope.isWhole ? predictFix(await this.reader.compiled(located), fix) : null;
    } catch (error) {
      if (isAppError(error, 'snapshot.not_found')) return null;
      throw error;
    }
  }
}

/** Ids of checks to keep: those named, and of them those that are evidence for the framework. */
function withFramework(
  ids: readonly string[] | undefined,
  framework: string | undefined,
  checks: ReadonlyMap<string, Check>,
): readonly string[] | undefined {
  if (framework === undefined) return ids;
  demandFramework(framework);
  const members = [...checks.values()].filter((check) =>
    check.compliance.some((key) => frameworkOf(key) === framework),
  );
  return members.map((check) => check.id).filter((id) => ids === undefined || ids.includes(id));
}
