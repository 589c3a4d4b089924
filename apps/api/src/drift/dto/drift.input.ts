import { ArgsType, Field, InputType, Int, PickType } from '@nestjs/graphql';
import { DriftTypeEnum, ReadingNameEnum, UploadEncodingEnum } from '../../graphql/model/enums.js';
import { PortScalar, SnapshotPointScalar } from '../../graphql/number-or-text.scalar.js';
import { ForwardPageArgs } from '../../graphql/page.args.js';

@InputType({ isAbstract: true })
abstract class DriftFilterInputModel {
  @Field(() => ReadingNameEnum, { nullable: true, description: 'ENFORCED when left out.' })
  readonly reading?: string | null;

  @Field(() => Boolean, { nullable: true, description: 'Only what may let something pass; with `breaking`, either.' })
  readonly dangerous?: boolean | null;

  @Field(() => Boolean, { nullable: true, description: 'Only what may stop something that passed.' })
  readonly breaking?: boolean | null;

  @Field(() => [DriftTypeEnum], { nullable: true })
  readonly type?: readonly string[] | null;

  @Field(() => [String], { nullable: true, description: 'Only objects of these kinds, with group.' })
  readonly kind?: readonly string[] | null;

  @Field(() => String, { nullable: true, description: 'Only what has this namespace at one of its sides.' })
  readonly namespace?: string | null;
}

@InputType('NamespaceNameInput', {
  description: 'A namespace of the other place, and what it is called in the cluster.',
})
export class NamespaceNameInputModel {
  @Field(() => String)
  readonly from!: string;

  @Field(() => String)
  readonly to!: string;
}

@InputType('DriftAgainstInput', { description: 'Another cluster, or manifests. Give one of both.' })
export class DriftAgainstInputModel {
  @Field(() => String, { nullable: true })
  readonly cluster?: string | null;

  @Field(() => SnapshotPointScalar, { nullable: true })
  readonly at?: number | string | null;

  @Field(() => String, { nullable: true, description: 'YAML or JSON, or an archive in Base64.' })
  readonly manifests?: string | null;

  @Field(() => UploadEncodingEnum, { nullable: true })
  readonly encoding?: string | null;
}

@InputType('DriftInput', { description: 'Which two states to compare, and what of the report to tell.' })
export class DriftInputModel extends DriftFilterInputModel {
  @Field(() => String, { description: 'Name or id.' })
  readonly cluster!: string;

  @Field(() => SnapshotPointScalar, {
    nullable: true,
    description: 'The earlier state, or `baseline`; the one before when left out.',
  })
  readonly before?: number | string | null;

  @Field(() => SnapshotPointScalar, { nullable: true, description: 'The later state; the newest when left out.' })
  readonly after?: number | string | null;

  @Field(() => DriftAgainstInputModel, { nullable: true, description: 'Instead of the past of the cluster.' })
  readonly against?: DriftAgainstInputModel | null;

  @Field(() => [NamespaceNameInputModel], { nullable: true })
  readonly namespaces?: readonly NamespaceNameInputModel[] | null;
}

@InputType('DriftEntryInput', { description: 'An entry of the report on two states.' })
export class DriftEntryInputModel extends PickType(
  DriftInputModel,
  ['before', 'after', 'against', 'namespaces', 'reading'],
  InputType,
) {
  @Field(() => String, { description: 'Its id.' })
  readonly entry!: string;
}

@InputType('ObservedFlowInput', { description: 'A connection that somebody saw.' })
export class ObservedFlowInputModel {
  @Field(() => String)
  readonly src!: string;

  @Field(() => String)
  readonly dst!: string;

  @Field(() => String, { nullable: true, description: 'TCP when left out.' })
  readonly protocol?: string | null;

  @Field(() => Int, { nullable: true })
  readonly port?: number | null;
}

@InputType('WhatIfInput', { description: 'What somebody is about to do to a cluster.' })
export class WhatIfInputModel extends DriftFilterInputModel {
  @Field(() => String, { description: 'Name or id.' })
  readonly cluster!: string;

  @Field(() => SnapshotPointScalar, { nullable: true })
  readonly at?: number | string | null;

  @Field(() => String, { nullable: true, description: 'Manifests that would be applied.' })
  readonly apply?: string | null;

  @Field(() => String, { nullable: true, description: 'Manifests whose objects would be removed.' })
  readonly remove?: string | null;

  @Field(() => UploadEncodingEnum, { nullable: true })
  readonly encoding?: string | null;

  @Field(() => [String], { nullable: true, description: 'Staged policies to put in force, as `namespace/name`.' })
  readonly promote?: readonly string[] | null;

  @Field(() => Boolean, { nullable: true, description: 'Put every staged policy in force.' })
  readonly promoteAll?: boolean | null;

  @Field(() => [ObservedFlowInputModel], { nullable: true })
  readonly flows?: readonly ObservedFlowInputModel[] | null;
}

@InputType('SinceInput', { description: 'Since when does the answer to this question hold?' })
export class SinceInputModel {
  @Field(() => String, { description: 'Name or id.' })
  readonly cluster!: string;

  @Field(() => String)
  readonly from!: string;

  @Field(() => String)
  readonly to!: string;

  @Field(() => String, { nullable: true, description: 'TCP when left out.' })
  readonly protocol?: string | null;

  @Field(() => PortScalar, { nullable: true })
  readonly port?: number | string | null;

  @Field(() => SnapshotPointScalar, { nullable: true })
  readonly at?: number | string | null;
}

@ArgsType()
export class DriftEventsArgs {
  @Field(() => String, { description: 'Name or id.' })
  readonly cluster!: string;

  @Field(() => Int, { nullable: true, description: 'The snapshot to go on behind; from now on when left out.' })
  readonly after?: number | null;
}

@ArgsType()
export class DriftTimelineArgs extends ForwardPageArgs {
  @Field(() => String, { description: 'Name or id.' })
  readonly cluster!: string;

  @Field(() => Boolean, { nullable: true })
  readonly dangerous?: boolean;

  @Field(() => Boolean, { nullable: true })
  readonly breaking?: boolean;
}
