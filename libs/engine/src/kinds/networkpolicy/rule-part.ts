import type { PolicyEntry } from '../../model/index.js';

/** What a rule makes of some peers and ports. */
export interface RulePart extends Pick<PolicyEntry, 'action' | 'peers' | 'ports' | 'conditions'> {
  /** Its place among what other rules make, after that of the policy; none mostly. */
  readonly order: PolicyEntry['order'];
}

export const NO_ORDER: PolicyEntry['order'] = [];
