import { Field, Int, ObjectType } from '@nestjs/graphql';
import { ControlStatusEnum } from '../../graphql/model/enums.js';

@ObjectType('SeverityCounts')
export class SeverityCountsModel {
  @Field(() => Int)
  readonly critical!: number;

  @Field(() => Int)
  readonly high!: number;

  @Field(() => Int)
  readonly medium!: number;

  @Field(() => Int)
  readonly low!: number;

  @Field(() => Int)
  readonly info!: number;
}

@ObjectType('Score')
export class ScoreModel {
  @Field(() => Int, { nullable: true, description: '0 to 100, null when no check came to a result.' })
  readonly score!: number | null;

  @Field(() => Int)
  readonly passed!: number;

  @Field(() => Int)
  readonly failed!: number;

  @Field(() => Int)
  readonly open!: number;

  @Field(() => SeverityCountsModel)
  readonly findings!: SeverityCountsModel;
}

@ObjectType('NamespaceScore')
export class NamespaceScoreModel extends ScoreModel {
  @Field(() => String)
  readonly namespace!: string;
}

@ObjectType('ControlScore')
export class ControlScoreModel {
  @Field(() => String)
  readonly control!: string;

  @Field(() => ControlStatusEnum)
  readonly status!: string;

  @Field(() => [String])
  readonly passed!: readonly string[];

  @Field(() => [String])
  readonly failed!: readonly string[];

  @Field(() => [String])
  readonly open!: readonly string[];
}

@ObjectType('FrameworkScore')
export class FrameworkScoreModel extends ScoreModel {
  @Field(() => String)
  readonly framework!: string;

  @Field(() => [ControlScoreModel])
  readonly controls!: readonly ControlScoreModel[];
}

@ObjectType('AuditScores')
export class AuditScoresModel {
  @Field(() => ScoreModel)
  readonly overall!: ScoreModel;

  @Field(() => [NamespaceScoreModel])
  readonly namespaces!: readonly NamespaceScoreModel[];

  @Field(() => [FrameworkScoreModel])
  readonly frameworks!: readonly FrameworkScoreModel[];
}
