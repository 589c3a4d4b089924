import { field, isObject, list, text } from '../base/index.js';

const NAME_LIMIT = 128;

/**
 * Who wrote an object last, as the API server names field managers (`kubectl-edit`, `argocd-controller`); '' when it does
 * not say. Not a part of the fact: it is about the change, not about what the network is.
 * (k8s.io/apimachinery pkg/apis/meta/v1, ManagedFieldsEntry)
 */
export function fieldManager(raw: unknown): string {
  let manager = '';
  let newest = '';
  for (const entry of list(field(field(raw, 'metadata'), 'managedFields'))) {
    if (!isObject(entry)) continue;
    // RFC 3339 in UTC, to the second: as text it sorts as time does. Of equal times the later entry counts.
    const time = text(field(entry, 'time'));
    if (time < newest) continue;
    newest = time;
    manager = text(field(entry, 'manager'));
  }
  return manager.slice(0, NAME_LIMIT);
}
