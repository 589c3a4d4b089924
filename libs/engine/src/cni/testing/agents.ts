import type { Fact } from '../../model/index.js';
import { daemonSet, node, type AgentSketch } from './sketches.js';

export const CILIUM: AgentSketch = {
  labels: { 'k8s-app': 'cilium' },
  containers: [
    { name: 'cilium-agent', image: 'quay.io/cilium/cilium:v1.16.4@sha256:abc', args: ['--config-dir=/tmp/x'] },
  ],
  wanted: 2,
};
export const CALICO: AgentSketch = {
  namespace: 'calico-system',
  labels: { 'k8s-app': 'calico-node' },
  containers: [{ name: 'calico-node', image: 'docker.io/calico/node:v3.29.1' }],
  wanted: 2,
};
export const FLANNEL: AgentSketch = {
  namespace: 'kube-flannel',
  labels: { app: 'flannel' },
  containers: [{ name: 'kube-flannel', image: 'ghcr.io/flannel-io/flannel:v0.26.1' }],
  wanted: 2,
};
export const ANTREA: AgentSketch = {
  labels: { app: 'antrea', component: 'antrea-agent' },
  containers: [{ name: 'antrea-agent', image: 'antrea/antrea-agent-ubuntu:v2.2.0' }],
  wanted: 2,
};
export const KUBE_ROUTER: AgentSketch = {
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
export const OVN: AgentSketch = {
  namespace: 'openshift-ovn-kubernetes',
  labels: { app: 'ovnkube-node' },
  containers: [{ name: 'ovnkube-controller', image: 'quay.io/openshift-release-dev/ocp-v4.0-art-dev@sha256:abc' }],
  wanted: 2,
};
export const KUBE_OVN: AgentSketch = {
  labels: { app: 'kube-ovn-cni' },
  containers: [{ name: 'cni-server', image: 'docker.io/kubeovn/kube-ovn:v1.13.0' }],
  wanted: 2,
};
export const WEAVE: AgentSketch = {
  labels: { name: 'weave-net' },
  containers: [
    { name: 'weave', image: 'weaveworks/weave-kube:2.8.1' },
    { name: 'weave-npc', image: 'weaveworks/weave-npc:2.8.1' },
  ],
  wanted: 2,
};
export const AZURE_NPM: AgentSketch = {
  labels: { 'k8s-app': 'azure-npm' },
  containers: [{ name: 'azure-npm', image: 'mcr.microsoft.com/containernetworking/azure-npm:v1.5.3' }],
  wanted: 2,
};
export const ANETD: AgentSketch = {
  labels: { 'k8s-app': 'cilium' },
  containers: [{ name: 'cilium-agent', image: 'gke.gcr.io/cilium/cilium:v1.14.11-gke.4' }],
  wanted: 2,
};
export const NETPOLS: AgentSketch = {
  labels: { app: 'kube-network-policies' },
  containers: [
    { name: 'kube-network-policies', image: 'registry.k8s.io/networking/kube-network-policies:v0.8.0-npa-v1alpha1' },
  ],
  wanted: 2,
};
export const MULTUS: AgentSketch = {
  labels: { app: 'multus' },
  containers: [{ name: 'kube-multus', image: 'ghcr.io/k8snetworkplumbingwg/multus-cni:v4.1.0' }],
  wanted: 2,
};

export const kindnet = (tag: string): Fact =>
  daemonSet('kindnet', {
    labels: { app: 'kindnet' },
    containers: [{ name: 'kindnet-cni', image: `docker.io/kindest/kindnetd:${tag}` }],
    wanted: 1,
  });

export function awsNode(flag: string | null, env: Readonly<Record<string, string>> = {}): Fact {
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

export const k3sNode = (name: string, args: readonly string[] | null, role = 'server'): Fact =>
  node(name, {
    kubelet: 'v1.31.4+k3s1',
    podCidrs: ['10.42.0.0/24'],
    annotations: {
      'flannel.alpha.coreos.com/backend-type': 'vxlan',
      ...(args === null ? {} : { 'k3s.io/node-args': JSON.stringify([role, ...args]) }),
    },
  });

export const GKE_NODE = node('gke-1', { labels: { 'cloud.google.com/gke-nodepool': 'a' }, podCidrs: ['10.0.0.0/24'] });
export const AKS_NODE = node('aks-1', { labels: { 'kubernetes.azure.com/cluster': 'c' } });
