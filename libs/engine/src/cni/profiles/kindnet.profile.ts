import { capabilities, cell, JUDGED_BOTH_WAYS, namesOfContainers, NO_SUPPORT } from '../profile.js';
import type { CniProfile } from '../profile.js';
import { kubeNetworkPolicies } from '../source.js';

const SUPPORT = 'https://github.com/kubernetes-sigs/kind/issues/842';
const KERNELS = 'https://github.com/kubernetes-sigs/kind/issues/3789';
const DATAPLANE = kubeNetworkPolicies('pkg/dataplane/controller.go');

export const kindnetProfile: CniProfile = {
  id: 'kindnet',
  title: 'kindnet',
  vendor: null,
  support: () => ({ ...NO_SUPPORT, networkPolicy: 'yes' }),
  semantics: () => ({
    combination: 'knp-only',
    networkPolicyOf: 'kube-network-policies',
    toItself: JUDGED_BOTH_WAYS,
  }),
  deviations: () => [
    {
      subject: 'NetworkPolicy.networking.k8s.io',
      deviation: 'unknown',
      note: 'enforcement depends on the kernel of the host; some were reported on which it fails',
      source: KERNELS,
    },
    namesOfContainers(kubeNetworkPolicies('pkg/api/helper.go')),
  ],
  capabilities: capabilities('YYYYYYYNNNNNN'),
  columns: {
    standardPolicy: cell('yes', SUPPORT, 'from kind 0.24'),
    l7: cell('no', SUPPORT),
    dnsNames: cell('no', SUPPORT),
    clusterWide: cell('no', SUPPORT),
    deny: cell('no', SUPPORT),
    flowLogs: cell('no', SUPPORT),
    dataplane: cell('nftables and NFQUEUE', DATAPLANE),
    ownNode: cell('always; by egress policy in newer builds', DATAPLANE),
    encryption: cell('no', SUPPORT),
  },
  notes: [{ text: 'before kind 0.24 it enforces nothing', source: SUPPORT }],
};
