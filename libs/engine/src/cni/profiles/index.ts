import type { CniId } from '../cni-id.js';
import type { CniProfile } from '../profile.js';
import { aksCiliumProfile } from './aks-cilium.profile.js';
import { antreaProfile } from './antrea.profile.js';
import { awsVpcCniProfile } from './aws-vpc-cni.profile.js';
import { azureNpmProfile } from './azure-npm.profile.js';
import { azureProfile } from './azure.profile.js';
import { calicoProfile } from './calico.profile.js';
import { canalProfile } from './canal.profile.js';
import { ciliumProfile } from './cilium.profile.js';
import { eksAutoProfile } from './eks-auto.profile.js';
import { flannelProfile } from './flannel.profile.js';
import { gkeDataplaneV2Profile } from './gke-dataplane-v2.profile.js';
import { gkeLegacyProfile } from './gke-legacy.profile.js';
import { k3sProfile } from './k3s.profile.js';
import { kindnetProfile } from './kindnet.profile.js';
import { kubeNetworkPoliciesProfile } from './kube-network-policies.profile.js';
import { kubeOvnProfile } from './kube-ovn.profile.js';
import { kubeRouterProfile } from './kube-router.profile.js';
import { kubenetProfile } from './kubenet.profile.js';
import { openshiftSdnProfile } from './openshift-sdn.profile.js';
import { ovnKubernetesProfile } from './ovn-kubernetes.profile.js';
import { unknownProfile } from './unknown.profile.js';
import { weaveProfile } from './weave.profile.js';

/** Every profile by its id, in the order of `CNI_IDS`. */
export const CNI_PROFILES: Readonly<Record<CniId, CniProfile>> = {
  cilium: ciliumProfile,
  'aks-cilium': aksCiliumProfile,
  'gke-dataplane-v2': gkeDataplaneV2Profile,
  calico: calicoProfile,
  canal: canalProfile,
  antrea: antreaProfile,
  'ovn-kubernetes': ovnKubernetesProfile,
  'openshift-sdn': openshiftSdnProfile,
  'kube-ovn': kubeOvnProfile,
  'aws-vpc-cni': awsVpcCniProfile,
  'eks-auto': eksAutoProfile,
  'kube-router': kubeRouterProfile,
  k3s: k3sProfile,
  'kube-network-policies': kubeNetworkPoliciesProfile,
  kindnet: kindnetProfile,
  'azure-npm': azureNpmProfile,
  weave: weaveProfile,
  flannel: flannelProfile,
  azure: azureProfile,
  'gke-legacy': gkeLegacyProfile,
  kubenet: kubenetProfile,
  unknown: unknownProfile,
};
