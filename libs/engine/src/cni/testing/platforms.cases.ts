import { AKS_NODE, ANETD, awsNode, AZURE_NPM, CALICO, CILIUM, FLANNEL, GKE_NODE, k3sNode } from './agents.js';
import { UNKNOWN, type DetectionCase } from './detection-case.js';
import { aux, configMap, daemonSet, KUBE_PROXY, namespace, node } from './sketches.js';

/** What clouds and distributions bring along. */
export const PLATFORMS: readonly DetectionCase[] = [
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
    detector: 'k3s',
    says: 'the embedded controller enforces',
    facts: [k3sNode('s1', ['--tls-san', 'x', '--service-node-port-range', '20000-22000']), k3sNode('a1', [], 'agent')],
    options: { platform: 'k3s', 'service-node-port-range': '20000-22000' },
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
];
