import { Field, ObjectType } from '@nestjs/graphql';
import { ReachabilityModel } from './reachability.model.js';

@ObjectType('QuestionProblem', { description: 'Why a question has no answer.' })
export class QuestionProblemModel {
  @Field(() => String, { description: 'Stable, as `endpoint.not_found`.' })
  readonly code!: string;

  @Field(() => String)
  readonly message!: string;

  @Field(() => [String], { description: 'Names close to one that was not found.' })
  readonly near!: readonly string[];
}

@ObjectType('CanReachBatchItem', { description: 'What came of one question of a batch: an answer or a problem.' })
export class CanReachBatchItemModel {
  @Field(() => String, { nullable: true, description: "The caller's own name for the question." })
  readonly ref!: string | null;

  @Field(() => ReachabilityModel, { nullable: true })
  readonly answer!: ReachabilityModel | null;

  @Field(() => QuestionProblemModel, { nullable: true })
  readonly problem!: QuestionProblemModel | null;
}
