import { cell } from '../profile.js';
import { plainPlugin } from './plain.js';

const GUIDE = 'https://cloud.google.com/kubernetes-engine/docs/how-to/network-policy';

export const gkeLegacyProfile = plainPlugin({
  id: 'gke-legacy',
  title: 'GKE without policy enforcement',
  source: GUIDE,
  dataplane: 'routes or alias addresses, iptables',
  encryption: cell('no', GUIDE),
  notes: [{ text: 'policy is enforced only where the Calico add-on runs on the nodes', source: GUIDE }],
});
