import { path } from '../base/index.js';
import { revisionOfConfig } from './mesh-revisions.js';

/** One kind that the inventory keeps. The RBAC role, the watcher and the manifest reader all follow this table. */
export interface WatchedKind {
  readonly group: string;
  /** Versions understood, preferred first. */
  readonly versions: readonly string[];
  readonly kind: string;
  /** Plural, as in the API path. */
  readonly resource: string;
  readonly namespaced: boolean;
  /** What the kind is for: objects of every cluster, policy, or something a policy kind, CNI detection or a check needs. */
  readonly role: 'core' | 'policy' | 'aux';
}

const core = (group: string, version: string, kind: string, resource: string, namespaced = true): WatchedKind => ({
  group,
  versions: [version],
  kind,
  resource,
  namespaced,
  role: 'core',
});
const policy = (
  group: string,
  versions: readonly string[],
  kind: string,
  resource: string,
  namespaced: boolean,
): WatchedKind => ({ group, versions, kind, resource, namespaced, role: 'policy' });
const aux = (
  group: string,
  versions: readonly string[],
  kind: string,
  resource: string,
  namespaced: boolean,
): WatchedKind => ({ group, versions, kind, resource, namespaced, role: 'aux' });

const CALICO = ['projectcalico.org', 'crd.projectcalico.org'] as const;
const calicoVersions = (group: string): readonly string[] => (group === 'projectcalico.org' ? ['v3'] : ['v1']);

/**
 * Every kind we list and watch. Calico's two groups hold the same objects: a cluster that serves `projectcalico.org`
 * is read there only. ConfigMaps are limited to the names in `CONFIG_MAP_NAMES`; Secrets are never read.
 */
