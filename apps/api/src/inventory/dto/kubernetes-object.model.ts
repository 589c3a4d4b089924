import { Field, ID, Int, InterfaceType, ObjectType } from '@nestjs/graphql';
import { JsonScalar } from '../../graphql/json.scalar.js';
import { AnswerModel, DiagnosticModel, LabelModel, NodeModel, typeOf } from '../../graphql/model/shared.model.js';

@ObjectType('OwnerRef')
export class OwnerRefModel {
  @Field(() => String)
  readonly group!: string;

  @Field(() => String)
  readonly kind!: string;

  @Field(() => String)
  readonly name!: string;

  @Field(() => String)
  readonly uid!: string;
}

@InterfaceType('KubernetesObject', {
  resolveType: typeOf,
  implements: () => [NodeModel],
  description: 'One object of a cluster.',
})
export abstract class KubernetesObjectModel {
  abstract readonly __typename: string;

  /** For the field `cluster`, which a resolver loads. */
  readonly clusterId!: string;

  @Field(() => ID, { description: 'Opaque and stable.' })
  readonly id!: string;

  @Field(() => String, { description: 'Kind with group, as `NetworkPolicy.networking.k8s.io`.' })
  readonly kindId!: string;

  @Field(() => String)
  readonly group!: string;

  @Field(() => String)
  readonly version!: string;

  @Field(() => String)
  readonly kind!: string;

  @Field(() => String, { description: 'Empty for cluster-scoped kinds.' })
  readonly namespace!: string;

  @Field(() => String)
  readonly name!: string;

  @Field(() => String)
  readonly uid!: string;

  @Field(() => [LabelModel])
  readonly labels!: readonly LabelModel[];

  @Field(() => [LabelModel])
  readonly annotations!: readonly LabelModel[];

  @Field(() => OwnerRefModel, { nullable: true, description: 'The controller that owns it.' })
  readonly owner!: OwnerRefModel | null;

  @Field(() => String, { nullable: true })
  readonly createdAt!: string | null;

  @Field(() => Boolean)
  readonly deleting!: boolean;

  @Field(() => Boolean, { description: 'It could not be read; the diagnostics say why.' })
  readonly rejected!: boolean;

  @Field(() => [DiagnosticModel])
  readonly diagnostics!: readonly DiagnosticModel[];
}

const objectType = { implements: () => [NodeModel, KubernetesObjectModel] };

@ObjectType('Policy', { ...objectType, description: 'A policy of any kind.' })
export class PolicyModel extends KubernetesObjectModel {
  readonly __typename = 'Policy';
}

@ObjectType('Namespace', objectType)
export class NamespaceModel extends KubernetesObjectModel {
  readonly __typename = 'Namespace';
}

@ObjectType('OtherObject', { ...objectType, description: 'An object of a kind without a type of its own.' })
export class OtherObjectModel extends KubernetesObjectModel {
  readonly __typename = 'OtherObject';
}

@ObjectType('ContainerPort')
export class ContainerPortModel {
  @Field(() => String)
  readonly name!: string;

  @Field(() => Int, { nullable: true })
  readonly port!: number | null;

  @Field(() => String)
  readonly protocol!: string;

  @Field(() => Int, { nullable: true })
  readonly hostPort!: number | null;
}

@ObjectType('Pod', { ...objectType, description: 'A pod. Details are null when it was rejected.' })
export class PodModel extends KubernetesObjectModel {
  readonly __typename = 'Pod';

  @Field(() => String, { nullable: true })
  readonly node!: string | null;

  @Field(() => [String], { nullable: true })
  readonly addresses!: readonly string[] | null;

  @Field(() => String, { nullable: true })
  readonly phase!: string | null;

  @Field(() => Boolean, { nullable: true })
  readonly ready!: boolean | null;

  @Field(() => Boolean, { nullable: true })
  readonly hostNetwork!: boolean | null;

