import { cell } from '../profile.js';
import { flannel as source } from '../source.js';
import { plainPlugin } from './plain.js';

export const flannelProfile = plainPlugin({
  id: 'flannel',
  title: 'Flannel',
  source: source('README.md'),
  dataplane: 'VXLAN, host-gw, WireGuard and others',
  encryption: cell('WireGuard backend', source('Documentation/backends.md')),
  notes: [
    { text: 'its chart can add kube-network-policies, which enforces', source: source('Documentation/netpol.md') },
  ],
});
