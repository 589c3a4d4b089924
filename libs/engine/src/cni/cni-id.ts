/**
 * Every networking plugin or policy engine that has a profile. Adding a member stops compilation in the profile table.
 * Platforms that only choose among these (RKE2, AKS with Calico, GKE with Calico) have none of their own.
 */
export const CNI_IDS = [
  'cilium',
  'aks-cilium',
  'gke-dataplane-v2',
  'calico',
  'canal',
  'antrea',
  'ovn-kubernetes',
  'openshift-sdn',
  'kube-ovn',
  'aws-vpc-cni',
  'eks-auto',
  'kube-router',
  'k3s',
  'kube-network-policies',
  'kindnet',
  'azure-npm',
  'weave',
  'flannel',
  'azure',
  'gke-legacy',
  'kubenet',
  'unknown',
] as const;

/** Stable id of a networking plugin or policy engine, as `CniDetection` names it. */
export type CniId = (typeof CNI_IDS)[number];

const KNOWN: ReadonlySet<string> = new Set(CNI_IDS);

/** True when the text is the id of a profile. */
export function isCniId(text: string): text is CniId {
  return KNOWN.has(text);
}
