import { Field, InputType, ObjectType } from '@nestjs/graphql';
import { UploadEncodingEnum } from '../../graphql/model/enums.js';
import { SnapshotPointScalar } from '../../graphql/number-or-text.scalar.js';
import { SnapshotMomentModel } from '../../drift/dto/drift.model.js';
import { AnswerModel } from '../../graphql/model/shared.model.js';

@ObjectType('Baseline', { implements: () => [AnswerModel], description: 'What a cluster is declared to be.' })
export class BaselineModel extends AnswerModel {
  @Field(() => String)
  readonly name!: string;

  @Field(() => SnapshotMomentModel, { nullable: true, description: 'Null when manifests were given.' })
  readonly snapshot!: SnapshotMomentModel | null;

  @Field(() => String, { description: 'Who declared it.' })
  readonly requester!: string;

  @Field(() => Date)
  readonly setAt!: Date;
}

@InputType('SetBaselineInput', { description: 'Manifests, or a snapshot; the newest when neither is given.' })
export class SetBaselineInputModel {
  @Field(() => String, { description: 'Name or id.' })
  readonly cluster!: string;

  @Field(() => String, { nullable: true, description: 'What people call it.' })
  readonly name?: string | null;

  @Field(() => SnapshotPointScalar, { nullable: true })
  readonly at?: number | string | null;

  @Field(() => String, { nullable: true, description: 'YAML or JSON, or an archive in Base64.' })
  readonly manifests?: string | null;

  @Field(() => UploadEncodingEnum, { nullable: true })
  readonly encoding?: string | null;
}

@ObjectType('SetBaselinePayload')
export class SetBaselinePayloadModel {
  @Field(() => BaselineModel)
  readonly baseline!: BaselineModel;
}

@ObjectType('RemoveBaselinePayload')
export class RemoveBaselinePayloadModel {
  @Field(() => String, { description: 'The cluster, as it was named.' })
  readonly cluster!: string;
}
