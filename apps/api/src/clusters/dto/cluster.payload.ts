import { Field, ObjectType } from '@nestjs/graphql';
import { ClusterModel } from './cluster.model.js';

@ObjectType('ClusterPayload')
export class ClusterPayloadModel {
  @Field(() => ClusterModel)
  readonly cluster!: ClusterModel;
}

@ObjectType('ResyncClusterPayload')
export class ResyncClusterPayloadModel {
  @Field(() => ClusterModel)
  readonly cluster!: ClusterModel;

  @Field(() => String)
  readonly jobId!: string;
}

@ObjectType('RemoveClusterPayload')
export class RemoveClusterPayloadModel {
  @Field(() => String)
  readonly removedClusterId!: string;

  @Field(() => String)
  readonly name!: string;
}
