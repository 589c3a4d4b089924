import { createUnionType, Field, Float, Int, ObjectType } from '@nestjs/graphql';
import {
  DirectionEnum,
  FixActionEnum,
  FlowVerdictEnum,
  HopEnum,
  PeerTypeEnum,
  ReasonEnum,
  StepDecisionEnum,
  VerdictEnum,
} from '../../graphql/model/enums.js';
import {
  AnswerModel,
  CniModel,
  DiagnosticModel,
  LabelModel,
  ObjectRefModel,
  typeOf,
} from '../../graphql/model/shared.model.js';

@ObjectType('Rule', { description: 'A rule as an answer names it.' })
export class RuleModel {
  @Field(() => ObjectRefModel)
  readonly policy!: ObjectRefModel;

  @Field(() => String, { description: 'JSON Pointer of the rule in its object, empty for the policy as a whole.' })
  readonly pointer!: string;

  @Field(() => String, { description: 'As `shop/web-ingress#0`.' })
  readonly label!: string;
}

@ObjectType('NearMiss', { description: 'A rule of which all but one part matched.' })
export class NearMissModel {
  @Field(() => RuleModel)
  readonly rule!: RuleModel;

  @Field(() => String)
  readonly part!: string;

  @Field(() => String)
  readonly why!: string;
}

@ObjectType('Step', { description: 'One step of the way from source to destination.' })
export class StepModel {
  @Field(() => HopEnum)
  readonly hop!: string;

  @Field(() => DirectionEnum, { nullable: true })
  readonly direction!: string | null;

  @Field(() => String)
  readonly tier!: string;

  @Field(() => StepDecisionEnum)
  readonly decision!: string;

  @Field(() => [RuleModel])
  readonly rules!: readonly RuleModel[];

  @Field(() => String)
  readonly why!: string;

  @Field(() => [NearMissModel])
  readonly nearMisses!: readonly NearMissModel[];
}

@ObjectType('Endpoint', { description: 'One concrete endpoint of a flow.' })
export class EndpointModel {
  @Field(() => String)
  readonly kind!: string;

  @Field(() => String)
  readonly namespace!: string;

  @Field(() => String)
  readonly name!: string;

  @Field(() => String)
  readonly label!: string;

  @Field(() => String, { description: 'Empty when it has none.' })
  readonly address!: string;

  @Field(() => String)
  readonly workload!: string;

  @Field(() => String)
  readonly node!: string;
}

@ObjectType('Reading', { description: 'One reading of a verdict.' })
export class ReadingModel {
  @Field(() => VerdictEnum)
  readonly verdict!: string;

  @Field(() => ReasonEnum)
  readonly reason!: string;

  @Field(() => String)
  readonly summary!: string;
}

@ObjectType('Flow', { description: 'One concrete flow behind an answer.' })
export class FlowModel {
  @Field(() => EndpointModel)
  readonly source!: EndpointModel;

  @Field(() => EndpointModel)
  readonly destination!: EndpointModel;

  @Field(() => String)
  readonly protocol!: string;

  @Field(() => Int, { nullable: true, description: 'At the destination, after translation; null for any.' })
  readonly port!: number | null;

  @Field(() => String, { description: 'The ports it speaks for: `8080`, `1-79`, `any`, empty without ports.' })
  readonly ports!: string;

  @Field(() => FlowVerdictEnum)
  readonly verdict!: string;

  @Field(() => ReadingModel)
  readonly intended!: ReadingModel;

  @Field(() => ReadingModel)
  readonly enforced!: ReadingModel;

  @Field(() => [StepModel])
  readonly steps!: readonly StepModel[];

  @Field(() => [String], { description: 'Requests it is limited to; empty when it is not.' })
  readonly onlyFor!: readonly string[];

  @Field(() => Int, { description: 'How many pairs of source and destination it stands for.' })
  readonly count!: number;
}

@ObjectType('Fix', { description: 'A manifest that would change the verdict.' })
export class FixModel {
  @Field(() => String)
  readonly title!: string;

  @Field(() => String)
  readonly why!: string;

  @Field(() => FixActionEnum)
  readonly action!: string;

  @Field(() => String, { description: 'YAML.' })
  readonly manifest!: string;
}

@ObjectType('Peer', { description: 'One side of a question as it was understood. Fields that do not apply are null.' })
export class PeerModel {
  @Field(() => PeerTypeEnum)
  readonly type!: string;

  @Field(() => String, { nullable: true })
  readonly namespace!: string | null;

  @Field(() => String, { nullable: true })
  readonly kind!: string | null;

  @Field(() => String, { nullable: true })
  readonly name!: string | null;

  @Field(() => String, { nullable: true })
  readonly address!: string | null;

