import { createUnionType, Field, Float, Int, ObjectType } from '@nestjs/graphql';
import { type Connection, connectionOf } from '../../graphql/model/connection.model.js';
import {
  ChangeTypeEnum,
  DirectionEnum,
  DriftCauseTypeEnum,
  DriftTypeEnum,
  FlowEffectEnum,
  FlowVerdictEnum,
  PolicyMeaningEnum,
  ReadingNameEnum,
  VerdictEnum,
} from '../../graphql/model/enums.js';
import { AnswerModel, ObjectRefModel, typeOf } from '../../graphql/model/shared.model.js';
import { ClusterNotFoundModel, RuleModel, SnapshotNotFoundModel } from '../../reachability/dto/reachability.model.js';

@ObjectType('SnapshotMoment', { description: 'A snapshot by its number and time.' })
export class SnapshotMomentModel {
  @Field(() => Int)
  readonly seq!: number;

  @Field(() => Date)
  readonly takenAt!: Date;
}

@ObjectType('DriftPeer', { description: 'A workload, a pod without one, a node, or a part of the outside.' })
export class DriftPeerModel {
  @Field(() => String)
  readonly kind!: string;

  @Field(() => String)
  readonly namespace!: string;

  @Field(() => String)
  readonly name!: string;

  @Field(() => Int)
  readonly endpoints!: number;
}

@ObjectType('NamespaceCount')
export class NamespaceCountModel {
  @Field(() => String, { description: 'Empty for nodes.' })
  readonly namespace!: string;

  @Field(() => Int)
  readonly endpoints!: number;
}

@ObjectType('DriftSide', { description: 'The endpoints at one side of an entry.' })
export class DriftSideModel {
  @Field(() => Int)
  readonly endpoints!: number;

  @Field(() => [NamespaceCountModel])
  readonly namespaces!: readonly NamespaceCountModel[];

  @Field(() => Int, { description: 'Endpoints outside the cluster.' })
  readonly outside!: number;

  @Field(() => [DriftPeerModel], { description: 'By workload, the first 200.' })
  readonly peers!: readonly DriftPeerModel[];
}

@ObjectType('DriftVerdict', { description: 'What one state makes of a flow, and the rules that settle it.' })
export class DriftVerdictModel {
  @Field(() => FlowVerdictEnum)
  readonly verdict!: string;

  @Field(() => [RuleModel])
  readonly rules!: readonly RuleModel[];
}

@ObjectType('DriftExample', { description: 'A flow that shows a difference, as a question takes it.' })
export class DriftExampleModel {
  @Field(() => String)
  readonly from!: string;

  @Field(() => String)
  readonly to!: string;

  @Field(() => String)
  readonly protocol!: string;

  @Field(() => Int)
  readonly port!: number;

  @Field(() => DriftVerdictModel)
  readonly before!: DriftVerdictModel;

  @Field(() => DriftVerdictModel)
  readonly after!: DriftVerdictModel;
}

@ObjectType('DriftCause', { description: 'The object whose change made the difference.' })
export class DriftCauseModel {
  @Field(() => DriftCauseTypeEnum)
  readonly type!: string;

  @Field(() => ChangeTypeEnum)
  readonly change!: string;

  @Field(() => ObjectRefModel, { nullable: true })
  readonly object!: ObjectRefModel | null;

  @Field(() => String)
  readonly text!: string;
}

@ObjectType('DriftEntry', { description: 'One difference in what can talk to what.' })
export class DriftEntryModel {
  @Field(() => String, { description: 'Equal for equal entries, in whatever report.' })
  readonly id!: string;

  @Field(() => DriftTypeEnum)
  readonly type!: string;

  @Field(() => Boolean, { description: 'Something may pass that could not, or protection is gone.' })
  readonly dangerous!: boolean;

  @Field(() => Boolean, { description: 'Something that passed may not pass any more.' })
  readonly breaking!: boolean;

  @Field(() => String)
  readonly summary!: string;

  @Field(() => DriftSideModel, { nullable: true })
  readonly sources!: DriftSideModel | null;

  @Field(() => DriftSideModel, { nullable: true })
  readonly destinations!: DriftSideModel | null;

