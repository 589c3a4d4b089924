import { describe, expect, it } from '@jest/globals';
import type { CniDetection, Fact } from '../model/index.js';
import { CNI_DETECTORS } from './detectors/index.js';
import { detectCni } from './detect-cni.js';
import { aux, configMap, daemonPod, daemonSet, KUBE_PROXY, namespace, node, policy } from './testing.js';
import type { AgentSketch } from './testing.js';

const CILIUM: AgentSketch = {
  labels: { 'k8s-app': 'cilium' },
  containers: [
    { name: 'cilium-agent', image: 'quay.io/cilium/cilium:v1.16.4@sha256:abc', args: ['--config-dir=/tmp/x'] },
  ],
  wanted: 2,
};
const CALICO: AgentSketch = {
  namespace: 'calico-system',
  labels: { 'k8s-app': 'calico-node' },
  containers: [{ name: 'calico-node', image: 'docker.io/calico/node:v3.29.1' }],
  wanted: 2,
};
const FLANNEL: AgentSketch = {
  namespace: 'kube-flannel',
  labels: { app: 'flannel' },
  containers: [{ name: 'kube-flannel', image: 'ghcr.io/flannel-io/flannel:v0.26.1' }],
  wanted: 2,
};
const ANTREA: AgentSketch = {
  labels: { app: 'antrea', component: 'antrea-agent' },
  containers: [{ name: 'antrea-agent', image: 'antrea/antrea-agent-ubuntu:v2.2.0' }],
  wanted: 2,
};
const KUBE_ROUTER: AgentSketch = {
  labels: { 'k8s-app': 'kube-router' },
  containers: [
    {
      name: 'kube-router',
      image: 'docker.io/cloudnativelabs/kube-router:v2.4.0',
      args: ['--run-router=true', '--run-firewall=true'],
    },
  ],
  wanted: 2,
};
const OVN: AgentSketch = {
  namespace: 'openshift-ovn-kubernetes',
  labels: { app: 'ovnkube-node' },
  containers: [{ name: 'ovnkube-controller', image: 'quay.io/openshift-release-dev/ocp-v4.0-art-dev@sha256:abc' }],
  wanted: 2,
};
const KUBE_OVN: AgentSketch = {
  labels: { app: 'kube-ovn-cni' },
  containers: [{ name: 'cni-server', image: 'docker.io/kubeovn/kube-ovn:v1.13.0' }],
  wanted: 2,
};
const WEAVE: AgentSketch = {
  labels: { name: 'weave-net' },
  containers: [
    { name: 'weave', image: 'weaveworks/weave-kube:2.8.1' },
    { name: 'weave-npc', image: 'weaveworks/weave-npc:2.8.1' },
  ],
  wanted: 2,
};
const AZURE_NPM: AgentSketch = {
  labels: { 'k8s-app': 'azure-npm' },
  containers: [{ name: 'azure-npm', image: 'mcr.microsoft.com/containernetworking/azure-npm:v1.5.3' }],
  wanted: 2,
};
const ANETD: AgentSketch = {
  labels: { 'k8s-app': 'cilium' },
  containers: [{ name: 'cilium-agent', image: 'gke.gcr.io/cilium/cilium:v1.14.11-gke.4' }],
  wanted: 2,
};
const NETPOLS: AgentSketch = {
  labels: { app: 'kube-network-policies' },
  containers: [
    { name: 'kube-network-policies', image: 'registry.k8s.io/networking/kube-network-policies:v0.8.0-npa-v1alpha1' },
  ],
  wanted: 2,
};
const MULTUS: AgentSketch = {
  labels: { app: 'multus' },
  containers: [{ name: 'kube-multus', image: 'ghcr.io/k8snetworkplumbingwg/multus-cni:v4.1.0' }],
  wanted: 2,
};

const kindnet = (tag: string): Fact =>
  daemonSet('kindnet', {
    labels: { app: 'kindnet' },
    containers: [{ name: 'kindnet-cni', image: `docker.io/kindest/kindnetd:${tag}` }],
    wanted: 1,
  });

function awsNode(flag: string | null, env: Readonly<Record<string, string>> = {}): Fact {
  const agent = {
    name: 'aws-eks-nodeagent',
    image: '602401143452.dkr.ecr.eu-west-1.amazonaws.com/amazon/aws-network-policy-agent:v1.2.0-eksbuild.1',
    args: [`--enable-network-policy=${flag ?? ''}`, '--enable-ipv6=false'],
  };
  return daemonSet('aws-node', {
    labels: { 'k8s-app': 'aws-node' },
    containers: [
      {
        name: 'aws-node',
        image: '602401143452.dkr.ecr.eu-west-1.amazonaws.com/amazon-k8s-cni:v1.19.2-eksbuild.1',
        env,
      },
      ...(flag === null ? [] : [agent]),
    ],
    wanted: 2,
  });
}

