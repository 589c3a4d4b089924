import type { PolicyKind } from '../model/index.js';
import { antreaPolicy } from './antrea/index.js';
import { awsApplicationNetworkPolicy, awsClusterNetworkPolicy } from './aws/index.js';
import type { PolicyFrontend } from './frontend.js';
import { fqdnNetworkPolicy } from './gke/index.js';
import { calicoPolicy, calicoStagedPolicy } from './calico/index.js';
import { ciliumPolicy } from './cilium/index.js';
import { authorizationPolicy, peerAuthentication } from './istio/index.js';
import { networkPolicy } from './networkpolicy/index.js';
import { egressFirewall, userDefinedNetwork } from './ovn/index.js';
import { adminNetworkPolicy, baselineAdminNetworkPolicy, clusterNetworkPolicy } from './upstream/index.js';

/**
 * The frontend of every policy kind. `null` is a kind that is stored and listed but not read yet: flows that it may
 * concern are answered with `unknown`. A new member of `PolicyKind` does not compile until it stands here.
 */
export const FRONTENDS: Readonly<Record<PolicyKind, PolicyFrontend | null>> = {
  'NetworkPolicy.networking.k8s.io': networkPolicy,
  'AdminNetworkPolicy.policy.networking.k8s.io': adminNetworkPolicy,
  'BaselineAdminNetworkPolicy.policy.networking.k8s.io': baselineAdminNetworkPolicy,
  'ClusterNetworkPolicy.policy.networking.k8s.io': clusterNetworkPolicy,
  'CiliumNetworkPolicy.cilium.io': ciliumPolicy,
  'CiliumClusterwideNetworkPolicy.cilium.io': ciliumPolicy,
  'NetworkPolicy.projectcalico.org': calicoPolicy,
  'GlobalNetworkPolicy.projectcalico.org': calicoPolicy,
  'StagedNetworkPolicy.projectcalico.org': calicoStagedPolicy,
  'StagedGlobalNetworkPolicy.projectcalico.org': calicoStagedPolicy,
  'StagedKubernetesNetworkPolicy.projectcalico.org': calicoStagedPolicy,
  'ClusterNetworkPolicy.crd.antrea.io': antreaPolicy,
  'NetworkPolicy.crd.antrea.io': antreaPolicy,
  'ClusterNetworkPolicy.networking.k8s.aws': awsClusterNetworkPolicy,
  'ApplicationNetworkPolicy.networking.k8s.aws': awsApplicationNetworkPolicy,
  'EgressFirewall.k8s.ovn.org': egressFirewall,
  'UserDefinedNetwork.k8s.ovn.org': userDefinedNetwork,
  'ClusterUserDefinedNetwork.k8s.ovn.org': userDefinedNetwork,
  'FQDNNetworkPolicy.networking.gke.io': fqdnNetworkPolicy,
  'AuthorizationPolicy.security.istio.io': authorizationPolicy,
  'PeerAuthentication.security.istio.io': peerAuthentication,
};

/** Kinds whose objects are evaluated. */
export const SUPPORTED_KINDS: readonly PolicyKind[] = (Object.keys(FRONTENDS) as PolicyKind[]).filter(
  (kind) => FRONTENDS[kind] !== null,
);
