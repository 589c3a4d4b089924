import { Field, Int, ObjectType } from '@nestjs/graphql';
import { answerConnectionOf, connectionOf } from '../../graphql/model/connection.model.js';
import { EnforcedEnum } from '../../graphql/model/enums.js';
import { AnswerModel, CniModel } from '../../graphql/model/shared.model.js';

@ObjectType('Snapshot', {
  implements: () => [AnswerModel],
  description: 'A state of a cluster that is kept and can be asked about.',
})
export class SnapshotModel extends AnswerModel {
  readonly __typename = 'Snapshot';

  @Field(() => Date, { description: 'When it could first be asked about.' })
  readonly storedAt!: Date;

  @Field(() => String, {
    nullable: true,
    description: 'Equal for equal objects and completeness; null for who sees only a part.',
  })
  readonly digest!: string | null;

  @Field(() => Int, { nullable: true, description: 'Null for who sees only a part.' })
  readonly objectCount!: number | null;

  @Field(() => Boolean, { description: 'Retention leaves it alone.' })
  readonly pinned!: boolean;
}

@ObjectType('CniChange', { description: 'The network plugin that a cluster was found to run from some time on.' })
export class CniChangeModel {
  @Field(() => Int, { description: 'From 1, in order of time.' })
  readonly number!: number;

  @Field(() => Date)
  readonly seenAt!: Date;

  @Field(() => Int, { description: 'The newest snapshot at that time, 0 when there was none.' })
  readonly seq!: number;

  @Field(() => CniModel)
  readonly cni!: CniModel;

  @Field(() => [String], { description: 'What differs from the one before, a line each; the evidence aside.' })
  readonly changes!: readonly string[];
}

@ObjectType('CniAgent', { description: 'A pod of the network plugin on a node.' })
export class CniAgentModel {
  @Field(() => String)
  readonly namespace!: string;

  @Field(() => String)
  readonly pod!: string;

  @Field(() => String, { description: 'Empty when unknown.' })
  readonly version!: string;

  @Field(() => Boolean)
  readonly ready!: boolean;
}

@ObjectType('NodeCni', { description: 'What the network plugin is on one node.' })
export class NodeCniModel {
  @Field(() => String)
  readonly node!: string;

  @Field(() => EnforcedEnum, { description: 'Whether policy is enforced for pods of this node.' })
  readonly enforced!: string;

  @Field(() => [CniAgentModel])
  readonly agents!: readonly CniAgentModel[];
}

export const SnapshotConnection = connectionOf('Snapshot', SnapshotModel);
export const CniChangeConnection = connectionOf('CniChange', CniChangeModel);
export const NodeCniConnection = answerConnectionOf('NodeCni', NodeCniModel);
