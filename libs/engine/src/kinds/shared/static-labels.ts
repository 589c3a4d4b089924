import type { Labels, Selector } from '../../model/index.js';

/** Decides label tests against labels that are known when policy is compiled: those of objects that are no endpoints. */
export function holdsFor(selector: Selector, labels: Labels): boolean {
  switch (selector.type) {
    case 'all':
      return true;
    case 'and':
      return selector.of.every((member) => holdsFor(member, labels));
    case 'label':
      return labelHolds(selector, labels[selector.key]);
    default:
      return false;
  }
}

function labelHolds({ op, values }: Extract<Selector, { type: 'label' }>, value: string | undefined): boolean {
  switch (op) {
    case 'in':
      return value !== undefined && values.includes(value);
    case 'notIn':
      return value === undefined || !values.includes(value);
    case 'exists':
      return value !== undefined;
    case 'notExists':
      return value === undefined;
    default:
      return false;
  }
}
