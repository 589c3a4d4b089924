import { Field, Int, ObjectType } from '@nestjs/graphql';
import { connectionOf, edgeOf } from '../../graphql/model/connection.model.js';
import { JsonScalar } from '../../graphql/json.scalar.js';
import { ChangeTypeEnum } from '../../graphql/model/enums.js';
import { ObjectRefModel } from '../../graphql/model/shared.model.js';

@ObjectType('ValueChange', { description: 'One value that differs.' })
export class ValueChangeModel {
  @Field(() => String, { description: 'JSON Pointer into the fact.' })
  readonly pointer!: string;

  @Field(() => JsonScalar, { nullable: true, description: 'Null when it was not there.' })
  readonly before!: unknown;

  @Field(() => JsonScalar, { nullable: true, description: 'Null when it is gone.' })
  readonly after!: unknown;
}

@ObjectType('Change', { description: 'What became of one object, in which snapshot of which cluster.' })
export class ChangeModel {
  @Field(() => ChangeTypeEnum)
  readonly type!: string;

  @Field(() => String)
  readonly clusterId!: string;

  @Field(() => String, { description: "The cluster's name." })
  readonly cluster!: string;

  @Field(() => Int, { description: 'Number of the snapshot that has the change.' })
  readonly seq!: number;

  @Field(() => Date, { description: 'When the cluster was seen like that.' })
  readonly takenAt!: Date;

  @Field(() => Date, { description: 'When it could first be asked about.' })
  readonly storedAt!: Date;

  @Field(() => String, { description: 'Kind with group, as `NetworkPolicy.networking.k8s.io`.' })
  readonly kindId!: string;

  @Field(() => ObjectRefModel)
  readonly object!: ObjectRefModel;

  @Field(() => String)
  readonly uid!: string;

  @Field(() => String, {
    nullable: true,
    description: 'Who wrote it, as the API server names field managers; null when that is not known.',
  })
  readonly by!: string | null;

  @Field(() => [ValueChangeModel], { description: 'What differs; empty for what came or went.' })
  readonly values!: readonly ValueChangeModel[];

  @Field(() => [String], { description: 'The same for people, a line each.' })
  readonly patch!: readonly string[];
}

export const ChangeEdge = edgeOf('Change', ChangeModel);
export const ChangeConnection = connectionOf('Change', ChangeModel, ChangeEdge);