  @Field(() => String, { nullable: true })
  readonly serviceAccount!: string | null;

  @Field(() => [ContainerPortModel], { nullable: true })
  readonly ports!: readonly ContainerPortModel[] | null;
}

@ObjectType('Workload', { ...objectType, description: 'What makes pods: a Deployment, StatefulSet, Job and so on.' })
export class WorkloadModel extends KubernetesObjectModel {
  readonly __typename = 'Workload';

  @Field(() => Int, { nullable: true })
  readonly replicas!: number | null;

  @Field(() => Int, { nullable: true })
  readonly readyReplicas!: number | null;

  @Field(() => [LabelModel], { nullable: true })
  readonly podLabels!: readonly LabelModel[] | null;

  @Field(() => Boolean, { nullable: true })
  readonly hostNetwork!: boolean | null;

  @Field(() => String, { nullable: true })
  readonly serviceAccount!: string | null;

  @Field(() => [ContainerPortModel], { nullable: true })
  readonly ports!: readonly ContainerPortModel[] | null;
}

@ObjectType('ServicePort')
export class ServicePortModel {
  @Field(() => String)
  readonly name!: string;

  @Field(() => Int, { nullable: true })
  readonly port!: number | null;

  @Field(() => String)
  readonly protocol!: string;

  @Field(() => String, { description: 'Empty for the same port.' })
  readonly targetPort!: string;

  @Field(() => Int, { nullable: true })
  readonly nodePort!: number | null;
}

@ObjectType('Service', objectType)
export class ServiceModel extends KubernetesObjectModel {
  readonly __typename = 'Service';

  @Field(() => String, { nullable: true })
  readonly type!: string | null;

  @Field(() => Boolean, { nullable: true })
  readonly headless!: boolean | null;

  @Field(() => [String], { nullable: true })
  readonly clusterAddresses!: readonly string[] | null;

  @Field(() => [String], { nullable: true })
  readonly externalAddresses!: readonly string[] | null;

  @Field(() => String, { nullable: true })
  readonly externalName!: string | null;

  @Field(() => [LabelModel], { nullable: true, description: 'Null when its endpoints are set by hand.' })
  readonly selector!: readonly LabelModel[] | null;

  @Field(() => [ServicePortModel], { nullable: true })
  readonly ports!: readonly ServicePortModel[] | null;
}

@ObjectType('NodeAddress')
export class NodeAddressModel {
  @Field(() => String)
  readonly type!: string;

  @Field(() => String)
  readonly address!: string;
}

@ObjectType('ClusterNode', { ...objectType, description: 'A node of the cluster.' })
export class ClusterNodeModel extends KubernetesObjectModel {
  readonly __typename = 'ClusterNode';

  @Field(() => [NodeAddressModel], { nullable: true })
  readonly addresses!: readonly NodeAddressModel[] | null;

  @Field(() => [String], { nullable: true })
  readonly podCidrs!: readonly string[] | null;

  @Field(() => String, { nullable: true })
  readonly kubeletVersion!: string | null;

  @Field(() => String, { nullable: true })
  readonly osImage!: string | null;

  @Field(() => Boolean, { nullable: true })
  readonly ready!: boolean | null;
}

@ObjectType('ObjectDetail', {
  implements: () => [AnswerModel],
  description: 'One object with everything that is kept of it.',
})
export class ObjectDetailModel extends AnswerModel {
  readonly __typename = 'ObjectDetail';

  @Field(() => KubernetesObjectModel)
  readonly object!: KubernetesObjectModel;

  @Field(() => JsonScalar, { nullable: true, description: 'As a manifest; null when only the fact is kept.' })
  readonly raw!: unknown;

  @Field(() => JsonScalar, { description: 'What the engine knows of it.' })
  readonly fact!: unknown;

  @Field(() => Int, { description: 'The snapshot in which it first looked like this.' })
  readonly sinceSeq!: number;
}
