import { Field, InputType, Int, ObjectType } from '@nestjs/graphql';
import { FleetResultTypeEnum, RouteKindEnum, VerdictEnum } from '../../graphql/model/enums.js';
import { AsOfModel } from '../../graphql/model/shared.model.js';
import { PortScalar } from '../../graphql/number-or-text.scalar.js';

@ObjectType('FleetConnection')
export class FleetConnectionModel {
  @Field(() => String)
  readonly source!: string;

  @Field(() => String)
  readonly destination!: string;

  @Field(() => String)
  readonly connections!: string;
}

@ObjectType('FleetResult', { description: 'What one cluster answers, or why it could not be asked.' })
export class FleetResultModel {
  @Field(() => String)
  readonly cluster!: string;

  @Field(() => FleetResultTypeEnum)
  readonly type!: string;

  @Field(() => VerdictEnum, { nullable: true })
  readonly verdict!: string | null;

  @Field(() => String, { description: 'The answer, or why there is none.' })
  readonly summary!: string;

  @Field(() => String, { nullable: true, description: 'The code of the error, where a cluster could not be asked.' })
  readonly code!: string | null;

  @Field(() => [FleetConnectionModel], { description: 'The first ones where a side was left open.' })
  readonly connections!: readonly FleetConnectionModel[];

  @Field(() => Boolean, { description: 'There are more connections than these.' })
  readonly hasMore!: boolean;

  @Field(() => AsOfModel, { nullable: true, description: 'Null where there is no answer.' })
  readonly asOf!: AsOfModel | null;
}

@ObjectType('FleetAnswer')
export class FleetAnswerModel {
  @Field(() => [FleetResultModel])
  readonly items!: readonly FleetResultModel[];

  @Field(() => Int, { description: 'How many clusters were asked.' })
  readonly asked!: number;

  @Field(() => Int)
  readonly answered!: number;

  @Field(() => [String], { description: 'Clusters that do not have what was asked about.' })
  readonly absent!: readonly string[];

  @Field(() => [String], { description: 'Clusters that could not be asked.' })
  readonly failed!: readonly string[];
}

@InputType('FleetInput')
export class FleetInputModel {
  @Field(() => [String], { nullable: true, description: 'Every cluster when left out.' })
  readonly clusters?: readonly string[] | null;

  @Field(() => String, { nullable: true })
  readonly from?: string | null;

  @Field(() => String, { nullable: true })
  readonly to?: string | null;

  @Field(() => String, { nullable: true, description: 'TCP when left out.' })
  readonly protocol?: string | null;

  @Field(() => PortScalar, { nullable: true })
  readonly port?: number | string | null;
}

@ObjectType('CrossLeg', { description: 'What one cluster makes of its half of the way.' })
export class CrossLegModel {
  @Field(() => String, { description: 'As what the other side is seen.' })
  readonly seenAs!: string;

  @Field(() => VerdictEnum)
  readonly verdict!: string;

  @Field(() => String)
  readonly summary!: string;
}

@ObjectType('CrossRoute')
export class CrossRouteModel {
  @Field(() => RouteKindEnum)
  readonly kind!: string;

  @Field(() => String)
  readonly target!: string;

  @Field(() => VerdictEnum)
  readonly verdict!: string;

  @Field(() => [CrossLegModel])
  readonly egress!: readonly CrossLegModel[];

  @Field(() => [CrossLegModel])
  readonly ingress!: readonly CrossLegModel[];

  @Field(() => [String], { description: 'What leaves a doubt.' })
  readonly doubts!: readonly string[];
}

@ObjectType('CrossCluster')
export class CrossClusterModel {
  @Field(() => VerdictEnum)
  readonly verdict!: string;

  @Field(() => [CrossRouteModel])
  readonly routes!: readonly CrossRouteModel[];

  @Field(() => [String])
  readonly assumptions!: readonly string[];

  @Field(() => AsOfModel, { description: 'The state of the cluster that it begins in.' })
  readonly from!: AsOfModel;

  @Field(() => AsOfModel, { description: 'The state of the cluster that it ends in.' })
  readonly to!: AsOfModel;
}

@InputType('ClusterPeerInput')
export class ClusterPeerInputModel {
  @Field(() => String)
  readonly cluster!: string;

  @Field(() => String)
  readonly peer!: string;
}

@InputType('CrossClusterInput')
export class CrossClusterInputModel {
  @Field(() => ClusterPeerInputModel)
  readonly from!: ClusterPeerInputModel;

  @Field(() => ClusterPeerInputModel)
  readonly to!: ClusterPeerInputModel;

  @Field(() => String, { nullable: true, description: 'TCP when left out.' })
  readonly protocol?: string | null;

  @Field(() => Int)
  readonly port!: number;
}
