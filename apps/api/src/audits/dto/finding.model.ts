import { Field, ID, Int, ObjectType } from '@nestjs/graphql';
import { connectionOf } from '../../graphql/model/connection.model.js';
import {
  CheckAreaEnum,
  CheckScopeEnum,
  ConfidenceEnum,
  FindingFixActionEnum,
  FlowVerdictEnum,
  SeverityEnum,
} from '../../graphql/model/enums.js';
import { JsonScalar } from '../../graphql/json.scalar.js';
import { ObjectRefModel } from '../../graphql/model/shared.model.js';

@ObjectType('FindingEvidence')
export class FindingEvidenceModel {
  @Field(() => String)
  readonly what!: string;

  @Field(() => String)
  readonly value!: string;
}

@ObjectType('Counterexample', { description: 'A flow that shows a finding, decided by the engine.' })
export class CounterexampleModel {
  @Field(() => String)
  readonly source!: string;

  @Field(() => String)
  readonly destination!: string;

  @Field(() => String)
  readonly protocol!: string;

  @Field(() => Int, { nullable: true })
  readonly port!: number | null;

  @Field(() => FlowVerdictEnum)
  readonly intended!: string;

  @Field(() => FlowVerdictEnum)
  readonly enforced!: string;

  @Field(() => String)
  readonly summary!: string;
}

@ObjectType('FindingFix')
export class FindingFixModel {
  @Field(() => FindingFixActionEnum)
  readonly action!: string;

  @Field(() => String)
  readonly title!: string;

  @Field(() => String)
  readonly manifest!: string;

  @Field(() => [JsonScalar], { description: 'The objects of the manifest.' })
  readonly objects!: readonly unknown[];

  @Field(() => [ObjectRefModel], { description: 'What would be deleted.' })
  readonly removes!: readonly ObjectRefModel[];

  @Field(() => String)
  readonly note!: string;
}

@ObjectType('FindingSuppression')
export class FindingSuppressionModel {
  @Field(() => ID)
  readonly id!: string;

  @Field(() => String)
  readonly owner!: string;

  @Field(() => String)
  readonly reason!: string;

  @Field(() => Date)
  readonly expiresAt!: Date;
}

@ObjectType('Finding')
export class FindingModel {
  @Field(() => ID, { description: 'Equal from run to run.' })
  readonly fingerprint!: string;

  @Field(() => ID)
  readonly check!: string;

  @Field(() => String)
  readonly number!: string;

  @Field(() => CheckAreaEnum, { nullable: true })
  readonly area!: string | null;

  @Field(() => SeverityEnum)
  readonly severity!: string;

  @Field(() => ConfidenceEnum)
  readonly confidence!: string;

  @Field(() => CheckScopeEnum)
  readonly scope!: string;

  @Field(() => String)
  readonly title!: string;

  @Field(() => ObjectRefModel, { nullable: true })
  readonly object!: ObjectRefModel | null;

  @Field(() => String)
  readonly pointer!: string;

  @Field(() => [ObjectRefModel])
  readonly related!: readonly ObjectRefModel[];

  @Field(() => [FindingEvidenceModel])
  readonly evidence!: readonly FindingEvidenceModel[];

  @Field(() => CounterexampleModel, { nullable: true })
  readonly counterexample!: CounterexampleModel | null;

  @Field(() => FindingFixModel, { nullable: true })
  readonly fix!: FindingFixModel | null;

  @Field(() => String)
  readonly remediation!: string;

  @Field(() => [String])
  readonly compliance!: readonly string[];

  @Field(() => Int)
  readonly firstNumber!: number;

  @Field(() => Date)
  readonly firstSeenAt!: Date;

  @Field(() => FindingSuppressionModel, { nullable: true })
  readonly suppression!: FindingSuppressionModel | null;

  @Field(() => Boolean, { description: 'True when texts were left out that name what you may not see.' })
  readonly redacted!: boolean;
}

export const FindingConnection = connectionOf('Finding', FindingModel);
