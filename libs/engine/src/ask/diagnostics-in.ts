import { oncePer, pushTo } from '../base/index.js';
import type { Diagnostic } from '../model/index.js';

/** Where the diagnostics of each namespace stand, '' for those of objects outside all. */
const placesOf = oncePer((all: readonly Diagnostic[]): ReadonlyMap<string, readonly number[]> => {
  const places = new Map<string, number[]>();
  for (const [place, { object }] of all.entries()) {
    if (object !== null) pushTo(places, object.namespace, place);
  }
  return places;
});

/**
 * Diagnostics of objects of these namespaces, '' for those outside all, in the order of the list. The list is gone through
 * once, however often it is asked of: it must not change.
 */
export function diagnosticsIn(all: readonly Diagnostic[], namespaces: Iterable<string>): readonly Diagnostic[] {
  const places = placesOf(all);
  const found: number[] = [];
  for (const namespace of namespaces) for (const place of places.get(namespace) ?? []) found.push(place);
  return found.sort((a, b) => a - b).map((place) => all[place] as Diagnostic);
}
