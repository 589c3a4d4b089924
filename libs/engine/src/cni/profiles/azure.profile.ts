import { cell } from '../profile.js';
import { aksDocs } from '../source.js';
import { plainPlugin } from './plain.js';

const GUIDE = aksDocs('use-network-policies.md');

export const azureProfile = plainPlugin({
  id: 'azure',
  title: 'Azure CNI without a policy engine',
  source: GUIDE,
  dataplane: 'addresses of the virtual network, or an overlay',
  encryption: cell('no', GUIDE),
  notes: [{ text: 'AKS can add Azure NPM, Calico or Cilium as policy engine', source: GUIDE }],
});
