import { Field, InputType, Int, ObjectType } from '@nestjs/graphql';
import { VerdictEnum } from '../../graphql/model/enums.js';
import { DriftEntryInputModel } from '../../drift/dto/drift.input.js';
import { AnswerModel } from '../../graphql/model/shared.model.js';
import { PortScalar, SnapshotPointScalar } from '../../graphql/number-or-text.scalar.js';

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

  @Field(() => String, { description: '`answer`, `absent` or `failed`.' })
  readonly type!: string;

  @Field(() => VerdictEnum, { nullable: true })
  readonly verdict!: string | null;

  @Field(() => String, { description: 'The answer, or why there is none.' })
  readonly summary!: string;

  @Field(() => [FleetConnectionModel], { description: 'The first ones where a side was left open.' })
  readonly connections!: readonly FleetConnectionModel[];
}

@ObjectType('FleetAnswer')
export class FleetAnswerModel {
  @Field(() => [FleetResultModel])
  readonly items!: readonly FleetResultModel[];

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
  @Field(() => String, { description: '`pod-address`, `node-port`, `load-balancer` or `cluster-mesh`.' })
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

@ObjectType('ProbeLine', { description: 'A command for a person to type.' })
export class ProbeLineModel {
  @Field(() => String)
  readonly command!: string;

  @Field(() => [String], { description: 'Its output has one of these in it when the prediction holds.' })
  readonly prints!: readonly string[];
}

@ObjectType('Probe', { description: 'How one flow of an answer is tried out in the cluster.' })
export class ProbeModel {
  @Field(() => String)
  readonly id!: string;

  @Field(() => String)
  readonly from!: string;

  @Field(() => String)
  readonly to!: string;

  @Field(() => String, { description: '`open`, `blocked` or `unknown`.' })
  readonly predicted!: string;

  @Field(() => [String])
  readonly setUp!: readonly string[];

  @Field(() => String)
  readonly run!: string;

  @Field(() => [ProbeLineModel], { description: 'The same with one tool at a time.' })
  readonly lines!: readonly ProbeLineModel[];

  @Field(() => [String], { description: 'The lines of which it must print one.' })
  readonly expect!: readonly string[];

  @Field(() => [String])
  readonly cleanUp!: readonly string[];

  @Field(() => [String])
  readonly notes!: readonly string[];
}

@ObjectType('ProbePlan', { implements: () => [AnswerModel] })
export class ProbePlanModel extends AnswerModel {
  @Field(() => VerdictEnum)
  readonly verdict!: string;

  @Field(() => [ProbeModel])
  readonly probes!: readonly ProbeModel[];

  @Field(() => String, { description: 'All of it for a POSIX shell.' })
  readonly script!: string;
}

@ObjectType('ProbeResult')
export class ProbeResultModel {
  @Field(() => String)
  readonly id!: string;

  @Field(() => String)
  readonly predicted!: string;

  @Field(() => String, { nullable: true })
  readonly observed!: string | null;

  @Field(() => Boolean, { nullable: true, description: 'Null when the two cannot be compared.' })
  readonly agrees!: boolean | null;

  @Field(() => [String])
  readonly hints!: readonly string[];
}

@InputType('ProbePlanInput')
export class ProbePlanInputModel {
  @Field(() => String)
  readonly cluster!: string;

  @Field(() => String, { nullable: true })
  readonly from?: string | null;

  @Field(() => String, { nullable: true })
  readonly to?: string | null;

  @Field(() => DriftEntryInputModel, { nullable: true, description: 'A difference, in the place of `from` and `to`.' })
  readonly drift?: DriftEntryInputModel | null;

  @Field(() => String, { nullable: true, description: 'TCP when left out.' })
  readonly protocol?: string | null;

  @Field(() => PortScalar, { nullable: true })
  readonly port?: number | string | null;

  @Field(() => SnapshotPointScalar, { nullable: true })
  readonly at?: number | string | null;

  @Field(() => String, { nullable: true, description: 'Image of the probes.' })
  readonly image?: string | null;
}

@InputType('ProbeResultsInput')
export class ProbeResultsInputModel extends ProbePlanInputModel {
  @Field(() => String, { description: 'What the script printed.' })
  readonly output!: string;
}
