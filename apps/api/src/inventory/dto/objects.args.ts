import { ArgsType, Field, IntersectionType } from '@nestjs/graphql';
import { SnapshotPointScalar } from '../../graphql/number-or-text.scalar.js';
import { BackwardPageArgs, ForwardPageArgs } from '../../graphql/page.args.js';
import { SortField } from '../../graphql/sort.field.js';
import { LIST_QUERIES } from '../inventory.query.js';

/** What narrows a list of objects. */
@ArgsType()
export class ObjectFilterArgs extends ForwardPageArgs {
  @Field(() => [String], { nullable: true, description: 'Only these kinds, as `Deployment.apps`.' })
  readonly kind?: readonly string[] | null;

  @Field(() => String, { nullable: true, description: '`*` and `?` stand for any text or character.' })
  readonly namespace?: string | null;

  @Field(() => String, { nullable: true, description: '`*` and `?` stand for any text or character.' })
  readonly name?: string | null;

  @Field(() => String, { nullable: true, description: 'A label selector, as `app=web,tier in (a, b),!legacy`.' })
  readonly labels?: string | null;

  @Field(() => String, { nullable: true, description: 'A selector of labels of the namespace.' })
  readonly namespaceLabels?: string | null;

  @Field(() => String, { nullable: true, description: 'With an address in this CIDR, or with this one.' })
  readonly address?: string | null;

  @Field(() => String, { nullable: true, description: 'What runs this image: its name, or a glob of it.' })
  readonly image?: string | null;

  @Field(() => String, { nullable: true, description: 'Pods on this node.' })
  readonly node?: string | null;
}

@ArgsType()
export class ObjectsArgs extends IntersectionType(ObjectFilterArgs, BackwardPageArgs, ArgsType) {
  @SortField(LIST_QUERIES.objects)
  readonly sort?: string | null;

  @Field(() => String, { description: 'Name or id.' })
  readonly cluster!: string;

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
