import { ArgsType, Field, InputType, Int, ObjectType } from '@nestjs/graphql';
import { snapshotsInput } from '#contracts';
import { SnapshotPointScalar } from '../../graphql/number-or-text.scalar.js';
import { ForwardPageArgs, PageArgs } from '../../graphql/page.args.js';
import { SnapshotModel } from './history.model.js';
import { SortField } from '../../graphql/sort.field.js';

@ArgsType()
export class ClusterPageArgs extends PageArgs {
  @Field(() => String, { description: 'Name or id.' })
  readonly cluster!: string;
}

@ArgsType()
export class CniHistoryArgs extends ForwardPageArgs {
  @Field(() => String, { description: 'Name or id.' })
  readonly cluster!: string;
}

@ArgsType()
export class CniNodesArgs extends ClusterPageArgs {
  @Field(() => SnapshotPointScalar, { nullable: true, description: 'The newest snapshot when left out.' })
  readonly at?: number | string | null;
}

@InputType('PinSnapshotInput')
export class PinSnapshotInput {
  @Field(() => String, { description: 'Name or id.' })
  readonly cluster!: string;

  @Field(() => Int)
  readonly seq!: number;

  @Field(() => Boolean, { defaultValue: true, description: 'False leaves it to retention again.' })
  readonly pinned!: boolean;
}

@ObjectType('PinSnapshotPayload')
export class PinSnapshotPayloadModel {
  @Field(() => SnapshotModel)
  readonly snapshot!: SnapshotModel;
}

@ArgsType()
export class SnapshotsArgs extends ClusterPageArgs {
  @SortField(snapshotsInput)
  readonly sort?: string | null;
}
