import type { Semantics } from '../model/index.js';
import { kindSupport, NO_SUPPORT } from './profile.js';
import type { GroupSupport } from './profile.js';

/** The kinds that the Kubernetes project defines. Vendors' kinds have no meaning in the specification: `unknown`. */
export const SPEC_SUPPORT: GroupSupport = {
  ...NO_SUPPORT,
  networkPolicy: 'yes',
  adminV1alpha1: 'yes',
  clusterV1alpha2: 'yes',
  cilium: 'unknown',
  ciliumClusterwide: 'unknown',
  calico: 'unknown',
  antrea: 'unknown',
  awsCluster: 'unknown',
  awsApplication: 'unknown',
  ovn: 'unknown',
  gkeFqdn: 'unknown',
};

/**
 * Policy as the NetworkPolicy API and the Network Policy API (v1alpha1, v1alpha2) write it. Where they leave a choice,
 * the common one: address blocks match whoever has the address, pods on the host network are neither subjects nor label
 * peers, and a pod and its own node always reach each other.
 */
export const SPEC_SEMANTICS: Semantics = {
  combination: 'spec',
  kinds: kindSupport(SPEC_SUPPORT),
  cidrMatches: { pods: true, nodes: true },
  hostPodsAsPeers: false,
  networkPolicyOf: 'spec',
  hostPodsAsSubjects: false,
  ownNodeToPod: true,
  ownNodeNeedsRule: 'no',
  podToOwnNode: true,
  toItself: { egress: 'cluster-wide', ingress: 'cluster-wide' },
  namedPorts: 'exact',
  endPort: 'exact',
  ipBlockExcept: 'exact',
  sctp: true,
  untypedRules: [],
  standingAllows: [],
  knpDecidesBothDirections: false,
  isolatesLast: false,
  podDefault: 'allow',
  options: {},
};
