import type { Semantics } from '../../model/index.js';
import { capabilities, cell, JUDGED_ON_THE_WAY_OUT, namesOfContainers, NO_SUPPORT, since } from '../profile.js';
import type { CniProfile, GroupSupport, ProfileContext, SemanticsDeviation } from '../profile.js';
import { awsAgent, awsCni, awsController, eksGuide } from '../source.js';

const RESOLVER = awsController('pkg/resolvers/endpoints.go');
const RULES = awsAgent('pkg/fwruleprocessor/fw_rule_processor.go');
const FAQ = awsCni('docs/network-policy-faq.md');
const EKS_GUIDE = eksGuide('cni-network-policy');

/** The release that can enforce policy at all. */
export const AWS_POLICY_FROM = '1.14';

export function awsSemantics(context: ProfileContext): Partial<Omit<Semantics, 'kinds' | 'options'>> {
  return {
    combination: 'aws',
    networkPolicyOf: 'aws',
    hostPodsAsPeers: true,
    // The node takes the place of the client on the way back, and reaches its own pods.
    toItself: JUDGED_ON_THE_WAY_OUT,
    ipBlockExcept: 'narrowed',
    knpDecidesBothDirections: true,
    podDefault: context.options['enforcing-mode'] === 'strict' ? 'deny' : 'allow',
  };
}

export function awsDeviations(context: ProfileContext): readonly SemanticsDeviation[] {
  const out: SemanticsDeviation[] = [
    {
      subject: 'ipBlock except',
      construct: 'ipBlockExcept',
      deviation: 'narrowed',
      note: 'an exception becomes a deny that also defeats broader blocks of other rules',
      source: RULES,
    },
    {
      subject: 'named ports of ingress',
      deviation: 'widened',
      note: 'at every pod of the policy a name is each number that one of them gives it',
      source: RESOLVER,
    },
    {
      subject: 'named ports of egress',
      deviation: 'narrowed',
      note: 'a name counts at pods that selectors choose, and is nothing in a rule for everyone or towards blocks',
      source: RESOLVER,
    },
    namesOfContainers(awsController('pkg/k8s/pod_utils.go')),
    {
      subject: 'egress to a Service',
      deviation: 'narrowed',
      note: 'filtered before address translation: the Service must have a selector that satisfies the rule and map its port to an allowed target port',
      source: RESOLVER,
    },
    {
      subject: 'pods on the host network as peers',
      deviation: 'widened',
      note: 'a rule that selects one admits its node address, that is every process of the node',
      source: RESOLVER,
    },
    {
      subject: 'direction that is not isolated',
      deviation: 'widened',
      note: 'a NetworkPolicy that isolates one direction keeps the other from the baseline tier',
      source: awsAgent('controllers/policyendpoints_controller.go'),
    },
    {
      subject: 'more than 24 ports and protocols for one address',
      deviation: 'unknown',
      note: 'the datapath holds 24 entries an address; beyond that its behaviour is not known',
      source: awsAgent('pkg/ebpf/c/tc.v4egress.bpf.c'),
    },
    {
      subject: 'nodes',
      deviation: 'ignored',
      note: 'only Linux nodes of EC2 enforce: no Fargate, no Windows',
      source: FAQ,
    },
  ];
  if (context.options['enforcing-mode'] === 'strict') {
    const note = 'strict mode: a pod without any policy is denied both ways';
    out.push({ subject: 'default', deviation: 'narrowed', note, source: awsCni('README.md') });
  }
  return out;
}

/** AWS's own kinds came after NetworkPolicy; which release was the first to enforce them is not stated, so older ones stay open. */
export function awsSupport(context: ProfileContext): GroupSupport {
  const own = since(context, '1.21') === 'yes' ? 'yes' : 'unknown';
  return { ...NO_SUPPORT, networkPolicy: 'yes', awsCluster: own, awsApplication: own };
}

export const AWS_CAPABILITIES = capabilities('YYYYPPPNNPNNP', {
  ipBlockExcept: 'also defeats broader blocks of other rules',
  ipBlockMatchesPods: 'yes on ingress; on egress the Service address is what is seen',
  ipv6: 'one family a cluster',
  clusterV1alpha2: 'has a kind of its own',
  fqdn: 'in its own kinds',
  deny: 'in its own cluster-wide kind',
});

export const awsVpcCniProfile: CniProfile = {
  id: 'aws-vpc-cni',
  title: 'Amazon VPC CNI',
  vendor: 'aws',
  support: awsSupport,
  semantics: awsSemantics,
  deviations: awsDeviations,
  kindNeeds: { awsCluster: 'Amazon VPC CNI 1.21', awsApplication: 'Amazon VPC CNI 1.21' },
  capabilities: AWS_CAPABILITIES,
  columns: {
    standardPolicy: cell('when switched on', EKS_GUIDE, `from ${AWS_POLICY_FROM}`),
    l7: cell('no', FAQ),
    dnsNames: cell('in its own kinds, on EKS Auto Mode', eksGuide('auto-net-pol')),
    clusterWide: cell(
      'ClusterNetworkPolicy of networking.k8s.aws',
      eksGuide('cni-network-policy-configure'),
      'from 1.21',
    ),
    deny: cell('in its own cluster-wide kind', EKS_GUIDE, 'from 1.21'),
    flowLogs: cell('yes (policy event logs of the node agent)', awsAgent('README.md')),
    dataplane: cell('eBPF at the pod interface', awsAgent('README.md')),
    ownNode: cell('always', RULES),
    encryption: cell('none of its own', EKS_GUIDE),
  },
  notes: [
    {
      text: 'it enforces only with --enable-network-policy=true on the node agent; the shipped manifest has false',
      source: awsCni('config/master/aws-k8s-cni.yaml'),
    },
    {
      text: 'in its ClusterNetworkPolicy the order of rules is lost: at one priority Deny beats Accept beats Pass',
      source: awsAgent('controllers/clusterpolicyendpoints_controller.go'),
    },
  ],
};
