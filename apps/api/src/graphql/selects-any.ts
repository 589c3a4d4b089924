import { Kind, type GraphQLResolveInfo, type SelectionSetNode } from 'graphql';

/** Whether an operation may ask for one of these fields in what a resolver gives, however deep and in whatever fragment. */
export function selectsAny(
  { fieldNodes, fragments }: Pick<GraphQLResolveInfo, 'fieldNodes' | 'fragments'>,
  names: readonly string[],
): boolean {
  const isIn = (set: SelectionSetNode | undefined): boolean =>
    set?.selections.some((selection) => {
      if (selection.kind === Kind.FIELD) return names.includes(selection.name.value) || isIn(selection.selectionSet);
      if (selection.kind === Kind.INLINE_FRAGMENT) return isIn(selection.selectionSet);
      return isIn(fragments[selection.name.value]?.selectionSet);
    }) === true;
  return fieldNodes.some(({ selectionSet }) => isIn(selectionSet));
}
