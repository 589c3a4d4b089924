import type { KindSupport } from '../../model/index.js';
import { KIND_GROUPS, capabilities, cell, NO_SUPPORT } from '../profile.js';
import type { CniProfile, GroupSupport } from '../profile.js';

const GUIDE = 'https://kubernetes.io/docs/concepts/services-networking/network-policies/';
const UNKNOWN = cell('unknown', GUIDE);

/** Every group is unknown: with no plugin found, nothing is known to be enforced or ignored. */
export const UNKNOWN_SUPPORT: GroupSupport = Object.fromEntries(
  Object.values(KIND_GROUPS)
    .filter((group) => group in NO_SUPPORT)
    .map((group): [string, KindSupport] => [group, group === 'calicoStaged' ? 'no' : 'unknown']),
) as unknown as GroupSupport;

export const unknownProfile: CniProfile = {
  id: 'unknown',
  title: 'unknown network plugin',
  vendor: null,
  support: () => UNKNOWN_SUPPORT,
  semantics: () => ({ combination: 'spec' }),
  deviations: () => [],
  capabilities: capabilities('?????????????'),
  columns: {
    standardPolicy: UNKNOWN,
    l7: UNKNOWN,
    dnsNames: UNKNOWN,
    clusterWide: UNKNOWN,
    deny: UNKNOWN,
    flowLogs: UNKNOWN,
    dataplane: UNKNOWN,
    ownNode: UNKNOWN,
    encryption: UNKNOWN,
  },
  notes: [{ text: 'what it enforces is told by its own documentation only', source: GUIDE }],
};