const k3sNode = (name: string, args: readonly string[] | null, role = 'server'): Fact =>
  node(name, {
    kubelet: 'v1.31.4+k3s1',
    podCidrs: ['10.42.0.0/24'],
    annotations: {
      'flannel.alpha.coreos.com/backend-type': 'vxlan',
      ...(args === null ? {} : { 'k3s.io/node-args': JSON.stringify([role, ...args]) }),
    },
  });

const GKE_NODE = node('gke-1', { labels: { 'cloud.google.com/gke-nodepool': 'a' }, podCidrs: ['10.0.0.0/24'] });
const AKS_NODE = node('aks-1', { labels: { 'kubernetes.azure.com/cluster': 'c' } });

type Expected = Partial<Omit<CniDetection, 'evidence' | 'options'>>;
interface Case {
  /** Detector that this case is about. */
  readonly detector: string;
  readonly says: string;
  readonly facts: readonly Fact[];
  readonly expected: Expected;
  readonly options?: Readonly<Record<string, string>>;
}

const UNKNOWN: Expected = { networking: 'unknown', policyEngine: 'unknown', enforced: 'unknown', version: '' };

const CASES: readonly Case[] = [
  {
    detector: 'cilium',
    says: 'the agent with its ConfigMap enforces',
    facts: [
      daemonSet('cilium', CILIUM),
      configMap('cilium-config', { 'enable-policy': 'default', 'cni-chaining-mode': 'none' }),
    ],
    expected: {
      networking: 'cilium',
      policyEngine: 'cilium',
      title: 'Cilium 1.16.4',
      version: '1.16.4',
      enforced: 'yes',
    },
    options: { 'enable-policy': 'default' },
  },
  {
    detector: 'cilium',
    says: 'enable-policy never enforces nothing',
    facts: [daemonSet('cilium', CILIUM), configMap('cilium-config', { 'enable-policy': 'never' })],
    expected: { networking: 'cilium', policyEngine: '', enforced: 'no' },
  },
  {
    detector: 'cilium',
    says: 'policy-audit-mode enforces nothing',
    facts: [daemonSet('cilium', CILIUM), configMap('cilium-config', { 'policy-audit-mode': 'true' })],
    expected: { policyEngine: '', enforced: 'no' },
  },
  {
    detector: 'cilium',
    says: 'an argument of the agent beats the ConfigMap',
    facts: [
      daemonSet('cilium', {
        ...CILIUM,
        containers: [{ name: 'cilium-agent', image: 'cilium/cilium:v1.16.4', args: ['--enable-policy=never'] }],
      }),
      configMap('cilium-config', { 'enable-policy': 'default' }),
    ],
    expected: { enforced: 'no' },
  },
  {
    detector: 'cilium',
    says: 'chained on the Amazon plugin, that one is the network',
    facts: [
      daemonSet('cilium', CILIUM),
      awsNode('false'),
      configMap('cilium-config', { 'cni-chaining-mode': 'aws-cni' }),
    ],
    expected: {
      networking: 'aws-vpc-cni',
      policyEngine: 'cilium',
      title: 'Cilium 1.16.4 over Amazon VPC CNI',
      enforced: 'yes',
    },
  },
  {
    detector: 'cilium',
    says: 'a mirrored image under another name is recognised by label and container',
    facts: [
      daemonSet('net', {
        ...CILIUM,
        containers: [{ name: 'cilium-agent', image: 'registry.corp:5000/mirror/c@sha256:1' }],
      }),
    ],
    expected: { policyEngine: 'cilium', version: '', enforced: 'yes' },
  },
  {
    detector: 'cilium',
    says: 'an agent without a ready pod leaves it open',
    facts: [daemonSet('cilium', { ...CILIUM, ready: 0 })],
    expected: { networking: 'cilium', policyEngine: 'cilium', enforced: 'unknown' },
  },
  {
    detector: 'cilium',
    says: 'policies and the Envoy DaemonSet alone are no agent',
    facts: [
      KUBE_PROXY,
      policy('cilium.io', 'CiliumNetworkPolicy', 'a'),
      daemonSet('cilium-envoy', {
        labels: { 'k8s-app': 'cilium-envoy' },
        containers: [{ name: 'cilium-envoy', image: 'quay.io/cilium/cilium-envoy:v1.30' }],
      }),
    ],
    expected: UNKNOWN,
  },
  {
    detector: 'aks-cilium',
    says: 'Cilium that AKS manages',
    facts: [
      daemonSet('cilium', CILIUM),
      node('aks-1', {
        labels: { 'kubernetes.azure.com/cluster': 'c', 'kubernetes.azure.com/ebpf-dataplane': 'cilium' },
      }),
    ],
    expected: { networking: 'azure', policyEngine: 'aks-cilium', enforced: 'yes' },
  },
  {
    detector: 'aks-cilium',
    says: 'Cilium that a user put on AKS is plain Cilium',
    facts: [daemonSet('cilium', CILIUM), AKS_NODE, configMap('cilium-config', { 'cni-chaining-mode': 'none' })],
    expected: { networking: 'cilium', policyEngine: 'cilium', enforced: 'yes' },
  },
  {
    detector: 'gke-dataplane-v2',
    says: 'anetd always enforces',
    facts: [daemonSet('anetd', ANETD), GKE_NODE, configMap('cilium-config', { 'enable-policy': 'default' })],
    expected: { networking: 'gke-dataplane-v2', policyEngine: 'gke-dataplane-v2', enforced: 'yes' },
  },
  {
    detector: 'gke-dataplane-v2',
    says: 'GKE nodes without anetd are not Dataplane V2',
    facts: [KUBE_PROXY, GKE_NODE],
    expected: { policyEngine: '', networking: 'gke-legacy' },
  },
  {
    detector: 'calico',
    says: 'by its operator',
    facts: [
      daemonSet('calico-node', CALICO),
      aux('operator.tigera.io', 'Installation', 'default', {
        spec: { cni: { type: 'Calico' }, calicoNetwork: { linuxDataplane: 'BPF' } },
      }),
    ],
    expected: { networking: 'calico', policyEngine: 'calico', title: 'Calico 3.29.1', enforced: 'yes' },
    options: { 'linux-dataplane': 'BPF' },
  },
  {
    detector: 'calico',
    says: 'by its operator for policy only, the cloud plugin is the network',
    facts: [
      daemonSet('calico-node', CALICO),
      awsNode('false'),
      aux('operator.tigera.io', 'Installation', 'default', { spec: { cni: { type: 'AmazonVPC' } } }),
    ],
    expected: { networking: 'aws-vpc-cni', policyEngine: 'calico', title: 'Calico 3.29.1 over Amazon VPC CNI' },
  },
  {
    detector: 'calico',
    says: 'by its manifest, with the version from ClusterInformation and the host action from the environment',
    facts: [
      daemonSet('calico-node', {
        ...CALICO,
        namespace: 'kube-system',
        containers: [
          {
            name: 'calico-node',
            image: 'mirror/calico-node',
            env: { CALICO_NETWORKING_BACKEND: 'bird', FELIX_DEFAULTENDPOINTTOHOSTACTION: 'ACCEPT' },
          },
        ],
      }),
      aux('crd.projectcalico.org', 'ClusterInformation', 'default', { spec: { calicoVersion: 'v3.28.2' } }),
      aux('crd.projectcalico.org', 'FelixConfiguration', 'default', { spec: { defaultEndpointToHostAction: 'Drop' } }),
    ],
    expected: { networking: 'calico', version: '3.28.2', enforced: 'yes' },
    options: { 'default-endpoint-to-host-action': 'accept' },
  },
  {
    detector: 'calico',
    says: 'kube-controllers and leftover objects alone are no engine',
    facts: [
      KUBE_PROXY,
      daemonSet('calico-kube-controllers', {
        kind: 'Deployment',
        containers: [{ name: 'calico-kube-controllers', image: 'calico/kube-controllers:v3.29.1' }],
      }),
      aux('crd.projectcalico.org', 'ClusterInformation', 'default', { spec: { calicoVersion: 'v3.28.2' } }),
    ],
    expected: UNKNOWN,
  },
  {
    detector: 'canal',
    says: 'one DaemonSet with both containers',
    facts: [
      daemonSet('canal', {
        labels: { 'k8s-app': 'canal' },
        containers: [
          { name: 'calico-node', image: 'docker.io/calico/node:v3.29.1' },
          { name: 'kube-flannel', image: 'docker.io/flannel/flannel:v0.24.4' },
        ],
        wanted: 2,
      }),
    ],
    expected: { networking: 'flannel', policyEngine: 'canal', version: '3.29.1', enforced: 'yes' },
  },
  {
    detector: 'canal',
    says: 'RKE2 names and images',
    facts: [
      daemonSet('rke2-canal', {
        labels: { 'k8s-app': 'canal' },
        containers: [
          { name: 'calico-node', image: 'rancher/hardened-calico:v3.29.0-build20241111' },
          { name: 'kube-flannel', image: 'rancher/hardened-flannel:v0.26.1-build20241107' },
        ],
        wanted: 1,
      }),
      node('n1', { kubelet: 'v1.31.3+rke2r1' }),
    ],
    expected: { policyEngine: 'canal', version: '3.29.0', enforced: 'yes' },
    options: { platform: 'rke2' },
  },
  {
    detector: 'canal',
    says: 'Flannel and a calico-node that does no networking',
    facts: [
      daemonSet('kube-flannel-ds', FLANNEL),
      daemonSet('calico-node', {
        ...CALICO,
        containers: [{ name: 'calico-node', image: 'calico/node:v3.29.1', env: { CALICO_NETWORKING_BACKEND: 'none' } }],
      }),
    ],
    expected: { networking: 'flannel', policyEngine: 'canal', enforced: 'yes' },
  },
  {
    detector: 'canal',
    says: 'Flannel left beside a Calico that does the networking is Calico',
    facts: [
      daemonSet('kube-flannel-ds', FLANNEL),
      daemonSet('calico-node', CALICO),
      aux('operator.tigera.io', 'Installation', 'default', { spec: { cni: { type: 'Calico' } } }),
    ],
    expected: { networking: 'calico', policyEngine: 'calico', enforced: 'yes' },
  },
  {
    detector: 'flannel',
    says: 'alone it enforces nothing',
    facts: [daemonSet('kube-flannel-ds', FLANNEL), configMap('kube-flannel-cfg', {})],
    expected: { networking: 'flannel', policyEngine: '', title: 'Flannel 0.26.1', enforced: 'no' },
  },
  {
    detector: 'flannel',
    says: 'from a manifest without status too',
    facts: [daemonSet('kube-flannel-ds', { labels: { app: 'flannel' }, containers: FLANNEL.containers })],
    expected: { networking: 'flannel', policyEngine: '', enforced: 'no' },
  },
  {
    detector: 'flannel',
    says: 'annotations alone do not say that nothing enforces',
    facts: [node('n1', { annotations: { 'flannel.alpha.coreos.com/backend-type': 'vxlan' } })],
    expected: { networking: 'flannel', policyEngine: 'flannel', enforced: 'unknown' },
    options: { 'backend-type': 'vxlan' },
  },
  {
    detector: 'kube-network-policies',
    says: 'as a container in the DaemonSet of Flannel',
    facts: [
      daemonSet('kube-flannel-ds', {
        ...FLANNEL,
        containers: [
          ...FLANNEL.containers,
          { name: 'kube-network-policies', image: 'registry.k8s.io/networking/kube-network-policies:v0.7.0' },
        ],
      }),
    ],
    expected: {
      networking: 'flannel',
      policyEngine: 'kube-network-policies',
      title: 'kube-network-policies 0.7.0 over Flannel',
      enforced: 'yes',
    },
    options: { flavour: 'standard' },
  },
  {
    detector: 'kube-network-policies',
    says: 'alone, with the flavour of its image',
    facts: [daemonSet('kube-network-policies', NETPOLS), daemonSet('kube-flannel-ds', FLANNEL)],
    expected: { networking: 'flannel', policyEngine: 'kube-network-policies', version: '0.8.0', enforced: 'yes' },
    options: { flavour: 'npa-v1alpha1' },
  },
  {
    detector: 'kube-network-policies',
    says: 'scheduled on no node it enforces nothing',
    facts: [daemonSet('kube-network-policies', { ...NETPOLS, wanted: 0 }), daemonSet('kube-flannel-ds', FLANNEL)],
    expected: { policyEngine: '', enforced: 'no' },
  },
  {
    detector: 'k3s',
    says: 'the embedded controller enforces',
    facts: [k3sNode('s1', ['--tls-san', 'x']), k3sNode('a1', [], 'agent')],
    expected: {
      networking: 'flannel',
      policyEngine: 'k3s',
      version: '1.31.4+k3s1',
      enforced: 'yes',
      unenforcedNodes: [],
    },
  },
  {
    detector: 'k3s',
    says: '--disable-network-policy enforces nothing',
    facts: [k3sNode('s1', ['--disable-network-policy', 'true']), k3sNode('a1', [], 'agent')],
    expected: { networking: 'flannel', policyEngine: '', enforced: 'no' },
  },
  {
    detector: 'k3s',
    says: 'servers that disagree leave it open',
    facts: [k3sNode('s1', ['--disable-network-policy']), k3sNode('s2', ['--tls-san', 'x'])],
    expected: { policyEngine: 'k3s', enforced: 'unknown' },
  },
  {
    detector: 'k3s',
    says: 'another plugin on top decides when the controller is off',
    facts: [k3sNode('s1', ['--flannel-backend', 'none', '--disable-network-policy=true']), daemonSet('cilium', CILIUM)],
    expected: { networking: 'cilium', policyEngine: 'cilium', enforced: 'yes' },
  },
  {
    detector: 'k3s',
    says: 'another plugin on top and the controller left on: both enforce',
    facts: [k3sNode('s1', ['--flannel-backend', 'none']), daemonSet('cilium', CILIUM)],
    expected: { networking: 'cilium', policyEngine: 'cilium+k3s', enforced: 'yes' },
  },
  {
    detector: 'k3s',
    says: 'a kubelet of another distribution is not k3s',
    facts: [KUBE_PROXY, node('n1', { kubelet: 'v1.31.4' })],
    expected: UNKNOWN,
  },
  {
    detector: 'rke2',
    says: 'Flannel on RKE2 enforces nothing',
    facts: [
      node('n1', { kubelet: 'v1.31.3+rke2r1' }),
      daemonSet('kube-flannel-ds', { ...FLANNEL, namespace: 'kube-system' }),
    ],
    expected: { networking: 'flannel', enforced: 'no' },
    options: { platform: 'rke2' },
  },
  {
    detector: 'rke2',
    says: 'the platform alone says nothing of the plugin',
    facts: [node('n1', { kubelet: 'v1.31.3+rke2r1' })],
    expected: UNKNOWN,
  },
  {
    detector: 'kube-router',
    says: 'the firewall is on by default',
    facts: [
      daemonSet('kube-router', {
        ...KUBE_ROUTER,
        containers: [{ name: 'kube-router', image: 'cloudnativelabs/kube-router:v2.4.0' }],
      }),
    ],
    expected: { networking: 'kube-router', policyEngine: 'kube-router', version: '2.4.0', enforced: 'yes' },
  },
  {
    detector: 'kube-router',
    says: '--run-firewall=false enforces nothing',
    facts: [
      daemonSet('kube-router', {
        ...KUBE_ROUTER,
        containers: [{ name: 'kube-router', image: 'cloudnativelabs/kube-router', args: ['--run-firewall=false'] }],
      }),
    ],
    expected: { networking: 'kube-router', policyEngine: '', enforced: 'no' },
  },
  {
    detector: 'kube-router',
    says: '--run-router=false is an engine on another network',
    facts: [
      daemonSet('kube-router', {
        ...KUBE_ROUTER,
        containers: [
          {
            name: 'kube-router',
            image: 'cloudnativelabs/kube-router',
            args: ['--run-router=false', '--netpol-default-deny'],
          },
        ],
      }),
      daemonSet('kube-flannel-ds', FLANNEL),
    ],
    expected: { networking: 'flannel', policyEngine: 'kube-router', enforced: 'yes' },
    options: { 'netpol-default-deny': 'true' },
  },
  {
    detector: 'antrea',
    says: 'with gates and version from its own objects',
    facts: [
      daemonSet('antrea-agent', ANTREA),
      aux('crd.antrea.io', 'AntreaControllerInfo', 'antrea-controller', { version: 'v2.2.0-6d1ba3f' }),
      configMap('antrea-config', {
        'antrea-agent.conf':
          'featureGates:\n#  AntreaPolicy: false\n  L7NetworkPolicy: true\ntrafficEncapMode: "encap"\n',
        'antrea-controller.conf': 'featureGates:\n  AdminNetworkPolicy: true\n',
      }),
    ],
    expected: { networking: 'antrea', policyEngine: 'antrea', title: 'Antrea 2.2.0', enforced: 'yes' },
    options: { 'gate.L7NetworkPolicy': 'true', 'gate.AdminNetworkPolicy': 'true', 'traffic-encap-mode': 'encap' },
  },
  {
    detector: 'antrea',
    says: 'networkPolicyOnly leaves the network to the cloud',
    facts: [
      daemonSet('antrea-agent', ANTREA),
      awsNode('false'),
      configMap('antrea-config', { 'antrea-agent.conf': 'trafficEncapMode: networkPolicyOnly' }),
    ],
    expected: { networking: 'aws-vpc-cni', policyEngine: 'antrea', enforced: 'yes' },
  },
  {
    detector: 'antrea',
    says: 'its controller alone is no agent',
    facts: [
      KUBE_PROXY,
      daemonSet('antrea-controller', {
        kind: 'Deployment',
        labels: { component: 'antrea-controller' },
        containers: [{ name: 'antrea-controller', image: 'antrea/antrea-controller-ubuntu:v2.2.0' }],
      }),
    ],
    expected: UNKNOWN,
  },
  {
    detector: 'ovn-kubernetes',
    says: 'by its node agent',
    facts: [daemonSet('ovnkube-node', OVN)],
    expected: { networking: 'ovn-kubernetes', policyEngine: 'ovn-kubernetes', enforced: 'yes' },
  },
  {
    detector: 'ovn-kubernetes',
    says: 'by node annotations where DaemonSets cannot be read',
    facts: [node('n1', { annotations: { 'k8s.ovn.org/node-subnets': '{}' } })],
    expected: { networking: 'ovn-kubernetes', enforced: 'yes' },
  },
  {
    detector: 'ovn-kubernetes',
    says: 'annotations are leftovers where DaemonSets can be read and it is not among them',
    facts: [KUBE_PROXY, node('n1', { annotations: { 'k8s.ovn.org/node-subnets': '{}' } })],
    expected: UNKNOWN,
  },
  {
    detector: 'openshift',
    says: 'its Network object names OVN-Kubernetes, also without rights to DaemonSets',
    facts: [aux('config.openshift.io', 'Network', 'cluster', { status: { networkType: 'OVNKubernetes' } })],
    expected: { networking: 'ovn-kubernetes', policyEngine: 'ovn-kubernetes', enforced: 'yes' },
    options: { platform: 'openshift' },
  },
  {
    detector: 'openshift',
    says: 'OpenShift SDN',
    facts: [aux('config.openshift.io', 'Network', 'cluster', { status: { networkType: 'OpenShiftSDN' } })],
    expected: { networking: 'openshift-sdn', policyEngine: 'openshift-sdn', enforced: 'yes' },
  },
  {
    detector: 'openshift',
    says: 'a namespace alone names no plugin',
    facts: [namespace('openshift-network-operator')],
    expected: UNKNOWN,
  },
  {
    detector: 'kube-ovn',
    says: 'enforces by default',
    facts: [daemonSet('kube-ovn-cni', KUBE_OVN)],
    expected: { networking: 'kube-ovn', policyEngine: 'kube-ovn', version: '1.13.0', enforced: 'yes' },
  },
  {
    detector: 'kube-ovn',
    says: '--enable-np=false enforces nothing',
    facts: [
      daemonSet('kube-ovn-cni', KUBE_OVN),
      daemonSet('kube-ovn-controller', {
        kind: 'Deployment',
        containers: [{ name: 'kube-ovn-controller', image: 'kubeovn/kube-ovn:v1.13.0', args: ['--enable-np=false'] }],
      }),
    ],
    expected: { networking: 'kube-ovn', policyEngine: '', enforced: 'no' },
  },
  {
    detector: 'aws-vpc-cni',
    says: 'the flag of the node agent switches policy on',
    facts: [awsNode('true'), configMap('amazon-vpc-cni', { 'enable-network-policy-controller': 'true' })],
    expected: {
      networking: 'aws-vpc-cni',
      policyEngine: 'aws-vpc-cni',
      title: 'Amazon VPC CNI 1.19.2',
      enforced: 'yes',
    },
    options: { 'enforcing-mode': 'standard' },
  },
  {
    detector: 'aws-vpc-cni',
    says: 'the shipped flag is false: nothing is enforced',
    facts: [awsNode('false')],
    expected: { networking: 'aws-vpc-cni', policyEngine: '', enforced: 'no' },
  },
  {
    detector: 'aws-vpc-cni',
    says: 'without the node agent nothing is enforced',
    facts: [awsNode(null)],
    expected: { networking: 'aws-vpc-cni', policyEngine: '', enforced: 'no' },
  },
  {
    detector: 'aws-vpc-cni',
    says: 'a controller that is switched off enforces nothing',
    facts: [awsNode('true'), configMap('amazon-vpc-cni', { 'enable-network-policy-controller': 'false' })],
    expected: { policyEngine: '', enforced: 'no' },
  },
  {
    detector: 'aws-vpc-cni',
    says: 'PolicyEndpoint objects prove the controller, and strict mode is kept',
    facts: [
      awsNode('true', { NETWORK_POLICY_ENFORCING_MODE: 'strict' }),
      aux('networking.k8s.aws', 'PolicyEndpoint', 'a-xyz', {}, 'shop'),
    ],
    expected: { policyEngine: 'aws-vpc-cni', enforced: 'yes' },
    options: { 'enforcing-mode': 'strict' },
  },
  {
    detector: 'eks-auto',
    says: 'NodeClass and ConfigMap switch it on',
    facts: [
      node('i-1', { labels: { 'eks.amazonaws.com/compute-type': 'auto' } }),
      aux('eks.amazonaws.com', 'NodeClass', 'default', { spec: { networkPolicy: 'DefaultDeny' } }),
      configMap('amazon-vpc-cni', { 'enable-network-policy-controller': 'true' }),
    ],
    expected: { networking: 'aws-vpc-cni', policyEngine: 'eks-auto', enforced: 'yes', unenforcedNodes: [] },
    options: { 'enforcing-mode': 'strict' },
  },
  {
    detector: 'eks-auto',
    says: 'a NodeClass without networkPolicy enforces nothing',
    facts: [
      node('i-1', { labels: { 'eks.amazonaws.com/compute-type': 'auto' } }),
      aux('eks.amazonaws.com', 'NodeClass', 'default', { spec: {} }),
    ],
    expected: { policyEngine: '', enforced: 'no' },
  },
  {
    detector: 'eks-auto',
    says: 'without its objects it stays open',
    facts: [node('i-1', { labels: { 'eks.amazonaws.com/compute-type': 'auto' } })],
    expected: { networking: 'aws-vpc-cni', policyEngine: 'eks-auto', enforced: 'unknown' },
  },
  {
    detector: 'azure',
    says: 'alone it enforces nothing',
    facts: [KUBE_PROXY, AKS_NODE],
    expected: { networking: 'azure', policyEngine: '', enforced: 'no' },
    options: { platform: 'aks' },
  },
  {
    detector: 'azure',
    says: 'without rights to DaemonSets it stays open',
    facts: [AKS_NODE],
    expected: { networking: 'azure', enforced: 'unknown' },
  },
  {
    detector: 'azure-npm',
    says: 'enforces on the network of Azure',
    facts: [daemonSet('azure-npm', AZURE_NPM), AKS_NODE],
    expected: { networking: 'azure', policyEngine: 'azure-npm', version: '1.5.3', enforced: 'yes' },
    options: { windows: 'false' },
  },
  {
    detector: 'azure-npm',
    says: 'scheduled on no node it enforces nothing',
    facts: [daemonSet('azure-npm', { ...AZURE_NPM, wanted: 0 }), AKS_NODE],
    expected: { networking: 'azure', policyEngine: '', enforced: 'no' },
  },
  {
    detector: 'gke-legacy',
    says: 'a calico-node that is scheduled nowhere enforces nothing',
    facts: [GKE_NODE, daemonSet('calico-node', { ...CALICO, namespace: 'kube-system', wanted: 0 })],
    expected: { networking: 'gke-legacy', policyEngine: '', enforced: 'no' },
  },
  {
    detector: 'gke-legacy',
    says: 'with the Calico add-on on its nodes it enforces',
    facts: [
      GKE_NODE,
      daemonSet('calico-node', {
        ...CALICO,
        namespace: 'kube-system',
        containers: [
          {
            name: 'calico-node',
            image: 'gke.gcr.io/calico/node:v3.26.3-gke.9',
            env: { CALICO_NETWORKING_BACKEND: 'none' },
          },
        ],
      }),
    ],
    expected: { networking: 'gke-legacy', policyEngine: 'calico', version: '3.26.3', enforced: 'yes' },
  },
  {
    detector: 'weave',
    says: 'weave-npc enforces',
    facts: [daemonSet('weave-net', WEAVE)],
    expected: { networking: 'weave', policyEngine: 'weave', version: '2.8.1', enforced: 'yes' },
  },
  {
    detector: 'weave',
    says: 'EXPECT_NPC 0 enforces nothing',
    facts: [
      daemonSet('weave-net', {
        ...WEAVE,
        containers: [
          { name: 'weave', image: 'weaveworks/weave-kube:2.8.1', env: { EXPECT_NPC: '0' } },
          { name: 'weave-npc', image: 'weaveworks/weave-npc:2.8.1' },
        ],
      }),
    ],
    expected: { networking: 'weave', policyEngine: '', enforced: 'no' },
  },
  {
    detector: 'weave',
    says: 'without weave-npc nothing is enforced',
    facts: [
      daemonSet('weave-net', { ...WEAVE, containers: [{ name: 'weave', image: 'weaveworks/weave-kube:2.8.1' }] }),
    ],
    expected: { networking: 'weave', policyEngine: '', enforced: 'no' },
  },
  {
    detector: 'kindnet',
    says: 'of kind 0.24 enforces',
    facts: [kindnet('v20240813-c6f155d6')],
    expected: { networking: 'kindnet', policyEngine: 'kindnet', version: '20240813', enforced: 'yes' },
  },
  {
    detector: 'kindnet',
    says: 'of kind 0.23 enforces nothing',
    facts: [kindnet('v20240513-cd2ac642')],
    expected: { networking: 'kindnet', policyEngine: '', enforced: 'no' },
  },
  {
    detector: 'kindnet',
    says: 'a build between the two leaves it open',
    facts: [kindnet('v20240719-e7d0a0f1')],
    expected: { networking: 'kindnet', policyEngine: 'kindnet', enforced: 'unknown' },
  },
  {
    detector: 'kindnet',
    says: 'a tag without a date leaves it open',
    facts: [kindnet('latest')],
    expected: { networking: 'kindnet', enforced: 'unknown' },
  },
  {
    detector: 'kindnet',
    says: 'the stand-alone project enforces from 1.3.0 on',
    facts: [kindnet('v1.8.1')],
    expected: { version: '1.8.1', enforced: 'yes' },
  },
  {
    detector: 'multus',
    says: 'is ignored beside the primary plugin',
    facts: [daemonSet('kube-multus-ds', MULTUS), daemonSet('kube-flannel-ds', FLANNEL)],
    expected: { networking: 'flannel', policyEngine: '', enforced: 'no' },
    options: { multus: 'true' },
  },
  {
    detector: 'multus',
    says: 'alone it is no network',
    facts: [daemonSet('kube-multus-ds', MULTUS)],
    expected: UNKNOWN,
  },
  {
    detector: 'generic',
    says: 'a host-network agent that installs a CNI is a candidate, and open',
    facts: [daemonSet('acme-cni-node', { containers: [{ name: 'agent', image: 'acme/cni:3' }], wanted: 1 })],
    expected: { networking: 'unknown', policyEngine: 'unknown', title: 'acme-cni-node', enforced: 'unknown' },
  },
  {
    detector: 'generic',
    says: 'the CNI helper of a mesh is none',
    facts: [
      daemonSet('istio-cni-node', {
        containers: [{ name: 'install-cni', image: 'docker.io/istio/install-cni:1.24.1' }],
        wanted: 1,
      }),
    ],
    expected: { ...UNKNOWN, title: 'unknown' },
  },
  {
    detector: 'kubenet',
    says: 'nodes with pod address blocks and no plugin enforce nothing',
    facts: [KUBE_PROXY, node('n1', { podCidrs: ['10.244.0.0/24'], providerId: 'openstack:///1' })],
    expected: { networking: 'kubenet', policyEngine: '', enforced: 'no' },
  },
  {
    detector: 'kubenet',
    says: 'is not concluded where DaemonSets cannot be read',
    facts: [node('n1', { podCidrs: ['10.244.0.0/24'], providerId: 'openstack:///1' })],
    expected: UNKNOWN,
  },
];