  @Field(() => String, { nullable: true })
  readonly cidr!: string | null;

  @Field(() => String, { nullable: true, description: 'A name or a label selector.' })
  readonly namespaces!: string | null;

  @Field(() => String, { nullable: true, description: 'A label selector.' })
  readonly pods!: string | null;

  @Field(() => [LabelModel], { nullable: true })
  readonly labels!: readonly LabelModel[] | null;

  @Field(() => [LabelModel], { nullable: true, description: 'Of the namespace, when only its labels are given.' })
  readonly namespaceLabels!: readonly LabelModel[] | null;

  @Field(() => String, { nullable: true })
  readonly serviceAccount!: string | null;
}

@ObjectType('Side')
export class SideModel {
  @Field(() => PeerModel)
  readonly query!: PeerModel;

  @Field(() => String, { description: 'As resolved: `Deployment shop/web (2 pods)`.' })
  readonly label!: string;

  @Field(() => Int)
  readonly endpoints!: number;
}

@ObjectType('Reachability', {
  implements: () => [AnswerModel],
  description: 'The answer to "can X reach Y?". The verdict is that of the enforced reading.',
})
export class ReachabilityModel extends AnswerModel {
  readonly __typename = 'Reachability';

  @Field(() => VerdictEnum)
  readonly verdict!: string;

  @Field(() => ReasonEnum)
  readonly reason!: string;

  @Field(() => String)
  readonly summary!: string;

  @Field(() => ReadingModel, { description: 'What policy says.' })
  readonly intended!: ReadingModel;

  @Field(() => ReadingModel, { description: "What this cluster's CNI makes of it." })
  readonly enforced!: ReadingModel;

  @Field(() => SideModel)
  readonly source!: SideModel;

  @Field(() => SideModel)
  readonly destination!: SideModel;

  @Field(() => String)
  readonly protocol!: string;

  @Field(() => String)
  readonly port!: string;

  @Field(() => [StepModel], { description: 'The way of the flow that decides the verdict.' })
  readonly steps!: readonly StepModel[];

  @Field(() => [FlowModel])
  readonly flows!: readonly FlowModel[];

  @Field(() => [FixModel])
  readonly fixes!: readonly FixModel[];

  @Field(() => [String])
  readonly assumptions!: readonly string[];

  @Field(() => [DiagnosticModel])
  readonly diagnostics!: readonly DiagnosticModel[];

  @Field(() => CniModel)
  readonly cni!: CniModel;

  @Field(() => Float, { description: '0 to 1: how sure the enforced reading is.' })
  readonly confidence!: number;
}

@ObjectType('EndpointNotFound', {
  implements: () => [AnswerModel],
  description: 'The question names something that the snapshot does not hold.',
})
export class EndpointNotFoundModel extends AnswerModel {
  readonly __typename = 'EndpointNotFound';

  @Field(() => String, { description: 'The argument that names it: `from` or `to`.' })
  readonly argument!: string;

  @Field(() => ReasonEnum)
  readonly reason!: string;

  @Field(() => String)
  readonly message!: string;

  @Field(() => [String], { description: 'Names that are close.' })
  readonly near!: readonly string[];
}

@ObjectType('PortNotFound', {
  implements: () => [AnswerModel],
  description: 'The Service has no such port, or no container has a port of that name.',
})
export class PortNotFoundModel extends AnswerModel {
  readonly __typename = 'PortNotFound';

  @Field(() => ReasonEnum)
  readonly reason!: string;

  @Field(() => String)
  readonly message!: string;

  @Field(() => [String], { description: 'Ports that are close.' })
  readonly near!: readonly string[];
}

@ObjectType('SnapshotNotFound', { description: 'The cluster has no snapshot at that point, or none yet.' })
export class SnapshotNotFoundModel {
  readonly __typename = 'SnapshotNotFound';

  @Field(() => String)
  readonly message!: string;

  @Field(() => Boolean, { description: 'Whether waiting may help.' })
  readonly retryable!: boolean;
}

@ObjectType('ClusterNotFound', { description: 'No cluster has this name or id.' })
export class ClusterNotFoundModel {
  readonly __typename = 'ClusterNotFound';

  @Field(() => String)
  readonly message!: string;

  @Field(() => [String], { description: 'Clusters with a name like it.' })
  readonly near!: readonly string[];
}

export const CanReachResult = createUnionType({
  name: 'CanReachResult',
  description: 'What may come of a question that is well formed.',
  types: () =>
    [ReachabilityModel, EndpointNotFoundModel, PortNotFoundModel, SnapshotNotFoundModel, ClusterNotFoundModel] as const,
  resolveType: typeOf,
});
