import { Field, ID, Int, ObjectType } from '@nestjs/graphql';
import { connectionOf, edgeOf } from '../../graphql/model/connection.model.js';
import { AnswerModel } from '../../graphql/model/shared.model.js';
import { ScoreModel } from './score.model.js';

@ObjectType('TrendScore')
export class TrendScoreModel extends ScoreModel {
  @Field(() => Int, { description: 'Findings that the audit before did not have.' })
  readonly added!: number;

  @Field(() => Int, { description: 'Findings that only the audit before had.' })
  readonly resolved!: number;
}

@ObjectType('NamespaceTrendScore')
export class NamespaceTrendScoreModel extends TrendScoreModel {
  @Field(() => String)
  readonly namespace!: string;
}

@ObjectType('FrameworkTrendScore')
export class FrameworkTrendScoreModel extends TrendScoreModel {
  @Field(() => String)
  readonly framework!: string;
}

@ObjectType('TrendPoint', { implements: () => [AnswerModel], description: 'How a cluster stood at one audit.' })
export class TrendPointModel extends AnswerModel {
  readonly __typename = 'TrendPoint';

  @Field(() => ID, { description: 'Of the audit.' })
  readonly id!: string;

  @Field(() => Int)
  readonly number!: number;

  @Field(() => Date)
  readonly createdAt!: Date;

  @Field(() => TrendScoreModel)
  readonly overall!: TrendScoreModel;

  @Field(() => [NamespaceTrendScoreModel], {
    description: 'Each from the first audit on that found something in it.',
  })
  readonly namespaces!: readonly NamespaceTrendScoreModel[];

  @Field(() => [FrameworkTrendScoreModel])
  readonly frameworks!: readonly FrameworkTrendScoreModel[];
}

export const AuditTrendConnection = connectionOf('AuditTrend', TrendPointModel, edgeOf('TrendPoint', TrendPointModel));
