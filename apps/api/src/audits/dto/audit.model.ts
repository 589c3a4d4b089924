import { Field, ID, Int, ObjectType } from '@nestjs/graphql';
import { connectionOf } from '../../graphql/model/connection.model.js';
import {
  CheckAreaEnum,
  CheckOutcomeEnum,
  CheckScopeEnum,
  ConfidenceEnum,
  SeverityEnum,
} from '../../graphql/model/enums.js';
import { AnswerModel } from '../../graphql/model/shared.model.js';
import { JobModel } from '../../jobs/dto/job.model.js';
import { SeverityCountsModel } from './score.model.js';

@ObjectType('Check', { description: 'One thing that an audit looks for.' })
export class CheckModel {
  @Field(() => ID)
  readonly id!: string;

  @Field(() => String, { description: 'As `COV-02`.' })
  readonly number!: string;

  @Field(() => CheckAreaEnum)
  readonly area!: string;

  @Field(() => Boolean)
  readonly core!: boolean;

  @Field(() => String)
  readonly title!: string;

  @Field(() => String)
  readonly description!: string;

  @Field(() => String)
  readonly remediation!: string;

  @Field(() => SeverityEnum)
  readonly severity!: string;

  @Field(() => ConfidenceEnum)
  readonly confidence!: string;

  @Field(() => CheckScopeEnum)
  readonly scope!: string;

  @Field(() => [String])
  readonly compliance!: readonly string[];

  @Field(() => [String])
  readonly references!: readonly string[];
}

@ObjectType('OutcomeCounts', { description: 'Checks by what came of them.' })
export class OutcomeCountsModel {
  @Field(() => Int)
  readonly pass!: number;

  @Field(() => Int)
  readonly fail!: number;

  @Field(() => Int, { description: 'What is there does not settle it.' })
  readonly unknown!: number;

  @Field(() => Int)
  readonly notApplicable!: number;

  @Field(() => Int, { description: 'A source is missing.' })
  readonly skip!: number;

  @Field(() => Int)
  readonly error!: number;
}

@ObjectType('CheckResult')
export class CheckResultModel {
  @Field(() => ID)
  readonly check!: string;

  @Field(() => String)
  readonly number!: string;

  @Field(() => String)
  readonly title!: string;

  @Field(() => CheckOutcomeEnum)
  readonly outcome!: string;

  @Field(() => String)
  readonly reason!: string;

  @Field(() => Int)
  readonly findings!: number;

  @Field(() => Int)
  readonly suppressed!: number;
}

@ObjectType('Audit', {
  implements: () => [AnswerModel],
  description: 'An audit of one cluster. Counts leave out what is suppressed now.',
})
export class AuditModel extends AnswerModel {
  readonly __typename = 'Audit';

  @Field(() => ID)
  readonly id!: string;

  @Field(() => Int, { description: 'From 1 in each cluster.' })
  readonly number!: number;

  @Field(() => Date)
  readonly createdAt!: Date;

  @Field(() => String)
  readonly requester!: string;

  @Field(() => OutcomeCountsModel)
  readonly outcomes!: OutcomeCountsModel;

  @Field(() => SeverityCountsModel, { description: 'Findings that count, by weight.' })
  readonly severities!: SeverityCountsModel;

  @Field(() => Int)
  readonly suppressed!: number;

  @Field(() => Int, { description: 'Findings that the report before did not have.' })
  readonly added!: number;

  @Field(() => Int, { description: 'Findings that only the report before had.' })
  readonly resolved!: number;

  @Field(() => Int, { nullable: true })
  readonly score!: number | null;
}

export const AuditConnection = connectionOf('Audit', AuditModel);

@ObjectType('StartAuditPayload')
export class StartAuditPayloadModel {
  @Field(() => JobModel)
  readonly job!: JobModel;
}
