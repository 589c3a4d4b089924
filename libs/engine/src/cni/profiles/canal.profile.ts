import { cell } from '../profile.js';
import type { CniProfile } from '../profile.js';
import { calico, calicoDocs, flannel } from '../source.js';
import {
  CALICO_CAPABILITIES,
  CALICO_KIND_NEEDS,
  calicoDeviations,
  calicoProfile,
  calicoSemantics,
  calicoSupport,
} from './calico.profile.js';

export const canalProfile: CniProfile = {
  id: 'canal',
  title: 'Canal',
  vendor: 'calico',
  support: calicoSupport,
  semantics: calicoSemantics,
  deviations: calicoDeviations,
  kindNeeds: CALICO_KIND_NEEDS,
  capabilities: CALICO_CAPABILITIES,
  columns: {
    ...calicoProfile.columns,
    flowLogs: cell('no, without the operator', calicoDocs('calico/observability/view-flow-logs.mdx')),
    dataplane: cell('iptables or nftables, over Flannel', calico('manifests/canal.yaml')),
    encryption: cell('WireGuard backend of Flannel', flannel('Documentation/backends.md')),
  },
  notes: [
    { text: 'Calico enforces policy, Flannel is the network', source: calico('manifests/canal.yaml') },
    ...calicoProfile.notes,
    { text: 'its CRD objects may be older than tiers', source: calico('manifests/canal.yaml') },
  ],
};
