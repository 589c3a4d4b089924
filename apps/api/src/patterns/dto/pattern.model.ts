import { Field, ObjectType } from '@nestjs/graphql';
import { AnswerModel } from '../../graphql/model/shared.model.js';
import { PredictionModel } from '../../runbooks/dto/runbook.model.js';

@ObjectType('Pattern', { description: 'A policy that is written again and again.' })
export class PatternModel {
  @Field(() => String)
  readonly id!: string;

  @Field(() => String)
  readonly title!: string;

  @Field(() => String)
  readonly description!: string;
}

@ObjectType('FilledPattern', { implements: () => [AnswerModel], description: 'Nothing of it is applied.' })
export class FilledPatternModel extends AnswerModel {
  readonly __typename = 'FilledPattern';

  @Field(() => PatternModel)
  readonly pattern!: PatternModel;

  @Field(() => String, { nullable: true, description: 'What the inventory lacks; null when it is filled in.' })
  readonly missing!: string | null;

  @Field(() => String, { description: 'YAML, empty when it cannot be filled in, or is there already.' })
  readonly manifest!: string;

  @Field(() => String, { description: 'What to know before it is applied, and which policies are there already.' })
  readonly note!: string;

  @Field(() => PredictionModel, { nullable: true, description: 'What the policies would open and close.' })
  readonly prediction!: PredictionModel | null;
}
