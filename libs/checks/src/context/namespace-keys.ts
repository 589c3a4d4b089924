import { field, list, text, textMap } from '#engine';
import type { Json } from '#engine';

import type { AuditContext } from './audit-context.js';

/** The label of every namespace that is its name. */
export const NAME_LABEL = 'kubernetes.io/metadata.name';

/** A key that a selector asks for, with a value that will do; '' for any. */
export interface AskedKey {
  readonly key: string;
  readonly value: string;
}

/** Keys that a peer wants namespaces to carry and that none carries; what the API server gives to each is not among them. */
export function keysOfNobody(context: AuditContext, peer: Json): readonly AskedKey[] {
  const selector = field(peer, 'namespaceSelector');
  const labels = Object.entries(textMap(field(selector, 'matchLabels'))).map(([key, value]) => ({ key, value }));
  return [...labels, ...keysOfExpressions(selector)].filter(
    ({ key }) => key !== NAME_LABEL && !context.namespaceKeys.has(key),
  );
}

/** Keys that the expressions of a selector ask for. */
export function keysOfExpressions(selector: Json | undefined): readonly AskedKey[] {
  return list(field(selector, 'matchExpressions')).flatMap((term) => {
    const operator = text(field(term, 'operator'));
    const value = text(list(field(term, 'values'))[0]);
    return operator === 'In' || operator === 'Exists' ? [{ key: text(field(term, 'key')), value }] : [];
  });
}
