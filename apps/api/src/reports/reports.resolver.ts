import { Inject } from '@nestjs/common';
import { Args, Mutation, Query, Resolver } from '@nestjs/graphql';
import { KeptReports } from '#analysis';
import { makeReportInput, parseInput, reportQuery, reportsInput } from '#contracts';
import type { Connection } from '../graphql/model/connection.model.js';
import { FieldAction } from '../access/action.decorator.js';
import type { Shape } from '../graphql/model/shape.js';
import { orNull } from '../graphql/or-null.js';
import { filtersOf, pageOf } from '../graphql/page.args.js';
import { toConnection } from '../graphql/shared.mapper.js';
import { withoutNulls } from '../graphql/without-nulls.js';
import { toJobModel } from '../jobs/jobs.resolver.js';
import {
  MakeReportInputModel,
  MakeReportPayloadModel,
  RemoveReportPayloadModel,
  ReportAnswerModel,
  ReportArgs,
  ReportConnection,
  ReportInputModel,
  ReportModel,
  ReportsArgs,
} from './dto/report.model.js';

@Resolver(() => ReportModel)
export class ReportsResolver {
  constructor(@Inject(KeptReports) private readonly reports: KeptReports) {}

  @Query(() => ReportConnection, { name: 'reports', description: 'Kept reports, the newest first.' })
  @FieldAction('report.read')
  async list(@Args() args: ReportsArgs): Promise<Connection<Shape<ReportModel>>> {
    const page = await this.reports.list(parseInput(reportsInput, { ...filtersOf(args), ...pageOf(args) }));
    return toConnection(page.items, page, args);
  }

  @Query(() => ReportAnswerModel, { nullable: true, description: 'One kept report, null when there is none.' })
  @FieldAction('report.read')
  async report(@Args() { id, against }: ReportArgs): Promise<Shape<ReportAnswerModel> | null> {
    return orNull('not_found', async () => {
      const found = await this.reports.get(id, parseInput(reportQuery, withoutNulls({ against })));
      const { comparison, publicKey, ...report } = found;
      return { report, comparison, publicKey };
    });
  }

  @Mutation(() => MakeReportPayloadModel, { description: 'Has a report made and kept.' })
  @FieldAction('report.write')
  async makeReport(
    @Args('input', { type: () => MakeReportInputModel }) input: MakeReportInputModel,
  ): Promise<Shape<MakeReportPayloadModel>> {
    return { job: toJobModel(await this.reports.start(parseInput(makeReportInput, withoutNulls(input)))) };
  }

  @Mutation(() => RemoveReportPayloadModel, { description: 'Deletes a kept report.' })
  @FieldAction('report.write')
  async removeReport(
    @Args('input', { type: () => ReportInputModel }) { report }: ReportInputModel,
  ): Promise<Shape<RemoveReportPayloadModel>> {
    return { removedReportId: (await this.reports.remove(report)).id };
  }
}
