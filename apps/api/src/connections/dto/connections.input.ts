import { Field, InputType } from '@nestjs/graphql';
import {
  FocusDirectionEnum,
  GroupedByEnum,
  ListedByEnum,
  ReadingNameEnum,
  RowVerdictEnum,
} from '../../graphql/model/enums.js';
import { PortRangeScalar, SnapshotPointScalar } from '../../graphql/number-or-text.scalar.js';

@InputType({ isAbstract: true })
class ConnectionsFilterModel {
  @Field(() => String, { description: 'Name or id.' })
  readonly cluster!: string;

  @Field(() => String, { nullable: true, description: 'Who connects, in the forms of `CanReachInput.from`.' })
  readonly from?: string | null;

  @Field(() => String, { nullable: true, description: 'To whom.' })
  readonly to?: string | null;

  @Field(() => String, { nullable: true, description: 'One side at least is among these.' })
  readonly focus?: string | null;

  @Field(() => FocusDirectionEnum, { nullable: true, description: 'On which side the focus is; BOTH when left out.' })
  readonly direction?: string | null;

  @Field(() => String, { nullable: true, description: 'A name or a number, as TCP or ICMP; any when left out.' })
  readonly protocol?: string | null;

  @Field(() => PortRangeScalar, { nullable: true, description: 'Any when left out.' })
  readonly port?: number | string | null;

  @Field(() => RowVerdictEnum, { nullable: true, description: 'ALLOW when left out.' })
  readonly verdict?: string | null;

  @Field(() => ReadingNameEnum, { nullable: true, description: 'ENFORCED when left out.' })
  readonly reading?: string | null;

  @Field(() => Boolean, { nullable: true, description: 'Addresses outside the cluster count; true when left out.' })
  readonly outside?: boolean | null;

  @Field(() => Boolean, { nullable: true, description: 'Nodes count; false when left out.' })
  readonly nodes?: boolean | null;

  @Field(() => SnapshotPointScalar, { nullable: true, description: 'The newest snapshot when left out.' })
  readonly at?: number | string | null;
}

@InputType('ConnectionsInput', { description: 'Which connections of a cluster. What is left out does not limit.' })
export class ConnectionsInputModel extends ConnectionsFilterModel {
  @Field(() => ListedByEnum, { nullable: true, description: 'WORKLOAD when left out.' })
  readonly by?: string | null;
}

@InputType('ConnectionsOverviewInput', { description: 'Which connections to show together.' })
export class ConnectionsOverviewInputModel extends ConnectionsFilterModel {
  @Field(() => GroupedByEnum, { nullable: true, description: 'NAMESPACE when left out.' })
  readonly by?: string | null;
}
