import { ArgsType, Field, Int, IntersectionType } from '@nestjs/graphql';
import { AppError, MAX_PAGE_LIMIT, pageCursor, pageLimit, parseInput, type SortedPageInput } from '#contracts';
import { z } from 'zod';
import { withoutNulls } from './without-nulls.js';

const MOST = String(MAX_PAGE_LIMIT);

/** A page of a list that is made while it is walked, and so has no end to begin at. */
@ArgsType()
export class ForwardPageArgs {
  @Field(() => Int, { nullable: true, description: `How many, 1 to ${MOST}; 25 when left out.` })
  readonly first?: number | null;

  @Field(() => String, { nullable: true, description: 'The cursor to go on behind.' })
  readonly after?: string | null;
}

@ArgsType()
export class BackwardPageArgs {
  @Field(() => Int, {
    nullable: true,
    description: `How many of the end, or of what is in front of \`before\`, 1 to ${MOST}.`,
  })
  readonly last?: number | null;

  @Field(() => String, { nullable: true, description: 'The cursor to go back from.' })
  readonly before?: string | null;
}

/** A page of a list that can be walked from both of its ends. */
@ArgsType()
export class PageArgs extends IntersectionType(ForwardPageArgs, BackwardPageArgs, ArgsType) {}

/** The page that arguments ask for, whichever list they are of. */
export type AskedPage = Readonly<Partial<Pick<PageArgs, 'first' | 'after' | 'last' | 'before'>>>;

const FORWARD = z.strictObject({ first: pageLimit, after: pageCursor });
const BACKWARD = z.strictObject({ last: pageLimit, before: pageCursor });

/** The page that the arguments ask for. @throws AppError `request.invalid` */
export function pageOf(args: AskedPage): Omit<SortedPageInput, 'sort'> {
  const { first, after, last, before } = withoutNulls(args);
  if (!isBackward(args)) {
    const page = parseInput(FORWARD, { first, after });
    return { limit: page.first, cursor: page.after };
  }
  if (first !== undefined || after !== undefined) {
    const detail = 'go forward by `first` and `after`, or back by `last` and `before`, not both at once';
    throw new AppError('request.invalid', detail, {
      errors: [{ pointer: last === undefined ? '/before' : '/last', detail }],
    });
  }
  const page = parseInput(BACKWARD, { last, before });
  return { limit: page.last, cursor: page.before, backward: true };
}

/** Whether a page is asked for from the end of the list. */
export function isBackward({ last, before }: AskedPage): boolean {
  return typeof last === 'number' || typeof before === 'string';
}

/** What was given beside the page. */
export function filtersOf<T extends AskedPage>(args: T): Partial<Omit<T, keyof AskedPage>> {
  const { first: _, after: __, last: ___, before: ____, ...filters } = args;
  return withoutNulls(filters);
}
