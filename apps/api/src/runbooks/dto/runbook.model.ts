import { createUnionType, Field, ID, Int, IntersectionType, ObjectType, PickType } from '@nestjs/graphql';
import {
  FindingFixActionEnum,
  RunResultEnum,
  RunbookInputEnum,
  StepOutcomeEnum,
  StepSourceEnum,
} from '../../graphql/model/enums.js';
import { JsonScalar } from '../../graphql/json.scalar.js';
import { connectionOf } from '../../graphql/model/connection.model.js';
import { AnswerModel, typeOf } from '../../graphql/model/shared.model.js';
import { ClusterNotFoundModel, SnapshotNotFoundModel } from '../../reachability/dto/reachability.model.js';

@ObjectType('RunbookStepDefinition', { description: 'A step as the runbook has it.' })
export class RunbookStepDefinitionModel {
  @Field(() => String)
  readonly id!: string;

  @Field(() => String)
  readonly title!: string;

  @Field(() => StepSourceEnum)
  readonly source!: string;

  @Field(() => String)
  readonly expected!: string;
}

@ObjectType('Runbook', { description: 'An ordered procedure for one symptom.' })
export class RunbookModel {
  @Field(() => ID, { description: 'As `service-unreachable`.' })
  readonly id!: string;

  @Field(() => String, { description: 'As `RB-1`.' })
  readonly number!: string;

  @Field(() => String, { description: 'The symptom.' })
  readonly title!: string;

  @Field(() => String)
  readonly description!: string;

  @Field(() => [RunbookInputEnum], { description: 'Inputs that a run must have.' })
  readonly needs!: readonly string[];

  @Field(() => [RunbookInputEnum], { description: 'Inputs that a run may have.' })
  readonly takes!: readonly string[];

  @Field(() => [String], { description: 'Alerts that lead to it by name.' })
  readonly alerts!: readonly string[];

  @Field(() => [RunbookStepDefinitionModel])
  readonly steps!: readonly RunbookStepDefinitionModel[];
}

@ObjectType('RunbookEvidence')
export class RunbookEvidenceModel {
  @Field(() => String)
  readonly what!: string;

  @Field(() => String)
  readonly value!: string;
}

@ObjectType('RunbookStep', { description: 'What one step found.' })
export class RunbookStepModel {
  @Field(() => String)
  readonly id!: string;

  @Field(() => String)
  readonly title!: string;

  @Field(() => StepOutcomeEnum)
  readonly outcome!: string;

  @Field(() => String, { description: 'The value, one line.' })
  readonly found!: string;

  @Field(() => String, { description: 'Where it was read.' })
  readonly source!: string;

  @Field(() => String)
  readonly expected!: string;

  @Field(() => [RunbookEvidenceModel])
  readonly evidence!: readonly RunbookEvidenceModel[];

  @Field(() => String, { description: 'What to do next, empty to go on.' })
  readonly next!: string;

  @Field(() => Boolean, { description: 'Whether it settled the run.' })
  readonly conclusive!: boolean;
}

@ObjectType('PredictedChange')
export class PredictedChangeModel {
  @Field(() => String)
  readonly source!: string;

  @Field(() => String)
  readonly destination!: string;

  @Field(() => String)
  readonly opens!: string;

  @Field(() => String)
  readonly closes!: string;
}

@ObjectType('Prediction', { description: 'Pairs of peers that a fix would open and close.' })
export class PredictionModel {
  @Field(() => Int)
  readonly opened!: number;

  @Field(() => Int)
  readonly closed!: number;

  @Field(() => [PredictedChangeModel])
  readonly changes!: readonly PredictedChangeModel[];
}

@ObjectType('RunbookFix', { description: 'Nothing is ever applied by this service.' })
export class RunbookFixModel {
  @Field(() => FindingFixActionEnum)
  readonly action!: string;

  @Field(() => String)
  readonly title!: string;

  @Field(() => String, { description: 'YAML, or the command of a deletion.' })
  readonly manifest!: string;

  @Field(() => String)
  readonly note!: string;

  @Field(() => PredictionModel, { nullable: true })
  readonly prediction!: PredictionModel | null;
}

@ObjectType('RunbookRun', { implements: () => [AnswerModel], description: 'The answer, the evidence, the fix.' })
export class RunbookRunModel extends AnswerModel {
  @Field(() => ID)
  readonly id!: string;

  @Field(() => String)
  readonly runbook!: string;

  @Field(() => String)
  readonly number!: string;

  @Field(() => String, { description: 'The symptom.' })
  readonly title!: string;

  @Field(() => RunResultEnum)
  readonly result!: string;

  @Field(() => String, { description: 'One line.' })
  readonly answer!: string;

  @Field(() => [RunbookStepModel])
  readonly steps!: readonly RunbookStepModel[];

  @Field(() => [String])
  readonly advice!: readonly string[];

  @Field(() => RunbookFixModel, { nullable: true })
  readonly fix!: RunbookFixModel | null;

  @Field(() => [String], { description: 'What could not be looked at and might have settled it.' })
  readonly missing!: readonly string[];
}

@ObjectType('PastRunbookRun', { description: 'A run that is over, as it was stored.' })
export class PastRunbookRunModel extends PickType(RunbookRunModel, ['id', 'runbook', 'result', 'answer']) {
  @Field(() => JsonScalar, { description: 'What it was asked.' })
  readonly input!: unknown;

  @Field(() => Int, { description: 'Number of the snapshot that it was about.' })
  readonly snapshotSeq!: number;

  @Field(() => Date)
  readonly ranAt!: Date;
}

@ObjectType('PastRunbookReport', { description: 'A run that is over, with its evidence and its fix.' })
export class PastRunbookReportModel extends IntersectionType(
  PastRunbookRunModel,
  PickType(RunbookRunModel, ['number', 'title', 'steps', 'advice', 'fix', 'missing']),
) {}

export const RunbookRunConnection = connectionOf('RunbookRun', PastRunbookRunModel);

export const RunRunbookResult = createUnionType({
  name: 'RunRunbookResult',
  types: () => [RunbookRunModel, ClusterNotFoundModel, SnapshotNotFoundModel] as const,
  resolveType: typeOf,
});