  @Field(() => DriftSideModel, { nullable: true, description: 'What is isolated, or came or went.' })
  readonly subjects!: DriftSideModel | null;

  @Field(() => DirectionEnum, { nullable: true })
  readonly direction!: string | null;

  @Field(() => String)
  readonly before!: string;

  @Field(() => String)
  readonly after!: string;

  @Field(() => Float)
  readonly pairs!: number;

  @Field(() => DriftExampleModel, { nullable: true })
  readonly example!: DriftExampleModel | null;

  @Field(() => [DriftCauseModel])
  readonly causes!: readonly DriftCauseModel[];

  @Field(() => SnapshotMomentModel, {
    nullable: true,
    description: 'The snapshot in which the causes came about.',
  })
  readonly happened!: SnapshotMomentModel | null;
}

@ObjectType('PatchLine', { description: 'One value of an object that differs, as JSON.' })
export class PatchLineModel {
  @Field(() => String)
  readonly path!: string;

  @Field(() => String, { nullable: true })
  readonly before!: string | null;

  @Field(() => String, { nullable: true })
  readonly after!: string | null;
}

@ObjectType('ObjectDrift', { description: 'An object that came, went or changed.' })
export class ObjectDriftModel {
  @Field(() => ChangeTypeEnum)
  readonly type!: string;

  @Field(() => String)
  readonly kindId!: string;

  @Field(() => ObjectRefModel)
  readonly object!: ObjectRefModel;

  @Field(() => PolicyMeaningEnum, { nullable: true, description: 'Null for what is no policy.' })
  readonly meaning!: string | null;

  @Field(() => [PatchLineModel])
  readonly patch!: readonly PatchLineModel[];

  @Field(() => SnapshotMomentModel, { nullable: true })
  readonly happened!: SnapshotMomentModel | null;
}

@ObjectType('DriftTypeCount')
export class DriftTypeCountModel {
  @Field(() => DriftTypeEnum)
  readonly type!: string;

  @Field(() => Int)
  readonly count!: number;
}

@ObjectType('DriftSummary', { description: 'Counts of all that the filter leaves.' })
export class DriftSummaryModel {
  @Field(() => Int)
  readonly entries!: number;

  @Field(() => Int)
  readonly dangerous!: number;

  @Field(() => Int)
  readonly breaking!: number;

  @Field(() => [DriftTypeCountModel])
  readonly types!: readonly DriftTypeCountModel[];

  @Field(() => Int)
  readonly objectsAdded!: number;

  @Field(() => Int)
  readonly objectsRemoved!: number;

  @Field(() => Int)
  readonly objectsChanged!: number;

  @Field(() => Int, { description: 'Policies that say the same in other words.' })
  readonly policiesSame!: number;

  @Field(() => Int)
  readonly policiesDifferent!: number;
}

@ObjectType('ComparedState', { description: 'A state that was compared.' })
export class ComparedStateModel {
  @Field(() => String, { description: 'The cluster, or `manifests`.' })
  readonly label!: string;

  @Field(() => SnapshotMomentModel, { nullable: true, description: 'Null for manifests.' })
  readonly snapshot!: SnapshotMomentModel | null;
}

export const DriftEntryConnection = connectionOf('DriftEntry', DriftEntryModel);

@ObjectType('ObservedFlowImpact', { description: 'What a change does to a flow that was seen.' })
export class ObservedFlowImpactModel {
  @Field(() => String)
  readonly src!: string;

  @Field(() => String)
  readonly dst!: string;

  @Field(() => String)
  readonly protocol!: string;

  @Field(() => Int, { nullable: true })
  readonly port!: number | null;

  @Field(() => FlowEffectEnum)
  readonly effect!: string;

  @Field(() => VerdictEnum, { nullable: true })
  readonly before!: string | null;

  @Field(() => VerdictEnum, { nullable: true })
  readonly after!: string | null;

  @Field(() => String)
  readonly why!: string;
}

@ObjectType('JudgedFlows', { description: 'The flows that a change was tried on.' })
export class JudgedFlowsModel {
  @Field(() => Int)
  readonly given!: number;

  @Field(() => Boolean, { description: 'They are those that the cluster keeps, as none were given.' })
  readonly kept!: boolean;