export const WATCHED_KINDS: readonly WatchedKind[] = [
  core('', 'v1', 'Namespace', 'namespaces', false),
  core('', 'v1', 'Node', 'nodes', false),
  core('', 'v1', 'Pod', 'pods'),
  core('', 'v1', 'Service', 'services'),
  core('', 'v1', 'ServiceAccount', 'serviceaccounts'),
  core('', 'v1', 'ReplicationController', 'replicationcontrollers'),
  core('apps', 'v1', 'Deployment', 'deployments'),
  core('apps', 'v1', 'StatefulSet', 'statefulsets'),
  core('apps', 'v1', 'DaemonSet', 'daemonsets'),
  core('apps', 'v1', 'ReplicaSet', 'replicasets'),
  core('batch', 'v1', 'Job', 'jobs'),
  core('batch', 'v1', 'CronJob', 'cronjobs'),
  core('discovery.k8s.io', 'v1', 'EndpointSlice', 'endpointslices'),
  core('networking.k8s.io', 'v1', 'Ingress', 'ingresses'),
  policy('networking.k8s.io', ['v1'], 'NetworkPolicy', 'networkpolicies', true),
  policy('policy.networking.k8s.io', ['v1alpha1'], 'AdminNetworkPolicy', 'adminnetworkpolicies', false),
  policy('policy.networking.k8s.io', ['v1alpha1'], 'BaselineAdminNetworkPolicy', 'baselineadminnetworkpolicies', false),
  policy('policy.networking.k8s.io', ['v1beta1', 'v1alpha2'], 'ClusterNetworkPolicy', 'clusternetworkpolicies', false),
  policy('cilium.io', ['v2'], 'CiliumNetworkPolicy', 'ciliumnetworkpolicies', true),
  policy('cilium.io', ['v2'], 'CiliumClusterwideNetworkPolicy', 'ciliumclusterwidenetworkpolicies', false),
  ...CALICO.flatMap((group) => {
    const versions = calicoVersions(group);
    return [
      policy(group, versions, 'NetworkPolicy', 'networkpolicies', true),
      policy(group, versions, 'GlobalNetworkPolicy', 'globalnetworkpolicies', false),
      policy(group, versions, 'StagedNetworkPolicy', 'stagednetworkpolicies', true),
      policy(group, versions, 'StagedGlobalNetworkPolicy', 'stagedglobalnetworkpolicies', false),
      policy(group, versions, 'StagedKubernetesNetworkPolicy', 'stagedkubernetesnetworkpolicies', true),
      aux(group, versions, 'Tier', 'tiers', false),
      aux(group, versions, 'NetworkSet', 'networksets', true),
      aux(group, versions, 'GlobalNetworkSet', 'globalnetworksets', false),
      aux(group, versions, 'HostEndpoint', 'hostendpoints', false),
      aux(group, versions, 'Profile', 'profiles', false),
      aux(group, versions, 'FelixConfiguration', 'felixconfigurations', false),
      aux(group, versions, 'KubeControllersConfiguration', 'kubecontrollersconfigurations', false),
      aux(group, versions, 'ClusterInformation', 'clusterinformations', false),
    ];
  }),
  policy('crd.antrea.io', ['v1beta1', 'v1alpha1'], 'ClusterNetworkPolicy', 'clusternetworkpolicies', false),
  policy('crd.antrea.io', ['v1beta1', 'v1alpha1'], 'NetworkPolicy', 'networkpolicies', true),
  policy('networking.k8s.aws', ['v1alpha1'], 'ClusterNetworkPolicy', 'clusternetworkpolicies', false),
  policy('networking.k8s.aws', ['v1alpha1'], 'ApplicationNetworkPolicy', 'applicationnetworkpolicies', true),
  policy('k8s.ovn.org', ['v1'], 'EgressFirewall', 'egressfirewalls', true),
  policy('k8s.ovn.org', ['v1'], 'UserDefinedNetwork', 'userdefinednetworks', true),
  policy('k8s.ovn.org', ['v1'], 'ClusterUserDefinedNetwork', 'clusteruserdefinednetworks', false),
  policy('networking.gke.io', ['v1alpha1'], 'FQDNNetworkPolicy', 'fqdnnetworkpolicies', true),
  policy('security.istio.io', ['v1', 'v1beta1'], 'AuthorizationPolicy', 'authorizationpolicies', true),
  policy('security.istio.io', ['v1', 'v1beta1'], 'PeerAuthentication', 'peerauthentications', true),
  aux('', ['v1'], 'ConfigMap', 'configmaps', true),
  aux('cilium.io', ['v2', 'v2alpha1'], 'CiliumCIDRGroup', 'ciliumcidrgroups', false),
  aux('cilium.io', ['v2'], 'CiliumLocalRedirectPolicy', 'ciliumlocalredirectpolicies', true),
  aux('cilium.io', ['v2'], 'CiliumEnvoyConfig', 'ciliumenvoyconfigs', true),
  aux('cilium.io', ['v2'], 'CiliumClusterwideEnvoyConfig', 'ciliumclusterwideenvoyconfigs', false),
  aux('crd.antrea.io', ['v1beta1', 'v1alpha1'], 'Tier', 'tiers', false),
  aux('crd.antrea.io', ['v1beta1', 'v1alpha3', 'v1alpha2'], 'ClusterGroup', 'clustergroups', false),
  aux('crd.antrea.io', ['v1beta1', 'v1alpha3'], 'Group', 'groups', true),
  aux('crd.antrea.io', ['v1beta1'], 'ExternalEntity', 'externalentities', true),
  aux('crd.antrea.io', ['v1beta1'], 'AntreaControllerInfo', 'antreacontrollerinfos', false),
  aux('operator.tigera.io', ['v1'], 'Installation', 'installations', false),
  aux('config.openshift.io', ['v1'], 'Network', 'networks', false),
  aux('networking.k8s.io', ['v1'], 'IngressClass', 'ingressclasses', false),
  aux('route.openshift.io', ['v1'], 'Route', 'routes', true),
  aux('k8s.cni.cncf.io', ['v1beta2', 'v1beta1'], 'MultiNetworkPolicy', 'multi-networkpolicies', true),
  aux('eks.amazonaws.com', ['v1'], 'NodeClass', 'nodeclasses', false),
  aux('networking.k8s.aws', ['v1alpha1'], 'PolicyEndpoint', 'policyendpoints', true),
  aux('gateway.networking.k8s.io', ['v1'], 'Gateway', 'gateways', true),
  ...(
    [
      ['Gateway', 'gateways'],
      ['Sidecar', 'sidecars'],
      ['ServiceEntry', 'serviceentries'],
      ['WorkloadEntry', 'workloadentries'],
      ['VirtualService', 'virtualservices'],
      ['DestinationRule', 'destinationrules'],
    ] as const
  ).map(([kind, resource]) => aux('networking.istio.io', ['v1', 'v1beta1', 'v1alpha3'], kind, resource, true)),
  aux('gateway.networking.k8s.io', ['v1'], 'HTTPRoute', 'httproutes', true),
  aux('gateway.networking.k8s.io', ['v1'], 'GRPCRoute', 'grpcroutes', true),
  aux('gateway.networking.k8s.io', ['v1', 'v1alpha3', 'v1alpha2'], 'TLSRoute', 'tlsroutes', true),
  aux('gateway.networking.k8s.io', ['v1alpha2'], 'TCPRoute', 'tcproutes', true),
  aux('gateway.networking.k8s.io', ['v1alpha2'], 'UDPRoute', 'udproutes', true),
  aux('gateway.networking.k8s.io', ['v1', 'v1beta1'], 'ReferenceGrant', 'referencegrants', true),
  aux(
    'admissionregistration.k8s.io',
    ['v1'],
    'ValidatingWebhookConfiguration',
    'validatingwebhookconfigurations',
    false,
  ),
  aux('admissionregistration.k8s.io', ['v1'], 'MutatingWebhookConfiguration', 'mutatingwebhookconfigurations', false),
  aux('apiregistration.k8s.io', ['v1'], 'APIService', 'apiservices', false),
  aux('rbac.authorization.k8s.io', ['v1'], 'ClusterRole', 'clusterroles', false),
  aux('rbac.authorization.k8s.io', ['v1'], 'ClusterRoleBinding', 'clusterrolebindings', false),
  aux('rbac.authorization.k8s.io', ['v1'], 'Role', 'roles', true),
  aux('rbac.authorization.k8s.io', ['v1'], 'RoleBinding', 'rolebindings', true),
];

/** ConfigMaps that are read: each is a CNI's or the mesh's configuration. */
export const CONFIG_MAP_NAMES: readonly string[] = [
  'cilium-config',
  'antrea-config',
  'amazon-vpc-cni',
  'calico-config',
  'canal-config',
  'rke2-canal-config',
  'kube-flannel-cfg',
  'azure-npm-config',
  'ovnkube-config',
  'istio',
];

/** Whether a ConfigMap is read: one of the names, or the configuration of a revision of the mesh. */
export function isConfigMapRead(raw: unknown, name: string): boolean {
  if (CONFIG_MAP_NAMES.includes(name)) return true;
  return revisionOfConfig(name) !== null && typeof path(raw, 'data', 'mesh') === 'string';
}
