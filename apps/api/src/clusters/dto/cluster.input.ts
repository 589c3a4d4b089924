import { Field, Float, InputType } from '@nestjs/graphql';
import { ClusterSourceTypeEnum, UploadEncodingEnum } from '../../graphql/model/enums.js';

@InputType('ClusterSourceInput')
export class ClusterSourceInputModel {
  @Field(() => ClusterSourceTypeEnum)
  readonly type!: string;

  @Field(() => String, { nullable: true, description: 'Of the kubeconfig file, folder or archive, on the server.' })
  readonly path?: string | null;

  @Field(() => String, { nullable: true, description: 'Text of a kubeconfig. Sealed at once and never shown.' })
  readonly inline?: string | null;

  @Field(() => String, { nullable: true, description: 'Context of the kubeconfig, its current one when left out.' })
  readonly context?: string | null;
}

@InputType('AddClusterInput')
export class AddClusterInputModel {
  @Field(() => String)
  readonly name!: string;

  @Field(() => ClusterSourceInputModel)
  readonly source!: ClusterSourceInputModel;

  @Field(() => Float, { nullable: true, description: 'Seconds to wait until the source is read, 0 to 60.' })
  readonly waitSeconds?: number | null;
}

@InputType('ClusterInput')
export class ClusterInputModel {
  @Field(() => String, { description: 'Name or id.' })
  readonly cluster!: string;
}

@InputType('UploadManifestsInput')
export class UploadManifestsInputModel {
  @Field(() => String, { description: 'Name or id.' })
  readonly cluster!: string;

  @Field(() => String, { description: 'Manifests. What does not fit goes by REST.' })
  readonly content!: string;

  @Field(() => String, { nullable: true, description: '`application/yaml` when left out.' })
  readonly contentType?: string | null;

  @Field(() => UploadEncodingEnum, { nullable: true, description: 'TEXT when left out; archives are BASE64.' })
  readonly encoding?: string | null;

  @Field(() => Float, { nullable: true, description: 'Seconds to wait until the manifests are read, 0 to 60.' })
  readonly waitSeconds?: number | null;
}
