import { Field, Int, ObjectType } from '@nestjs/graphql';
import { DeviationEnum, KindSupportEnum } from '../../graphql/model/enums.js';
import { AnswerModel, CniModel, ObjectRefModel } from '../../graphql/model/shared.model.js';

@ObjectType('IgnoredPolicies', { description: 'Policies of one kind that the CNI does not enforce, or not in full.' })
export class IgnoredPoliciesModel {
  @Field(() => String, { description: 'As `CiliumNetworkPolicy.cilium.io`.' })
  readonly kind!: string;

  @Field(() => KindSupportEnum)
  readonly support!: string;

  @Field(() => String)
  readonly why!: string;

  @Field(() => Int, { description: 'Policies of the kind.' })
  readonly count!: number;

  @Field(() => [ObjectRefModel], { description: 'The first 100 of them.' })
  readonly policies!: readonly ObjectRefModel[];
}

@ObjectType('CniDeviation', { description: 'Where a CNI leaves the specification.' })
export class CniDeviationModel {
  @Field(() => String)
  readonly subject!: string;

  @Field(() => DeviationEnum)
  readonly deviation!: string;

  @Field(() => String)
  readonly note!: string;

  @Field(() => String)
  readonly source!: string;
}

@ObjectType('CniReport', {
  implements: () => [AnswerModel],
  description: 'What a cluster runs to enforce policy, and what of its policies that ignores.',
})
export class CniReportModel extends AnswerModel {
  readonly __typename = 'CniReport';

  @Field(() => CniModel)
  readonly cni!: CniModel;

  @Field(() => [IgnoredPoliciesModel])
  readonly ignored!: readonly IgnoredPoliciesModel[];

  @Field(() => [CniDeviationModel])
  readonly deviations!: readonly CniDeviationModel[];
}
