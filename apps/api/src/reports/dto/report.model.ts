import { ArgsType, Field, ID, InputType, Int, ObjectType } from '@nestjs/graphql';
import { reportsInput } from '#contracts';
import { connectionOf } from '../../graphql/model/connection.model.js';
import { ReportFormatEnum, SeverityEnum } from '../../graphql/model/enums.js';
import { AsOfModel, CompletenessModel } from '../../graphql/model/shared.model.js';
import { PageArgs } from '../../graphql/page.args.js';
import { JobModel } from '../../jobs/dto/job.model.js';
import { SortField } from '../../graphql/sort.field.js';

@ObjectType('ReportFile')
export class ReportFileModel {
  @Field(() => ReportFormatEnum)
  readonly format!: string;

  @Field(() => String)
  readonly name!: string;

  @Field(() => String)
  readonly mediaType!: string;

  @Field(() => String)
  readonly sha256!: string;

  @Field(() => Int, { description: 'Bytes.' })
  readonly size!: number;
}

@ObjectType('ReportedFinding')
export class ReportedFindingModel {
  @Field(() => ID)
  readonly fingerprint!: string;

  @Field(() => String)
  readonly check!: string;

  @Field(() => SeverityEnum)
  readonly severity!: string;

  @Field(() => String)
  readonly title!: string;

  @Field(() => String, { description: 'As `NetworkPolicy shop/web`.' })
  readonly place!: string;
}

@ObjectType('ReportComparison', { description: 'What differs between a report and another one of its cluster.' })
export class ReportComparisonModel {
  @Field(() => ID)
  readonly against!: string;

  @Field(() => Date)
  readonly againstCreatedAt!: Date;

  @Field(() => [ReportedFindingModel])
  readonly added!: readonly ReportedFindingModel[];

  @Field(() => [ReportedFindingModel])
  readonly gone!: readonly ReportedFindingModel[];

  @Field(() => Int, { description: 'How many findings both have.' })
  readonly still!: number;
}

@ObjectType('Report', { description: 'A kept report. Its forms are at `/api/v1/reports/{id}/files/{format}`.' })
export class ReportModel {
  @Field(() => ID)
  readonly id!: string;

  @Field(() => ID, { description: 'The audit that it reports.' })
  readonly auditId!: string;

  @Field(() => String, { nullable: true, description: 'Null for every check.' })
  readonly framework!: string | null;

  @Field(() => Int, { nullable: true, description: '0 to 100; null when no check came to a result.' })
  readonly score!: number | null;

  @Field(() => Int, { description: 'Findings that nobody accepted.' })
  readonly findings!: number;

  @Field(() => String, { description: 'SHA-256 over the whole content, the same in every form.' })
  readonly digest!: string;

  @Field(() => String, { nullable: true, description: 'Ed25519 over the text of the digest, Base64.' })
  readonly signature!: string | null;

  @Field(() => String)
  readonly requester!: string;

  @Field(() => Date)
  readonly createdAt!: Date;

  @Field(() => [ReportFileModel])
  readonly files!: readonly ReportFileModel[];

  @Field(() => AsOfModel)
  readonly asOf!: AsOfModel;

  @Field(() => CompletenessModel)
  readonly completeness!: CompletenessModel;

  @Field(() => String)
  readonly engineVersion!: string;
}

@ObjectType('ReportAnswer', { description: 'A report, compared with the one before or with another one.' })
export class ReportAnswerModel {
  @Field(() => ReportModel)
  readonly report!: ReportModel;

  @Field(() => ReportComparisonModel, { nullable: true, description: 'Null for the first of its kind.' })
  readonly comparison!: ReportComparisonModel | null;

  @Field(() => String, { nullable: true, description: 'What the signature is checked with, PEM.' })
  readonly publicKey!: string | null;
}

export const ReportConnection = connectionOf('Report', ReportModel);

@ObjectType('MakeReportPayload')
export class MakeReportPayloadModel {
  @Field(() => JobModel)
  readonly job!: JobModel;
}

@ObjectType('RemoveReportPayload')
export class RemoveReportPayloadModel {
  @Field(() => ID)
  readonly removedReportId!: string;
}

@InputType('MakeReportInput')
export class MakeReportInputModel {
  @Field(() => String, { description: 'Name or id.' })
  readonly cluster!: string;

  @Field(() => [ReportFormatEnum], { nullable: true, description: 'The forms to keep it in; HTML when left out.' })
  readonly formats?: readonly string[] | null;

  @Field(() => String, { nullable: true, description: 'Only the controls of this framework.' })
  readonly framework?: string | null;

  @Field(() => ID, { nullable: true, description: 'The audit to report; a new one is made when left out.' })
  readonly audit?: string | null;
}

@InputType('ReportInput')
export class ReportInputModel {
  @Field(() => ID)
  readonly report!: string;
}

@ArgsType()
export class ReportsArgs extends PageArgs {
  @SortField(reportsInput)
  readonly sort?: string | null;

  @Field(() => String, { nullable: true, description: 'Name or id.' })
  readonly cluster?: string | null;
}

@ArgsType()
export class ReportArgs {
  @Field(() => ID)
  readonly id!: string;

  @Field(() => ID, { nullable: true, description: 'Another report of the cluster; the one before when left out.' })
  readonly against?: string | null;
}
