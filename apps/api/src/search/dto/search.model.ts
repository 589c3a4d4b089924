import { Field, Int, ObjectType } from '@nestjs/graphql';
import { edgeOf, pageFieldsOf } from '../../graphql/model/connection.model.js';
import { KindCountModel } from '../../clusters/dto/cluster.model.js';
import { answerConnectionOf } from '../../graphql/model/connection.model.js';
import { CollectionEnum, DirectionEnum, EnforcedEnum, SelectedTypeEnum } from '../../graphql/model/enums.js';
import { AnswerModel, AsOfModel, ObjectRefModel } from '../../graphql/model/shared.model.js';
import { KubernetesObjectModel } from '../../inventory/dto/kubernetes-object.model.js';

@ObjectType('LabelCount', { description: 'A label that objects carry, by key or by key and value.' })
export class LabelCountModel {
  @Field(() => String)
  readonly key!: string;

  @Field(() => String, { nullable: true, description: 'Null where the whole key is counted.' })
  readonly value!: string | null;

  @Field(() => Int, { description: 'Objects that carry it.' })
  readonly objects!: number;

  @Field(() => Int, { description: 'Different values of the key; 1 for a single one.' })
  readonly values!: number;
}

@ObjectType('Selected', { description: 'What a policy or a Service selects.' })
export class SelectedModel {
  @Field(() => SelectedTypeEnum)
  readonly type!: string;

  @Field(() => String)
  readonly namespace!: string;

  @Field(() => String)
  readonly name!: string;

  @Field(() => [DirectionEnum], { description: 'In which a policy speaks for it; empty for a Service.' })
  readonly directions!: readonly string[];

  @Field(() => Boolean, { description: 'False when it cannot be told whether it is selected.' })
  readonly certain!: boolean;
}

@ObjectType('SelectingPolicy', { description: 'A policy that speaks for a pod in one direction.' })
export class SelectingPolicyModel {
  @Field(() => ObjectRefModel)
  readonly policy!: ObjectRefModel;

  @Field(() => DirectionEnum)
  readonly direction!: string;

  @Field(() => String)
  readonly tier!: string;

  @Field(() => Boolean, { description: 'False when it cannot be told whether it selects the pod.' })
  readonly certain!: boolean;

  @Field(() => Boolean, { description: 'The pod is closed for what no rule of the tier allows.' })
  readonly isolates!: boolean;

  @Field(() => [String], { description: 'JSON Pointers of its rules, in order of evaluation.' })
  readonly rules!: readonly string[];

  @Field(() => EnforcedEnum, { description: "Whether the cluster's network plugin enforces it for the pod." })
  readonly enforced!: string;
}

@ObjectType('CollectionCount')
export class CollectionCountModel {
  @Field(() => CollectionEnum)
  readonly collection!: string;

  @Field(() => Int)
  readonly count!: number;
}

@ObjectType('ClusterCounts', { implements: () => [AnswerModel], description: 'How many objects a cluster has.' })
export class ClusterCountsModel extends AnswerModel {
  readonly __typename = 'ClusterCounts';

  @Field(() => [CollectionCountModel], { description: 'By list; OBJECTS counts everything.' })
  readonly collections!: readonly CollectionCountModel[];

  @Field(() => [KindCountModel])
  readonly kinds!: readonly KindCountModel[];
}

@ObjectType('FleetCounts', { description: 'How many objects all clusters have together.' })
export class FleetCountsModel {
  @Field(() => [CollectionCountModel], { description: 'By list; OBJECTS counts everything.' })
  readonly collections!: readonly CollectionCountModel[];

  @Field(() => [KindCountModel])
  readonly kinds!: readonly KindCountModel[];

  @Field(() => Int)
  readonly clusters!: number;

  @Field(() => [String], { description: 'Clusters that have no snapshot yet.' })
  readonly unread!: readonly string[];
}

@ObjectType('FoundObject', { description: 'An object that was found, and in which state of which cluster.' })
export class FoundObjectModel {
  @Field(() => AsOfModel)
  readonly asOf!: AsOfModel;

  @Field(() => KubernetesObjectModel)
  readonly object!: KubernetesObjectModel;
}

@ObjectType('SearchConnection', {
  description: 'A page looks for a short time only: it may be empty and still lead on.',
})
export class SearchConnectionModel extends pageFieldsOf(edgeOf('FoundObject', FoundObjectModel)) {
  @Field(() => [String], { description: 'Clusters that have no snapshot yet.' })
  readonly unread!: readonly string[];
}

export const LabelCountConnection = answerConnectionOf('LabelCount', LabelCountModel);
export const SelectedConnection = answerConnectionOf('Selected', SelectedModel);
export const SelectingPolicyConnection = answerConnectionOf('SelectingPolicy', SelectingPolicyModel);
