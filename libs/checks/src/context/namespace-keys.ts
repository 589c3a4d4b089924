import { field, list, text, textMap } from '#engine';
import type { Json } from '#engine';

import type { AuditContext } from './audit-context.js';

/** Keys that a peer wants namespaces to carry and that none carries; with the value that is asked for, '' for any. */
export function keysOfNobody(
  context: AuditContext,
  peer: Json,
): readonly { readonly key: string; readonly value: string }[] {
  const selector = field(peer, 'namespaceSelector');
  const carried = (key: string): boolean =>
    [...context.snapshot.index.namespaces.values()].some((fact) => fact.meta.labels[key] !== undefined);
  const labels = Object.entries(textMap(field(selector, 'matchLabels'))).map(([key, value]) => ({ key, value }));
  const terms = list(field(selector, 'matchExpressions')).flatMap((term) => {
    const operator = text(field(term, 'operator'));
    const value = text(list(field(term, 'values'))[0]);
    return operator === 'In' || operator === 'Exists' ? [{ key: text(field(term, 'key')), value }] : [];
  });
  return [...labels, ...terms].filter(({ key }) => !carried(key));
}
