import { cell, NO_SUPPORT } from '../profile.js';
import type { CniProfile } from '../profile.js';
import { file, release } from '../source.js';
import {
  KUBE_ROUTER_CAPABILITIES,
  kubeRouterDeviations,
  kubeRouterProfile,
  kubeRouterSemantics,
} from './kube-router.profile.js';

const NETPOL = file('k3s-io/k3s', 'pkg/agent/netpol/netpol.go');

export const k3sProfile: CniProfile = {
  id: 'k3s',
  title: 'k3s',
  vendor: null,
  support: () => ({ ...NO_SUPPORT, networkPolicy: 'yes' }),
  semantics: kubeRouterSemantics,
  deviations: kubeRouterDeviations,
  capabilities: KUBE_ROUTER_CAPABILITIES,
  columns: {
    ...kubeRouterProfile.columns,
    standardPolicy: cell('yes, unless --disable-network-policy', NETPOL),
    flowLogs: cell('no', NETPOL),
    encryption: cell('WireGuard backend of Flannel', release('k3s-io/k3s', 'v0.10.0'), 'from 0.10'),
  },
  notes: [
    { text: 'Flannel and the policy controller of kube-router are part of the k3s process', source: NETPOL },
    { text: 'on a node without ipset the controller does not start and says so only in its log', source: NETPOL },
  ],
};
