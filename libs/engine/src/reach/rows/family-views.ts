import type { Endpoint } from '../../compile/endpoint.js';
import type { PolicySet } from '../../compile/policy-set.js';
import { inFamily } from '../../eval/evaluate-pair.js';
import type { ClassTable } from '../matrix/class-table.js';
import { relevanceOf } from '../matrix/relevance.js';

/** Classes as they look to flows of one address family; of any where no rule tells the two apart. */
export interface FamilyView {
  readonly family: 4 | 6 | null;
  readonly classes: ClassTable;
}

/**
 * One view, or one for each family where an endpoint has both and a rule looks at addresses: a block that has its IPv4
 * address says nothing of what it does over IPv6. A class differs in neither, so it is one in each view.
 */
export function familyViews(classes: ClassTable, sets: readonly PolicySet[]): readonly FamilyView[] {
  if (!classes.representatives.some(isDual) || !looksAtAddresses(sets)) return [{ family: null, classes }];
  return ([4, 6] as const).map((family) => ({
    family,
    classes: classes.seenAs((endpoint) => (isDual(endpoint) ? inFamily(endpoint, family) : endpoint)),
  }));
}

/** Of a name outside it is not known which families lead there. */
function isDual({ ips, hostName }: Endpoint): boolean {
  return ips.length === 0 ? hostName !== '' : ips.some(({ family }) => family !== ips[0]?.family);
}

function looksAtAddresses(sets: readonly PolicySet[]): boolean {
  return (
    sets.some(({ rules }) => rules.some(({ family }) => family !== null)) ||
    Object.values(relevanceOf(sets).cuts).some((cuts) => cuts[4].length + cuts[6].length > 0)
  );
}
