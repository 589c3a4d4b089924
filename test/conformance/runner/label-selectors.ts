import type { LabelOwner, Selector } from '#engine';
import { and } from '#engine';

import type { SelectorPeer } from './case.js';

const OPERATORS = { In: 'in', NotIn: 'notIn', Exists: 'exists', DoesNotExist: 'notExists' } as const;

interface RawSelector {
  readonly matchLabels?: Readonly<Record<string, string>>;
  readonly matchExpressions?: readonly {
    readonly key: string;
    readonly operator: keyof typeof OPERATORS;
    readonly values?: readonly string[];
  }[];
}

/** The pods that a selector peer of an exposure row chooses, as the engine writes it. */
export function podChoice({ namespace, namespaceSelector, podSelector }: SelectorPeer['selector']): Selector {
  return and(
    namespace === undefined ? tests('namespace', namespaceSelector) : { type: 'namespace', names: [namespace] },
    tests('pod', podSelector),
  );
}

function tests(owner: LabelOwner, raw: unknown): Selector {
  const { matchLabels = {}, matchExpressions = [] } = (raw ?? {}) as RawSelector;
  return and(
    ...Object.entries(matchLabels).map(([key, value]): Selector => ({
      type: 'label',
      owner,
      key,
      op: 'in',
      values: [value],
    })),
    ...matchExpressions.map(({ key, operator, values = [] }): Selector => ({
      type: 'label',
      owner,
      key,
      op: OPERATORS[operator],
      values: [...values].sort(),
    })),
  );
}
