import { Field, Int, ObjectType } from '@nestjs/graphql';
import { connectionOf } from '../../graphql/model/connection.model.js';
import {
  ClusterSourceTypeEnum,
  ClusterStateEnum,
  DiagnosticClassEnum,
  ProblemOriginEnum,
} from '../../graphql/model/enums.js';
import { CniModel, NodeModel } from '../../graphql/model/shared.model.js';

@ObjectType('ClusterSource', { description: 'Where the objects of a cluster come from. Never holds a secret.' })
export class ClusterSourceModel {
  @Field(() => ClusterSourceTypeEnum)
  readonly type!: string;

  @Field(() => String, { nullable: true })
  readonly path!: string | null;

  @Field(() => String, { nullable: true })
  readonly context!: string | null;

  @Field(() => Boolean, { description: 'True when the text of a kubeconfig was given.' })
  readonly inline!: boolean;
}

@ObjectType('KindCount')
export class KindCountModel {
  @Field(() => String)
  readonly kind!: string;

  @Field(() => Int)
  readonly count!: number;
}

@ObjectType('Cluster', { implements: () => [NodeModel] })
export class ClusterModel extends NodeModel {
  readonly __typename = 'Cluster';

  @Field(() => String, { description: 'The id that REST uses.' })
  readonly clusterId!: string;

  @Field(() => String)
  readonly name!: string;

  @Field(() => ClusterSourceModel)
  readonly source!: ClusterSourceModel;

  @Field(() => Boolean)
  readonly paused!: boolean;

  @Field(() => ClusterStateEnum)
  readonly state!: string;

  @Field(() => String)
  readonly message!: string;

  @Field(() => Int, { description: 'Problems of the source.' })
  readonly problemCount!: number;

  @Field(() => CniModel, { nullable: true })
  readonly cni!: CniModel | null;

  @Field(() => [KindCountModel], { description: 'Objects by kind in the newest snapshot.' })
  readonly counts!: readonly KindCountModel[];

  @Field(() => Date, { nullable: true })
  readonly resyncRequestedAt!: Date | null;

  @Field(() => Date, { nullable: true })
  readonly lastSyncedAt!: Date | null;

  @Field(() => Date)
  readonly createdAt!: Date;

  @Field(() => Date)
  readonly updatedAt!: Date;
}

export const ClusterConnection = connectionOf('Cluster', ClusterModel);

@ObjectType('ClusterProblem', { description: 'Something that could not be read or is not evaluated.' })
export class ClusterProblemModel {
  @Field(() => ProblemOriginEnum)
  readonly origin!: string;

  @Field(() => DiagnosticClassEnum)
  readonly class!: string;

  @Field(() => String)
  readonly code!: string;

  @Field(() => String)
  readonly message!: string;

  @Field(() => String, { nullable: true })
  readonly file!: string | null;

  @Field(() => Int, { nullable: true })
  readonly document!: number | null;

  @Field(() => Int, { nullable: true })
  readonly line!: number | null;

  @Field(() => String, { nullable: true })
  readonly object!: string | null;

  @Field(() => String, { nullable: true })
  readonly pointer!: string | null;
}

@ObjectType('ClusterProblemPage')
export class ClusterProblemPageModel {
  @Field(() => [ClusterProblemModel])
  readonly items!: readonly ClusterProblemModel[];

  @Field(() => Int)
  readonly totalCount!: number;

  @Field(() => String, { nullable: true })
  readonly nextCursor!: string | null;
}
