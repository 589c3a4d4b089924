import { capabilities, cell, NO_SUPPORT } from '../profile.js';
import type { CniProfile } from '../profile.js';
import { file } from '../source.js';

const SDN = file('openshift/sdn', 'README.md');

export const openshiftSdnProfile: CniProfile = {
  id: 'openshift-sdn',
  title: 'OpenShift SDN',
  vendor: null,
  support: () => ({ ...NO_SUPPORT, networkPolicy: 'yes' }),
  semantics: () => ({ combination: 'knp-only', podToOwnNode: false }),
  deviations: () => [
    {
      subject: 'NetworkPolicy.networking.k8s.io',
      deviation: 'unknown',
      note: 'enforced in the mode NetworkPolicy (the default) only; the mode is in an object that is not read',
      source: SDN,
    },
  ],
  capabilities: capabilities('Y??????NNNNNN'),
  columns: {
    standardPolicy: cell('yes, in its mode NetworkPolicy', SDN),
    l7: cell('no', SDN),
    dnsNames: cell('no', SDN),
    clusterWide: cell('no', SDN),
    deny: cell('no', SDN),
    flowLogs: cell('no', SDN),
    dataplane: cell('Open vSwitch', SDN),
    ownNode: cell('not documented, read as by egress policy', SDN),
    encryption: cell('no', SDN),
  },
  notes: [{ text: 'removed from OpenShift 4.17 on; OVN-Kubernetes takes its place', source: SDN }],
};
