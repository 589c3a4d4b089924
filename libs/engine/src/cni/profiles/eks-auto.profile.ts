import { cell, NO_SUPPORT } from '../profile.js';
import type { CniProfile } from '../profile.js';
import { eksGuide } from '../source.js';
import { AWS_CAPABILITIES, awsDeviations, awsSemantics, awsVpcCniProfile } from './aws-vpc-cni.profile.js';

const AUTO = eksGuide('auto-net-pol');

export const eksAutoProfile: CniProfile = {
  id: 'eks-auto',
  title: 'EKS Auto Mode',
  vendor: 'aws',
  // The node's agent has no version that the API shows; the managed service keeps it current.
  support: () => ({ ...NO_SUPPORT, networkPolicy: 'yes', awsCluster: 'yes', awsApplication: 'yes' }),
  semantics: awsSemantics,
  deviations: awsDeviations,
  capabilities: AWS_CAPABILITIES,
  columns: {
    ...awsVpcCniProfile.columns,
    standardPolicy: cell('when the NodeClass and the controller say so', AUTO),
    flowLogs: cell('yes (NodeClass networkPolicyEventLogs)', AUTO),
    dataplane: cell('eBPF, inside the node', AUTO),
  },
  notes: [
    { text: 'the agent is part of the node: only NodeClass, ConfigMap and PolicyEndpoint objects tell', source: AUTO },
  ],
};
