import { cell } from '../profile.js';
import { plainPlugin } from './plain.js';

const GUIDE = 'https://kubernetes.io/docs/concepts/services-networking/network-policies/';

export const kubenetProfile = plainPlugin({
  id: 'kubenet',
  title: 'kubenet or a plain bridge',
  source: GUIDE,
  dataplane: 'Linux bridge and routes',
  encryption: cell('no', GUIDE),
  notes: [{ text: 'a NetworkPolicy without a plugin that implements it has no effect', source: GUIDE }],
});
