import { ANTREA, awsNode, CALICO, CILIUM, FLANNEL, KUBE_OVN, KUBE_ROUTER, NETPOLS, OVN } from './agents.js';
import { UNKNOWN, type DetectionCase } from './detection-case.js';
import { aux, configMap, daemonSet, KUBE_PROXY, node, policy } from './sketches.js';

/** Engines that enforce policy. */
export const ENGINES: readonly DetectionCase[] = [
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
    options: { 'default-endpoint-to-host-action': 'accept', 'host-action-of': 'environment' },
  },
  {
    detector: 'calico',
    says: 'with a dataplane that the environment sets back, and the size of IP sets',
    facts: [
      daemonSet('calico-node', {
        ...CALICO,
        containers: [{ name: 'calico-node', image: 'calico/node:v3.29.1', env: { FELIX_BPFENABLED: 'false' } }],
      }),
      daemonSet('calico-node-windows', CALICO),
      aux('crd.projectcalico.org', 'FelixConfiguration', 'default', {
        spec: { bpfEnabled: true, maxIpsetSize: 500, istioAmbientMode: 'Enabled' },
      }),
    ],
    expected: { policyEngine: 'calico', version: '3.29.1', enforced: 'yes' },
    options: {
      'bpf-enabled': 'false',
      'max-ipset-size': '500',
      'istio-ambient-mode': 'enabled',
      'windows-agents': 'true',
    },
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
    says: '--use-nftables-for-netpol makes sets of another sort',
    facts: [
      daemonSet('kube-router', {
        ...KUBE_ROUTER,
        containers: [
          { name: 'kube-router', image: 'cloudnativelabs/kube-router:v2.11.1', args: ['--use-nftables-for-netpol'] },
        ],
      }),
    ],
    expected: { networking: 'kube-router', policyEngine: 'kube-router', version: '2.11.1', enforced: 'yes' },
    options: { 'use-nftables-for-netpol': 'true' },
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
            args: ['--run-router=false', '--netpol-default-deny', '--service-node-port-range=20000:22000'],
          },
        ],
      }),
      daemonSet('kube-flannel-ds', FLANNEL),
    ],
    expected: { networking: 'flannel', policyEngine: 'kube-router', enforced: 'yes' },
    options: { 'netpol-default-deny': 'true', 'service-node-port-range': '20000:22000' },
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
    options: {},
  },
  {
    detector: 'ovn-kubernetes',
    says: 'switches are read from flags, variables and the configuration file, in this order',
    facts: [
      daemonSet('ovnkube-node', {
        ...OVN,
        containers: [
          {
            name: 'ovnkube-controller',
            image: 'ghcr.io/ovn-kubernetes/ovn-kubernetes/ovn-kube-ubuntu:master',
            args: ['--enable-dns-name-resolver'],
            env: { OVN_ENABLE_DNSNAMERESOLVER: 'false', OVN_ALLOW_ICMP_NETPOL: '' },
          },
        ],
      }),
      configMap('ovnkube-config', {
        'ovnkube.conf':
          '[ovnkubernetesfeature]\nenable-egress-firewall=true\nallow-icmp-network-policy=true\nenable-stateless-netpol=true\n',
      }),
    ],
    expected: { networking: 'ovn-kubernetes', policyEngine: 'ovn-kubernetes', enforced: 'yes' },
    options: {
      'allow-icmp-network-policy': 'true',
      'enable-dns-name-resolver': 'true',
      'enable-stateless-netpol': 'true',
    },
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
];
