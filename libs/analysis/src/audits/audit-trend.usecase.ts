import { Inject, Injectable } from '@nestjs/common';
import { frameworkOf, frameworkScores, namespaceScores, overallScore, type Check, type Score } from '#checks';
import type { AuditTrendInput } from '#contracts';
import { AuditRepository, ClusterRepository, type FindingChanges } from '#store';
import type { Provenance } from '../provenance/provenance.js';
import { activeCounts, auditSummary, scoredChecks, sum, type VisibleAudit } from './audit-view.js';
import { Audits, type PageOfAudits } from './audits.usecase.js';
import { CheckCatalogue } from './check-catalogue.js';
import { demandFramework } from './frameworks.js';

/** A score, and what came and went since the audit before; suppressed findings included in these two. */
export interface TrendScore extends Score {
  readonly added: number;
  readonly resolved: number;
}

/** How a cluster stood at one audit. */
export interface TrendPoint extends Provenance {
  /** Of the audit. */
  readonly id: string;
  readonly number: number;
  readonly createdAt: Date;
  readonly overall: TrendScore;
  /** From the first audit on that found something in it; '' for what lies in none. */
  readonly namespaces: readonly (TrendScore & { readonly namespace: string })[];
  readonly frameworks: readonly (TrendScore & { readonly framework: string })[];
}

/** The scores of a cluster from audit to audit, by what is suppressed now. */
@Injectable()
export class AuditTrend {
  constructor(
    @Inject(Audits) private readonly audits: Audits,
    @Inject(AuditRepository) private readonly rows: AuditRepository,
    @Inject(ClusterRepository) private readonly clusters: ClusterRepository,
    @Inject(CheckCatalogue) private readonly catalogue: CheckCatalogue,
  ) {}

  /**
   * The newest audit first.
   * @throws AppError `cluster.not_found`, `cursor.invalid`, `request.invalid` (an unknown framework)
   */
  async of(cluster: string, { namespace, framework, ...page }: AuditTrendInput): Promise<PageOfAudits<TrendPoint>> {
    framework?.forEach(demandFramework);
    const { id } = await this.clusters.get(cluster);
    const [checks, since] = await Promise.all([this.catalogue.byId(), this.rows.firstFindings(id)]);
    return this.audits.page(id, page, (audit) => {
      const point = trendPoint(audit, checks, since);
      return {
        ...point,
        namespaces: point.namespaces.filter((one) => namespace?.includes(one.namespace) ?? true),
        frameworks: point.frameworks.filter((one) => framework?.includes(one.framework) ?? true),
      };
    });
  }
}

function trendPoint(
  audit: VisibleAudit,
  known: ReadonlyMap<string, Check>,
  since: ReadonlyMap<string, number>,
): TrendPoint {
  const { report, changes } = audit;
  const { asOf, completeness, engineVersion, id, number, createdAt } = auditSummary(audit, known);
  const checks = scoredChecks(report, known);
  const counts = activeCounts(audit.tally);
  const namespaces = [...since].filter(([name, first]) => first <= number && audit.sees(name)).map(([name]) => name);
  const isOf = (framework: string, checkId: string): boolean =>
    known.get(checkId)?.compliance.some((key) => frameworkOf(key) === framework) ?? false;
  return {
    asOf,
    completeness,
    engineVersion,
    id,
    number,
    createdAt,
    overall: { ...overallScore(checks, counts), ...moved(changes) },
    namespaces: namespaceScores(checks, counts, namespaces).map((score) => ({
      ...score,
      ...moved(changes.filter((row) => row.namespace === score.namespace)),
    })),
    frameworks: frameworkScores(checks, counts).map(({ controls: _, ...score }) => ({
      ...score,
      ...moved(changes.filter((row) => isOf(score.framework, row.checkId))),
    })),
  };
}

function moved(changes: readonly FindingChanges[]): Pick<TrendScore, 'added' | 'resolved'> {
  return { added: sum(changes.map((row) => row.added)), resolved: sum(changes.map((row) => row.resolved)) };
}
