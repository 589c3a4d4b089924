import { Field, Float, ID, Int, InterfaceType, ObjectType } from '@nestjs/graphql';
import { DiagnosticClassEnum, EnforcedEnum } from './enums.js';

interface Typed {
  readonly __typename: string;
}

/** Our values say which type they are, so that interfaces and unions need no guessing. */
export const typeOf = (value: unknown): string => (value as Typed).__typename;

@InterfaceType('Node', { resolveType: typeOf, description: 'Anything with an id.' })
export abstract class NodeModel {
  @Field(() => ID, { description: 'Opaque and stable.' })
  readonly id!: string;
}

@ObjectType('Label', { description: 'One entry of a map.' })
export class LabelModel {
  @Field(() => String)
  readonly key!: string;

  @Field(() => String)
  readonly value!: string;
}

@ObjectType('AsOf', { description: 'Which state of which cluster an answer is about.' })
export class AsOfModel {
  @Field(() => String)
  readonly clusterId!: string;

  @Field(() => String, { description: "The cluster's name." })
  readonly cluster!: string;

  @Field(() => Int, { description: 'Number of the snapshot.' })
  readonly seq!: number;

  @Field(() => Date)
  readonly takenAt!: Date;

  @Field(() => Float, { description: 'Milliseconds since the cluster was last known to look like this.' })
  readonly stalenessMs!: number;
}

@ObjectType('IncompleteKind')
export class IncompleteKindModel {
  @Field(() => String)
  readonly kind!: string;

  @Field(() => String)
  readonly reason!: string;
}

@ObjectType('Completeness', { description: 'Which kinds were fully listed when the snapshot was taken.' })
export class CompletenessModel {
  @Field(() => Boolean)
  readonly complete!: boolean;

  @Field(() => [IncompleteKindModel])
  readonly incomplete!: readonly IncompleteKindModel[];
}

@InterfaceType('Answer', { resolveType: typeOf, description: 'Whatever is derived from a snapshot.' })
export abstract class AnswerModel {
  @Field(() => AsOfModel)
  readonly asOf!: AsOfModel;

  @Field(() => CompletenessModel)
  readonly completeness!: CompletenessModel;

  @Field(() => String)
  readonly engineVersion!: string;
}

@ObjectType('PageInfo')
export class PageInfoModel {
  @Field(() => Boolean)
  readonly hasNextPage!: boolean;

  @Field(() => Boolean)
  readonly hasPreviousPage!: boolean;

  @Field(() => String, { nullable: true })
  readonly startCursor!: string | null;

  @Field(() => String, { nullable: true })
  readonly endCursor!: string | null;
}

@ObjectType('ObjectRef', { description: 'Names one object of a cluster.' })
export class ObjectRefModel {
  @Field(() => String)
  readonly group!: string;

  @Field(() => String)
  readonly kind!: string;

  @Field(() => String, { description: 'Empty for cluster-scoped kinds.' })
  readonly namespace!: string;

  @Field(() => String)
  readonly name!: string;
}

@ObjectType('Diagnostic', { description: 'A finding about input.' })
export class DiagnosticModel {
  @Field(() => String)
  readonly code!: string;

  @Field(() => DiagnosticClassEnum)
  readonly class!: string;

  @Field(() => String)
  readonly message!: string;

  @Field(() => ObjectRefModel, { nullable: true })
  readonly object!: ObjectRefModel | null;

  @Field(() => String, { description: 'JSON Pointer into the object, empty for the whole.' })
  readonly pointer!: string;
}

@ObjectType('CniEvidence')
export class CniEvidenceModel {
  @Field(() => String)
  readonly source!: string;

  @Field(() => String)
  readonly detail!: string;

  @Field(() => Float)
  readonly weight!: number;
}

@ObjectType('CniEngine')
export class CniEngineModel {
  @Field(() => String)
  readonly id!: string;

  @Field(() => String, { description: 'Empty when unknown.' })
  readonly version!: string;

  @Field(() => [LabelModel])
  readonly options!: readonly LabelModel[];

  @Field(() => [String])
  readonly unenforcedNodes!: readonly string[];
}

@ObjectType('Cni', { description: 'What a cluster runs to enforce policy, with the evidence that says so.' })
export class CniModel {
  @Field(() => String)
  readonly networking!: string;

  @Field(() => String, { description: 'Empty when nothing enforces policy.' })
  readonly policyEngine!: string;

  @Field(() => String)
  readonly title!: string;

  @Field(() => String, { description: 'Empty when unknown.' })
  readonly version!: string;

  @Field(() => EnforcedEnum)
  readonly enforced!: string;

  @Field(() => Float)
  readonly confidence!: number;

  @Field(() => [CniEvidenceModel])
  readonly evidence!: readonly CniEvidenceModel[];

  @Field(() => [LabelModel])
  readonly options!: readonly LabelModel[];

  @Field(() => [String])
  readonly unenforcedNodes!: readonly string[];

  @Field(() => [CniEngineModel], { description: 'Each engine by itself where several enforce at once.' })
  readonly engines!: readonly CniEngineModel[];
}
