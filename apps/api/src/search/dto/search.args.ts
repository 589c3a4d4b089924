import { ArgsType, Field } from '@nestjs/graphql';
import { CollectionEnum } from '../../graphql/model/enums.js';
import { SnapshotPointScalar } from '../../graphql/number-or-text.scalar.js';
import { PageArgs } from '../../graphql/page.args.js';
import { ObjectFilterArgs } from '../../inventory/dto/objects.args.js';

@ArgsType()
export class SnapshotPageArgs extends PageArgs {
  @Field(() => String, { description: 'Name or id.' })
  readonly cluster!: string;

  @Field(() => SnapshotPointScalar, { nullable: true, description: 'The newest snapshot when left out.' })
  readonly at?: number | string | null;
}

@ArgsType()
export class LabelsArgs extends SnapshotPageArgs {
  @Field(() => CollectionEnum, { nullable: true, description: 'Whose labels; PODS when left out.' })
  readonly on?: string | null;

  @Field(() => String, { nullable: true, description: 'The values of this key, instead of all keys.' })
  readonly key?: string | null;
}

@ArgsType()
export class SelectedArgs extends SnapshotPageArgs {
  @Field(() => String, { description: 'Kind with group, as `NetworkPolicy.networking.k8s.io` or `Service`.' })
  readonly kind!: string;

  @Field(() => String, { nullable: true, description: 'Left out for cluster-scoped kinds.' })
  readonly namespace?: string | null;

  @Field(() => String)
  readonly name!: string;
}

@ArgsType()
export class PoliciesOfPodArgs extends SnapshotPageArgs {
  @Field(() => String)
  readonly namespace!: string;

  @Field(() => String)
  readonly name!: string;
}

@ArgsType()
export class CountsArgs {
  @Field(() => String, { description: 'Name or id.' })
  readonly cluster!: string;

  @Field(() => SnapshotPointScalar, { nullable: true, description: 'The newest snapshot when left out.' })
  readonly at?: number | string | null;
}

@ArgsType()
export class SearchArgs extends ObjectFilterArgs {
  @Field(() => CollectionEnum, { nullable: true, description: 'Only objects of this list.' })
  readonly on?: string | null;
}
