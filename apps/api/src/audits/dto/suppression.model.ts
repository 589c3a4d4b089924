import { Field, ID, ObjectType } from '@nestjs/graphql';
import { connectionOf } from '../../graphql/model/connection.model.js';

@ObjectType('Suppression', { description: 'Findings that somebody accepts for a time.' })
export class SuppressionModel {
  @Field(() => ID)
  readonly id!: string;

  @Field(() => String, { nullable: true, description: 'Null for every cluster.' })
  readonly clusterId!: string | null;

  @Field(() => String, { nullable: true })
  readonly fingerprint!: string | null;

  @Field(() => String, { nullable: true })
  readonly check!: string | null;

  @Field(() => String, { nullable: true })
  readonly namespace!: string | null;

  @Field(() => String)
  readonly owner!: string;

  @Field(() => String)
  readonly reason!: string;

  @Field(() => String)
  readonly requester!: string;

  @Field(() => Date)
  readonly createdAt!: Date;

  @Field(() => Date)
  readonly expiresAt!: Date;
}

export const SuppressionConnection = connectionOf('Suppression', SuppressionModel);

@ObjectType('SuppressionPayload')
export class SuppressionPayloadModel {
  @Field(() => SuppressionModel)
  readonly suppression!: SuppressionModel;
}
