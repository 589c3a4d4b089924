import { ArgsType, Field, Int } from '@nestjs/graphql';

@ArgsType()
export class ChangeStreamArgs {
  @Field(() => String, { nullable: true, description: 'Only changes of this cluster, by name or id.' })
  readonly cluster?: string | null;

  @Field(() => [String], { nullable: true, description: 'Only these kinds, as `NetworkPolicy.networking.k8s.io`.' })
  readonly kind?: readonly string[] | null;

  @Field(() => String, { nullable: true })
  readonly namespace?: string | null;

  @Field(() => String, { nullable: true })
  readonly name?: string | null;

  @Field(() => String, { nullable: true, description: 'The cursor to go on behind.' })
  readonly after?: string | null;
}

@ArgsType()
export class ChangesArgs extends ChangeStreamArgs {
  @Field(() => String, { nullable: true, description: 'Only what was stored at this time or later, RFC 3339.' })
  readonly since?: string | null;

  @Field(() => String, { nullable: true, description: 'Only what was stored before this time, RFC 3339.' })
  readonly until?: string | null;

  @Field(() => Int, { nullable: true, description: 'How many, 1 to 100; 25 when left out.' })
  readonly first?: number | null;
}
