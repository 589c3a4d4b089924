import { ArgsType, Field } from '@nestjs/graphql';
import { SnapshotPointScalar } from '../../graphql/number-or-text.scalar.js';
import { PageArgs } from '../../graphql/page.args.js';

@ArgsType()
export class ObjectsArgs extends PageArgs {
  @Field(() => String, { description: 'Name or id.' })
  readonly cluster!: string;

  @Field(() => [String], { nullable: true, description: 'Only these kinds, as `Deployment.apps`.' })
  readonly kinds?: readonly string[] | null;

  @Field(() => String, { nullable: true })
  readonly namespace?: string | null;

  @Field(() => String, { nullable: true })
  readonly name?: string | null;

  @Field(() => SnapshotPointScalar, { nullable: true, description: 'The newest snapshot when left out.' })
  readonly at?: number | string | null;
}

@ArgsType()
export class ObjectArgs {
  @Field(() => String, { description: 'Name or id.' })
  readonly cluster!: string;

  @Field(() => String, { description: 'Kind with group, as `NetworkPolicy.networking.k8s.io`.' })
  readonly kind!: string;

  @Field(() => String, { nullable: true, description: 'Left out for cluster-scoped kinds.' })
  readonly namespace?: string | null;

  @Field(() => String)
  readonly name!: string;

  @Field(() => SnapshotPointScalar, { nullable: true, description: 'The newest snapshot when left out.' })
  readonly at?: number | string | null;
}
