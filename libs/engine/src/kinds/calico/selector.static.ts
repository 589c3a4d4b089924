import type { Labels } from '../../model/index.js';
import type { CalicoSelector, TestOperator } from './selector.ast.js';

/** Does an object with these labels match? For objects whose labels are all known when policy is compiled. */
export function selects(selector: CalicoSelector, labels: Labels): boolean {
  switch (selector.type) {
    case 'all':
      return true;
    case 'global':
      return labels['projectcalico.org/namespace'] === undefined;
    case 'has':
      return labels[selector.key] !== undefined;
    case 'test':
      return holds(selector.op, selector.values, labels[selector.key]);
    case 'not':
      return !selects(selector.of, labels);
    case 'and':
      return selector.of.every((member) => selects(member, labels));
    case 'or':
      return selector.of.some((member) => selects(member, labels));
  }
}

/** One test on a label's value; `undefined` is a label that is absent. */
export function holds(op: TestOperator | 'exists', values: readonly string[], value: string | undefined): boolean {
  switch (op) {
    case 'exists':
      return value !== undefined;
    case 'in':
      return value !== undefined && values.includes(value);
    case 'notIn':
      return value === undefined || !values.includes(value);
    case 'contains':
      return value?.includes(values[0] ?? '') ?? false;
    case 'startsWith':
      return value?.startsWith(values[0] ?? '') ?? false;
    case 'endsWith':
      return value?.endsWith(values[0] ?? '') ?? false;
  }
}
