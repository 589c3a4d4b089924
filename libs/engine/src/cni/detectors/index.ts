import type { CniDetector } from '../detector.js';
import { aksCiliumDetector } from './aks-cilium.detector.js';
import { antreaDetector } from './antrea.detector.js';
import { awsVpcCniDetector } from './aws-vpc-cni.detector.js';
import { azureDetector } from './azure.detector.js';
import { azureNpmDetector } from './azure-npm.detector.js';
import { calicoDetector } from './calico.detector.js';
import { canalDetector } from './canal.detector.js';
import { ciliumDetector } from './cilium.detector.js';
import { eksAutoDetector } from './eks-auto.detector.js';
import { flannelDetector } from './flannel.detector.js';
import { genericDetector } from './generic.detector.js';
import { gkeDataplaneV2Detector } from './gke-dataplane-v2.detector.js';
import { gkeLegacyDetector } from './gke-legacy.detector.js';
import { k3sDetector } from './k3s.detector.js';
import { kindnetDetector } from './kindnet.detector.js';
import { kubeNetworkPoliciesDetector } from './kube-network-policies.detector.js';
import { kubeOvnDetector } from './kube-ovn.detector.js';
import { kubeRouterDetector } from './kube-router.detector.js';
import { kubenetDetector } from './kubenet.detector.js';
import { multusDetector } from './multus.detector.js';
import { openshiftDetector } from './openshift.detector.js';
import { ovnKubernetesDetector } from './ovn-kubernetes.detector.js';
import { rke2Detector } from './rke2.detector.js';
import { weaveDetector } from './weave.detector.js';

/**
 * Every detector, in the order in which they run: platforms, engines, plugins without an engine, and last those that
 * conclude from the absence of the others.
 */
export const CNI_DETECTORS: readonly CniDetector[] = [
  openshiftDetector,
  rke2Detector,
  multusDetector,
  ciliumDetector,
  aksCiliumDetector,
  gkeDataplaneV2Detector,
  calicoDetector,
  antreaDetector,
  ovnKubernetesDetector,
  kubeOvnDetector,
  kubeRouterDetector,
  kubeNetworkPoliciesDetector,
  azureNpmDetector,
  weaveDetector,
  kindnetDetector,
  awsVpcCniDetector,
  eksAutoDetector,
  flannelDetector,
  canalDetector,
  azureDetector,
  gkeLegacyDetector,
  k3sDetector,
  genericDetector,
  kubenetDetector,
];
