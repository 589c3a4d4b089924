import { FLANNEL, kindnet, MULTUS, WEAVE } from './agents.js';
import { UNKNOWN, type DetectionCase } from './detection-case.js';
import { configMap, daemonSet, KUBE_PROXY, node } from './sketches.js';

/** Networks that bring no engine, or a small one. */
export const NETWORKS: readonly DetectionCase[] = [
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
