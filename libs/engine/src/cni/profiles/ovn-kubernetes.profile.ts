import { ICMP, ICMPV6 } from '../../model/index.js';
import type { StandingAllow } from '../../model/index.js';
import { isTrue } from '../detector.js';
import { capabilities, cell, JUDGED_ON_THE_WAY_OUT, NO_SUPPORT } from '../profile.js';
import type { CniProfile, ProfileContext, SemanticsDeviation } from '../profile.js';
import { file, ovnKubernetes as source, pull } from '../source.js';

const ACLS = source('docs/design/acls.md');
const ADMIN = source('docs/features/network-security-controls/admin-network-policy.md');
const FIREWALL = source('docs/features/network-security-controls/egress-firewall.md');
const OPENSHIFT_46 =
  'https://access.redhat.com/documentation/en-us/openshift_container_platform/4.6/html/networking/ovn-kubernetes-default-cni-network-provider';
const ADDRESS_SETS = source('go-controller/pkg/ovn/addresssetmanager/addressset_manager.go');

const POLICY = source('go-controller/pkg/ovn/base_network_controller_policy.go');

const EVERY_ICMP: StandingAllow = {
  directions: ['ingress', 'egress'],
  ports: { include: [ICMP, ICMPV6].map((protocol) => ({ type: 'protocol', protocol })), except: [] },
  title: 'ICMP',
};

const admitsIcmp = ({ options }: ProfileContext): boolean => isTrue(options['allow-icmp-network-policy']);

const DEVIATIONS: readonly SemanticsDeviation[] = [
  {
    subject: 'named ports',
    construct: 'namedPort',
    deviation: 'widened',
    note: 'a named port of a NetworkPolicy becomes every port of its protocol',
    source: source('go-controller/pkg/ovn/gress_policy.go'),
  },
  {
    subject: 'ports without a number',
    deviation: 'narrowed',
    note: 'in one rule they add nothing beside ports of their protocol that have a number',
    source: source('go-controller/pkg/libovsdb/util/acl.go'),
  },
  {
    subject: 'pods on the host network as peers',
    deviation: 'widened',
    note: 'a peer with a namespaceSelector alone leaves them out, one that also has a podSelector takes them in',
    source: ADDRESS_SETS,
  },
  {
    subject: 'namespace with label policy-group.network.openshift.io/host-network',
    deviation: 'widened',
    note: 'a namespaceSelector that matches it adds all node addresses',
    source: file(
      'openshift/cluster-network-operator',
      'bindata/network/ovn-kubernetes/common/openshift-host-network-ns.yaml',
    ),
  },
  {
    subject: 'rules beside `policyTypes`',
    deviation: 'widened',
    note: 'rules of a direction that a NetworkPolicy does not list isolate nobody, but let pass what they match',
    source: POLICY,
  },
  {
    subject: 'pod to its own node',
    deviation: 'narrowed',
    note: 'no exemption is documented: egress policy applies',
    source: ACLS,
  },
];

export const ovnKubernetesProfile: CniProfile = {
  id: 'ovn-kubernetes',
  title: 'OVN-Kubernetes',
  vendor: 'ovn',
  support: () => ({
    ...NO_SUPPORT,
    networkPolicy: 'yes',
    adminV1alpha1: 'yes',
    // Not in the code that was read; releases after it may have it.
    clusterV1alpha2: 'unknown',
    ovn: 'yes',
  }),
  semantics: (context) => ({
    combination: 'ovn',
    podToOwnNode: false,
    toItself: JUDGED_ON_THE_WAY_OUT,
    namedPorts: 'widened',
    networkPolicyOf: 'ovn',
    standingAllows: admitsIcmp(context) ? [EVERY_ICMP] : [],
  }),
  deviations: (context) => {
    const out = [...DEVIATIONS];
    if (admitsIcmp(context)) {
      const note = 'it is admitted to and from isolated pods, by allow-icmp-network-policy';
      out.push({ subject: 'ICMP', deviation: 'widened', note, source: POLICY });
    }
    if (isTrue(context.options['enable-stateless-netpol'])) {
      const note = 'where the other direction is isolated too, what they allow needs rules that let the replies pass';
      out.push({ subject: 'policies with k8s.ovn.org/acl-stateless', deviation: 'unknown', note, source: POLICY });
    }
    return out;
  },
  capabilities: capabilities('YYPYYYYY?PNNP', {
    namedPorts: 'widened to every port of the protocol',
    clusterV1alpha2: 'not in the code that was read',
    fqdn: 'in EgressFirewall',
    deny: 'in AdminNetworkPolicy and EgressFirewall',
  }),
  columns: {
    standardPolicy: cell('yes; named ports match every port', OPENSHIFT_46, 'since before OpenShift 4.6'),
    l7: cell('no', ACLS),
    dnsNames: cell('in EgressFirewall', OPENSHIFT_46, 'since before OpenShift 4.6'),
    clusterWide: cell('AdminNetworkPolicy, BaselineAdminNetworkPolicy', ADMIN),
    deny: cell('in AdminNetworkPolicy and EgressFirewall', ADMIN),
    flowLogs: cell(
      'yes (ACL logging, OVN observability as a preview)',
      pull('openshift/openshift-docs', 81017),
      'from OpenShift 4.17',
    ),
    dataplane: cell('OVN and Open vSwitch', ACLS),
    ownNode: cell('by egress policy', ACLS),
    encryption: cell('IPsec', pull('openshift/openshift-docs', 84222), 'since before OpenShift 4.15'),
  },
  notes: [{ text: 'EgressFirewall applies beside policy: both must allow', source: FIREWALL }],
};
