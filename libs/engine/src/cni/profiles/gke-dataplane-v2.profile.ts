import { isTrue } from '../detector.js';
import { capabilities, cell } from '../profile.js';
import type { CniProfile } from '../profile.js';
import { gkeApi } from '../source.js';
import { ciliumDeviations, ciliumSemantics, ciliumSupport } from './cilium.profile.js';

const GKE = 'https://cloud.google.com/kubernetes-engine/docs/concepts/dataplane-v2';
const USE = 'https://cloud.google.com/kubernetes-engine/docs/how-to/dataplane-v2';
const FQDN_GUIDE = 'https://cloud.google.com/kubernetes-engine/docs/how-to/fqdn-network-policies';
const FQDN = gkeApi('apis/fqdnnetworkpolicy/v1alpha1/types.go');

export const gkeDataplaneV2Profile: CniProfile = {
  id: 'gke-dataplane-v2',
  title: 'GKE Dataplane V2',
  vendor: 'cilium',
  numbersItself: true,
  support: (context) => ({
    ...ciliumSupport(context),
    networkPolicy: 'yes',
    clusterV1alpha2: 'no',
    // Offered per cluster; nothing in the API but the agent's own ConfigMap may say so.
    cilium: 'no',
    ciliumClusterwide: 'unknown',
    gkeFqdn: isTrue(context.options['enable-fqdn-network-policy']) ? 'yes' : 'unknown',
  }),
  semantics: (context) => ({ ...ciliumSemantics(context), sctp: true }),
  deviations: (context) => [
    ...ciliumDeviations({ ...context, options: { ...context.options, 'enable-sctp': 'true' } }).filter(
      (deviation) => deviation.subject !== 'CiliumClusterwideNetworkPolicy.cilium.io',
    ),
    {
      subject: 'CiliumClusterwideNetworkPolicy.cilium.io',
      deviation: 'unknown',
      note: 'enforced only where it was switched on for the cluster, and for L3 and L4 rules',
      source: GKE,
    },
    {
      subject: 'FQDNNetworkPolicy.networking.gke.io',
      deviation: 'unknown',
      note: 'enforced only where it was switched on for the cluster',
      source: FQDN,
    },
  ],
  kindNeeds: {
    ciliumClusterwide: 'CiliumClusterwideNetworkPolicy switched on for the cluster',
    gkeFqdn: 'GKE 1.26.4 with FQDNNetworkPolicy switched on for the cluster',
  },
  capabilities: capabilities('Y?P?YNYNNPNNP', {
    namedPorts: 'on egress before Cilium 1.20, the one number that all pods give a name',
    fqdn: 'FQDNNetworkPolicy, opt-in',
    deny: 'in the opt-in cluster-wide kind',
  }),
  columns: {
    standardPolicy: cell('yes; address blocks never match pods', USE, 'from GKE 1.20.6'),
    l7: cell('no', GKE),
    dnsNames: cell('FQDNNetworkPolicy, opt-in', FQDN_GUIDE, 'from GKE 1.26.4'),
    clusterWide: cell('CiliumClusterwideNetworkPolicy, opt-in, L3 and L4', GKE),
    deny: cell('only in the opt-in cluster-wide kind', GKE),
    flowLogs: cell('yes (network policy logging)', GKE),
    dataplane: cell('eBPF', USE, 'from GKE 1.20.6'),
    ownNode: cell('by egress policy', GKE),
    encryption: cell('WireGuard between nodes, opt-in', GKE),
  },
  notes: [{ text: 'policy is always enforced', source: GKE }],
};
