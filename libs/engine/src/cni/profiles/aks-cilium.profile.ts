import { capabilities, cell } from '../profile.js';
import type { CniProfile } from '../profile.js';
import { aksDocs } from '../source.js';
import { CILIUM_KIND_NEEDS, ciliumDeviations, ciliumSemantics, ciliumSupport } from './cilium.profile.js';

const OVERVIEW = aksDocs('azure-cni-powered-by-cilium.md');

export const aksCiliumProfile: CniProfile = {
  id: 'aks-cilium',
  title: 'Azure CNI powered by Cilium',
  vendor: 'cilium',
  support: (context) => ({
    ...ciliumSupport(context),
    // What the managed service accepts of Cilium's own kinds depends on an add-on that the API does not show.
    cilium: 'partial',
    ciliumClusterwide: 'partial',
  }),
  semantics: ciliumSemantics,
  deviations: (context) => [
    ...ciliumDeviations(context),
    {
      subject: 'L7 and DNS name rules',
      deviation: 'unknown',
      note: 'enforced only with Advanced Container Networking Services, which the API does not show',
      source: OVERVIEW,
    },
  ],
  kindNeeds: {
    ...CILIUM_KIND_NEEDS,
    cilium: 'Advanced Container Networking Services, for rules about requests and DNS names',
  },
  capabilities: capabilities('YPPPYNYNNPPNY', {
    namedPorts: 'on egress before Cilium 1.20, the one number that all pods give a name',
    endPort: 'by version of Cilium',
    sctp: 'needs enable-sctp, off by default',
    fqdn: 'with Advanced Container Networking Services',
    l7: 'with Advanced Container Networking Services',
  }),
  columns: {
    standardPolicy: cell('yes; address blocks never match pods or nodes', OVERVIEW),
    l7: cell('with Advanced Container Networking Services', OVERVIEW),
    dnsNames: cell('with Advanced Container Networking Services', OVERVIEW),
    clusterWide: cell('CiliumClusterwideNetworkPolicy, L3 and L4', OVERVIEW),
    deny: cell('yes, in Cilium kinds', OVERVIEW),
    flowLogs: cell('with Advanced Container Networking Services', OVERVIEW),
    dataplane: cell('eBPF', OVERVIEW),
    ownNode: cell('by egress policy', aksDocs('migrate-from-npm-to-cilium-network-policy.md')),
    encryption: cell('WireGuard with Advanced Container Networking Services', OVERVIEW),
  },
  notes: [{ text: 'pods on the host network are not affected by policy', source: OVERVIEW }],
};
