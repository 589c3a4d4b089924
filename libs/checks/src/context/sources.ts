import { POLICY_KINDS } from '#engine';

/** What a check needs of an inventory, as lists of `kindId`s. */
export const NETWORK_POLICY = 'NetworkPolicy.networking.k8s.io';
export const PODS: readonly string[] = ['Namespace', 'Pod'];
/** For checks that say that something is not restricted: any kind of policy may restrict it. */
export const PODS_AND_POLICIES: readonly string[] = [...PODS, ...POLICY_KINDS];
/** For checks on what NetworkPolicies select. */
export const PODS_AND_NETWORK_POLICIES: readonly string[] = [...PODS, NETWORK_POLICY];

/** Pages that checks refer to. */
export const REFERENCES = {
  concepts: 'https://kubernetes.io/docs/concepts/services-networking/network-policies/',
  api: 'https://kubernetes.io/docs/reference/kubernetes-api/policy-resources/network-policy-v1/',
  dns: 'https://kubernetes.io/docs/concepts/services-networking/dns-pod-service/',
  service: 'https://kubernetes.io/docs/concepts/services-networking/service/',
  namespaces: 'https://kubernetes.io/docs/concepts/overview/working-with-objects/namespaces/',
  hardening:
    'https://media.defense.gov/2022/Aug/29/2003066362/-1/-1/0/CTR_KUBERNETES_HARDENING_GUIDANCE_1.2_20220829.PDF',
  podSecurity: 'https://kubernetes.io/docs/concepts/security/pod-security-standards/',
} as const;
