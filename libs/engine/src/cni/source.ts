/** When the sources were read: what they do not have a version for is told as of then. */
export const AS_READ = 'as of November 2026';

/** The address of a file in a public GitHub repository, at its default branch. */
export function file(repository: string, path: string): string {
  return `https://github.com/${repository}/blob/HEAD/${path}`;
}

/** The address of a release of a public GitHub repository. */
export function release(repository: string, tag: string): string {
  return `https://github.com/${repository}/releases/tag/${tag}`;
}

/** The address of a pull request of a public GitHub repository. */
export function pull(repository: string, number: number): string {
  return `https://github.com/${repository}/pull/${number}`;
}

/** A page of the EKS user guide. */
export function eksGuide(page: string): string {
  return `https://docs.aws.amazon.com/eks/latest/userguide/${page}.html`;
}

export const cilium = (path: string): string => file('cilium/cilium', path);
export const calico = (path: string): string => file('projectcalico/calico', path);
export const calicoDocs = (path: string): string => file('tigera/docs', path);
export const antrea = (path: string): string => file('antrea-io/antrea', path);
export const ovnKubernetes = (path: string): string => file('ovn-kubernetes/ovn-kubernetes', path);
export const kubeOvn = (path: string): string => file('kubeovn/kube-ovn', path);
export const awsAgent = (path: string): string => file('aws/aws-network-policy-agent', path);
export const awsController = (path: string): string => file('aws/amazon-network-policy-controller-k8s', path);
export const awsCni = (path: string): string => file('aws/amazon-vpc-cni-k8s', path);
export const kubeRouter = (path: string): string => file('cloudnativelabs/kube-router', path);
export const kubeNetworkPolicies = (path: string): string => file('kubernetes-sigs/kube-network-policies', path);
export const aksDocs = (path: string): string => file('MicrosoftDocs/azure-aks-docs', `articles/aks/${path}`);
export const weave = (path: string): string => file('weaveworks/weave', path);
export const flannel = (path: string): string => file('flannel-io/flannel', path);
export const gkeApi = (path: string): string => file('GoogleCloudPlatform/gke-networking-api', path);
