import { Field, Int, ObjectType } from '@nestjs/graphql';
import { ComparedFeatureModel } from '../../cnis/dto/compared-cni.model.js';
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

  @Field(() => String, { description: 'The version or setting that enforces it, empty when none is known.' })
  readonly needs!: string;

  @Field(() => String)
  readonly source!: string;

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

  @Field(() => String, { description: 'The version or setting that has it, empty when none is known.' })
  readonly needs!: string;
}

@ObjectType('LackingField', { description: 'A field of a policy that the CNI does not implement as it is written.' })
export class LackingFieldModel {
  @Field(() => ObjectRefModel)
  readonly policy!: ObjectRefModel;

  @Field(() => String, { description: 'JSON Pointer of the field.' })
  readonly pointer!: string;

  @Field(() => DeviationEnum, { description: 'What the CNI makes of the field.' })
  readonly deviation!: string;

  @Field(() => String)
  readonly why!: string;

  @Field(() => String, {
    description: 'The version or setting that has it, as `Cilium 1.16`, empty when none is known.',
  })
  readonly needs!: string;

  @Field(() => String)
  readonly source!: string;
}

@ObjectType('CniFeature', { description: 'What a CNI can do, as in the comparison of plugins.' })
export class CniFeatureModel extends ComparedFeatureModel {
  @Field(() => String, { description: 'Policy engine, or network plugin where none enforces.' })
  readonly engine!: string;
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

  @Field(() => [LackingFieldModel], { description: 'The first 100 of them.' })
  readonly lacking!: readonly LackingFieldModel[];

  @Field(() => Int)
  readonly lackingCount!: number;

  @Field(() => [CniDeviationModel])
  readonly deviations!: readonly CniDeviationModel[];

  @Field(() => [CniFeatureModel])
  readonly features!: readonly CniFeatureModel[];
}
