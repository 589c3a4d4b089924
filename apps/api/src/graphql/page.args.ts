import { ArgsType, Field, Int } from '@nestjs/graphql';
import { pageInput, parseInput, type PageInput } from '#contracts';

@ArgsType()
export class PageArgs {
  @Field(() => Int, { nullable: true, description: 'How many, 1 to 100; 25 when left out.' })
  readonly first?: number;

  @Field(() => String, { nullable: true, description: 'The cursor to go on behind.' })
  readonly after?: string;
}

/** The page that the arguments ask for. @throws AppError `request.invalid` */
export function pageOf(args: PageArgs): PageInput {
  return parseInput(pageInput, { limit: args.first ?? undefined, cursor: args.after ?? undefined });
}