  @Field(() => String, { nullable: true, description: 'RFC 3339, of those that are kept.' })
  readonly firstSeen!: string | null;

  @Field(() => String, { nullable: true })
  readonly lastSeen!: string | null;

  @Field(() => Int, { description: 'Flows that stay as they are.' })
  readonly same!: number;
}

@ObjectType('Drift', {
  implements: () => [AnswerModel],
  description: 'What differs between two states: objects, the meaning of policies, and what can talk to what.',
})
export class DriftModel extends AnswerModel {
  readonly __typename!: 'Drift';

  @Field(() => ComparedStateModel)
  readonly before!: ComparedStateModel;

  @Field(() => ComparedStateModel)
  readonly after!: ComparedStateModel;

  @Field(() => ReadingNameEnum)
  readonly reading!: string;

  @Field(() => DriftSummaryModel)
  readonly summary!: DriftSummaryModel;

  @Field(() => DriftEntryConnection, { description: 'Dangerous first, then breaking.' })
  readonly entries!: Connection<DriftEntryModel>;

  @Field(() => [ObjectDriftModel], { description: 'Of the same page.' })
  readonly objects!: readonly ObjectDriftModel[];

  @Field(() => String, { description: 'The page as Markdown, for a comment of a pull request.' })
  readonly markdown!: string;

  @Field(() => [ObservedFlowImpactModel], {
    nullable: true,
    description: 'Flows that a change would affect; null when none were given and none are kept.',
  })
  readonly flows!: readonly ObservedFlowImpactModel[] | null;

  @Field(() => JudgedFlowsModel, { nullable: true, description: 'Which flows those are of.' })
  readonly judgedFlows!: JudgedFlowsModel | null;
}

@ObjectType({ isAbstract: true })
abstract class DriftCountsModel {
  @Field(() => Int)
  readonly entries!: number;

  @Field(() => Int)
  readonly dangerous!: number;

  @Field(() => Int)
  readonly breaking!: number;

  @Field(() => Int)
  readonly objects!: number;

  @Field(() => [DriftTypeCountModel])
  readonly types!: readonly DriftTypeCountModel[];
}

@ObjectType('BaselineDrift', { description: 'How far a state was from what its cluster is declared to be.' })
export class BaselineDriftModel extends DriftCountsModel {
  @Field(() => String)
  readonly name!: string;
}

@ObjectType('DriftStretch', {
  description: 'What changed from one snapshot to a later one. `drift` with both tells it in full.',
})
export class DriftStretchModel extends DriftCountsModel {
  @Field(() => SnapshotMomentModel)
  readonly before!: SnapshotMomentModel;

  @Field(() => SnapshotMomentModel)
  readonly after!: SnapshotMomentModel;

  @Field(() => Date)
  readonly computedAt!: Date;

  @Field(() => BaselineDriftModel, { nullable: true, description: 'Null where the cluster had no baseline then.' })
  readonly fromBaseline!: BaselineDriftModel | null;
}

export const DriftStretchConnection = connectionOf('DriftStretch', DriftStretchModel);

@ObjectType('Since', { implements: () => [AnswerModel], description: 'Since when an answer holds without a break.' })
export class SinceModel extends AnswerModel {
  @Field(() => VerdictEnum)
  readonly verdict!: string;

  @Field(() => String)
  readonly summary!: string;

  @Field(() => SnapshotMomentModel, {
    nullable: true,
    description: 'Null when it has been so since the oldest snapshot that is kept.',
  })
  readonly since!: SnapshotMomentModel | null;

  @Field(() => SnapshotMomentModel)
  readonly oldest!: SnapshotMomentModel;

  @Field(() => VerdictEnum, { nullable: true, description: 'Null when one of the two did not exist.' })
  readonly verdictBefore!: string | null;

  @Field(() => String)
  readonly summaryBefore!: string;

  @Field(() => Int, { description: 'How many states were looked at.' })
  readonly evaluated!: number;
}

export const DriftResult = createUnionType({
  name: 'DriftResult',
  types: () => [DriftModel, ClusterNotFoundModel, SnapshotNotFoundModel] as const,
  resolveType: typeOf,
});
