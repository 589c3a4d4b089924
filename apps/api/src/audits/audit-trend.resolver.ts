import { Inject } from '@nestjs/common';
import { Args, Query, Resolver } from '@nestjs/graphql';
import { AuditTrend } from '#analysis';
import { auditTrendInput, parseInput } from '#contracts';
import type { Connection } from '../graphql/model/connection.model.js';
import { FieldAction } from '../access/action.decorator.js';
import type { Shape } from '../graphql/model/shape.js';
import { filtersOf, pageOf } from '../graphql/page.args.js';
import { toAnswer, toConnection } from '../graphql/shared.mapper.js';
import { AuditTrendArgs } from './dto/audit.input.js';
import { AuditTrendConnection, type TrendPointModel } from './dto/trend.model.js';

@Resolver()
export class AuditTrendResolver {
  constructor(@Inject(AuditTrend) private readonly trend: AuditTrend) {}

  @Query(() => AuditTrendConnection, {
    description: 'Scores of a cluster from audit to audit, by namespace and by framework; the newest first.',
  })
  @FieldAction('audit.read')
  async auditTrend(@Args() args: AuditTrendArgs): Promise<Connection<Shape<TrendPointModel>>> {
    const { cluster: _, ...filters } = filtersOf(args);
    const page = await this.trend.of(args.cluster, parseInput(auditTrendInput, { ...filters, ...pageOf(args) }));
    const points = page.items.map((point) => ({ __typename: 'TrendPoint' as const, ...point, ...toAnswer(point) }));
    return toConnection(points, page, args);
  }
}
