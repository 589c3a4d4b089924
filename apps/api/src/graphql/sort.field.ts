import { Field } from '@nestjs/graphql';

/** The schema of a list that can be sorted, as its REST route takes it. */
interface SortedList {
  readonly shape: { readonly sort: { readonly description?: string | undefined } };
}

/** The order of a list: in the words, and by the keys, of its REST route. */
export function SortField({ shape }: SortedList): PropertyDecorator {
  return Field(() => String, { nullable: true, description: shape.sort.description });
}
