import type { Semantics } from '../../model/index.js';
import { capabilities, cell, JUDGED_BOTH_WAYS, namesOfContainers, NO_SUPPORT } from '../profile.js';
import type { CniProfile, ProfileContext, SemanticsDeviation } from '../profile.js';
import { kubeNetworkPolicies as source } from '../source.js';

const ENGINE = source('pkg/networkpolicy/engine.go');
const DATAPLANE = source('pkg/dataplane/controller.go');
const V1ALPHA1 = source('plugins/npa-v1alpha1');

export function kubeNetworkPoliciesSemantics(): Partial<Omit<Semantics, 'kinds' | 'options'>> {
  return {
    combination: 'spec',
    networkPolicyOf: 'kube-network-policies',
    knpDecidesBothDirections: true,
    toItself: JUDGED_BOTH_WAYS,
  };
}

function deviations(context: ProfileContext): readonly SemanticsDeviation[] {
  const out: SemanticsDeviation[] = [
    {
      subject: 'node to a pod',
      deviation: 'widened',
      note: 'packets of sockets that root owns on the node are accepted',
      source: DATAPLANE,
    },
    {
      subject: 'pod to its own node',
      deviation: 'unknown',
      note: 'newer builds police it in the input hook, older ones let it pass; read as passing',
      source: DATAPLANE,
    },
    {
      subject: 'direction that is not isolated',
      deviation: 'widened',
      note: 'a NetworkPolicy that isolates one direction keeps the other from the baseline tier',
      source: source('pkg/networkpolicy/networkpolicy.go'),
    },
    namesOfContainers(source('pkg/api/helper.go')),
  ];
  if (context.options['flavour'] === 'npa-v1alpha1') {
    const subject = 'AdminNetworkPolicy.policy.networking.k8s.io';
    out.push(
      {
        subject,
        construct: 'namedPort',
        deviation: 'widened',
        note: 'a named port matches whatever the port when the pod has the name',
        source: V1ALPHA1,
      },
      {
        subject,
        construct: 'nodePeers',
        deviation: 'widened',
        note: 'a peer of nodes also matches the pods that run on them',
        source: V1ALPHA1,
      },
    );
  }
  return out;
}

export const kubeNetworkPoliciesProfile: CniProfile = {
  id: 'kube-network-policies',
  title: 'kube-network-policies',
  vendor: null,
  support: (context) => ({
    ...NO_SUPPORT,
    networkPolicy: 'yes',
    adminV1alpha1: context.options['flavour'] === 'npa-v1alpha1' ? 'yes' : 'no',
    clusterV1alpha2: context.options['flavour'] === 'npa-v1alpha2' ? 'yes' : 'no',
  }),
  semantics: kubeNetworkPoliciesSemantics,
  deviations,
  kindNeeds: { adminV1alpha1: 'the flavour npa-v1alpha1', clusterV1alpha2: 'the flavour npa-v1alpha2' },
  capabilities: capabilities('YYYYYYYPPPNNP', {
    adminV1alpha1: 'in the flavour npa-v1alpha1',
    clusterV1alpha2: 'in the flavour npa-v1alpha2',
    fqdn: 'in the flavours for the cluster-wide kinds',
    deny: 'in the cluster-wide kinds',
  }),
  columns: {
    standardPolicy: cell('yes, beside any plugin', ENGINE),
    l7: cell('no', ENGINE),
    dnsNames: cell('by flavour', ENGINE),
    clusterWide: cell('by flavour: v1alpha1 or v1alpha2 of the Network Policy API', ENGINE),
    deny: cell('in the cluster-wide kinds', ENGINE),
    flowLogs: cell('in its log, by verbosity', DATAPLANE),
    dataplane: cell('nftables and NFQUEUE, first packet in user space', DATAPLANE),
    ownNode: cell('always; by egress policy in newer builds', DATAPLANE),
    encryption: cell('no', DATAPLANE),
  },
  notes: [{ text: 'with its option to fail open, traffic passes while it does not run', source: DATAPLANE }],
};
