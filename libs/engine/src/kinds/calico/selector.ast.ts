/** How a test compares a label with its values. `notIn` also holds when the label is absent. */
export type TestOperator = 'in' | 'notIn' | 'contains' | 'startsWith' | 'endsWith';

/** A Calico selector expression. */
export type CalicoSelector =
  | { readonly type: 'all' }
  /** Objects outside every namespace; has a meaning in a namespace selector only. */
  | { readonly type: 'global' }
  | { readonly type: 'has'; readonly key: string }
  | { readonly type: 'test'; readonly key: string; readonly op: TestOperator; readonly values: readonly string[] }
  | { readonly type: 'not'; readonly of: CalicoSelector }
  | { readonly type: 'and'; readonly of: readonly CalicoSelector[] }
  | { readonly type: 'or'; readonly of: readonly CalicoSelector[] };

export const ALL_OF_THEM: CalicoSelector = { type: 'all' };

/** The conjunction; `all` when there is nothing to join. */
export function both(...members: readonly CalicoSelector[]): CalicoSelector {
  const wanted = members.filter((member) => member.type !== 'all');
  if (wanted.length === 0) return ALL_OF_THEM;
  return wanted.length === 1 ? (wanted[0] as CalicoSelector) : { type: 'and', of: wanted };
}

/** The keys that an expression tests. */
export function keysOf(selector: CalicoSelector): readonly string[] {
  switch (selector.type) {
    case 'all':
    case 'global':
      return [];
    case 'has':
    case 'test':
      return [selector.key];
    case 'not':
      return keysOf(selector.of);
    case 'and':
    case 'or':
      return selector.of.flatMap(keysOf);
  }
}

/** True when `global()` stands anywhere in the expression. */
export function namesGlobal(selector: CalicoSelector): boolean {
  switch (selector.type) {
    case 'global':
      return true;
    case 'not':
      return namesGlobal(selector.of);
    case 'and':
    case 'or':
      return selector.of.some(namesGlobal);
    case 'all':
    case 'has':
    case 'test':
      return false;
  }
}