describe('detectCni', () => {
  it.each(CASES.map((one) => [one.detector, one.says, one] as const))('%s: %s', (_detector, _says, one) => {
    const detection = detectCni(one.facts);
    expect(detection).toMatchObject(one.expected);
    if (one.options !== undefined) expect(detection.options).toMatchObject(one.options);
  });

  it('has a case that each detector contributes to, and one where it does not', () => {
    for (const { id } of CNI_DETECTORS) {
      expect(CASES.filter((one) => one.detector === id).length).toBeGreaterThanOrEqual(2);
    }
  });

  it('is unknown with no confidence when nothing was seen', () => {
    expect(detectCni([])).toMatchObject({ ...UNKNOWN, title: 'unknown', confidence: 0, unenforcedNodes: [] });
  });

  it('does not take missing rights for a missing plugin', () => {
    const facts = [node('n1', { podCidrs: ['10.244.0.0/24'], providerId: 'aws:///1' })];
    expect(detectCni(facts, { 'DaemonSet.apps': { complete: false } }).enforced).toBe('unknown');
    expect(detectCni(facts, { 'DaemonSet.apps': { complete: true } })).toMatchObject({
      networking: 'kubenet',
      enforced: 'no',
    });
  });

  it('says so when objects of an engine exist that does not run', () => {
    const { evidence } = detectCni([
      daemonSet('kube-flannel-ds', FLANNEL),
      policy('cilium.io', 'CiliumNetworkPolicy', 'a'),
    ]);
    expect(evidence).toContainEqual(expect.objectContaining({ source: 'CiliumNetworkPolicy.cilium.io', weight: 0.2 }));
  });

  it('names every engine when several run, and remarks on it', () => {
    const detection = detectCni([
      daemonSet('cilium', CILIUM),
      daemonSet('calico-node', CALICO),
      configMap('cilium-config', { 'cni-chaining-mode': 'none' }),
    ]);
    expect(detection).toMatchObject({
      policyEngine: 'cilium+calico',
      enforced: 'yes',
      version: '',
      networking: 'cilium',
    });
    expect(detection.evidence).toContainEqual(expect.objectContaining({ source: 'several policy engines' }));
    expect(detection.engines?.map(({ id, version }) => [id, version])).toEqual([
      ['cilium', '1.16.4'],
      ['calico', '3.29.1'],
    ]);
    expect(detectCni([daemonSet('cilium', CILIUM), configMap('cilium-config', {})]).engines).toBeUndefined();
  });

  it('is less sure of a manifest than of a running agent, and of an agent whose settings cannot be seen', () => {
    const running = detectCni([daemonSet('cilium', CILIUM), configMap('cilium-config', {})]).confidence;
    const unseen = detectCni([daemonSet('cilium', CILIUM)]).confidence;
    const declared = detectCni([
      daemonSet('cilium', { labels: CILIUM.labels ?? {}, containers: CILIUM.containers }),
    ]).confidence;
    expect(running).toBeGreaterThan(unseen);
    expect(unseen).toBeGreaterThan(declared);
    expect(declared).toBeGreaterThan(0.5);
    expect(running).toBeLessThan(1);
  });

  it('does not depend on the order of facts', () => {
    const facts = [
      daemonSet('cilium', CILIUM),
      awsNode('false'),
      configMap('cilium-config', { 'cni-chaining-mode': 'aws-cni' }),
      node('a'),
      node('b'),
    ];
    expect(detectCni(facts.toReversed())).toEqual(detectCni(facts));
  });

  describe('per node', () => {
    const nodes = [node('a'), node('b'), node('c')];

    it('names nodes without a ready agent', () => {
      const facts = [
        daemonSet('cilium', CILIUM),
        daemonPod('cilium', 'a', CILIUM),
        daemonPod('cilium', 'b', CILIUM, false),
        ...nodes,
      ];
      expect(detectCni(facts).unenforcedNodes).toEqual(['b', 'c']);
    });

    it('finds an agent by its pods alone', () => {
      const facts = [
        daemonPod('cilium', 'a', CILIUM),
        daemonPod('cilium', 'b', CILIUM),
        daemonPod('cilium', 'c', CILIUM),
        ...nodes,
      ];
      expect(detectCni(facts)).toMatchObject({ policyEngine: 'cilium', enforced: 'yes', unenforcedNodes: [] });
    });

    it('counts a node as covered when one of two engines in a migration runs there', () => {
      const facts = [
        daemonSet('cilium', CILIUM),
        daemonSet('calico-node', CALICO),
        daemonPod('cilium', 'a', CILIUM),
        daemonPod('calico-node', 'b', CALICO),
        ...nodes,
      ];
      expect(detectCni(facts).unenforcedNodes).toEqual(['c']);
    });

    it('knows nodes that can never run an agent even when no agent pod is in the inventory', () => {
      const fargate = node('f', { labels: { 'eks.amazonaws.com/compute-type': 'fargate' } });
      expect(detectCni([awsNode('true'), ...nodes, fargate]).unenforcedNodes).toEqual(['f']);
    });

    it('says nothing of nodes when nothing is enforced', () => {
      expect(detectCni([daemonSet('kube-flannel-ds', FLANNEL), ...nodes]).unenforcedNodes).toEqual([]);
    });
  });
});
