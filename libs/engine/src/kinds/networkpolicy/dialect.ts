import type { Semantics } from '../../model/index.js';

/** Where engines leave the specification in what they make of one NetworkPolicy (NP-30 to NP-53, NP-60, NP-61). */
export interface Dialect {
  /** Whose peers with selectors these are, where they are not the specification's. */
  readonly podPeers: 'ovn' | 'azure-npm' | null;
  /** In a rule, ports without a number add nothing beside ports of their protocol that have one. */
  readonly numbersLimitProtocol: boolean;
  /** Rules of a direction that the policy does not have let pass what they match, and isolate nobody. */
  readonly rulesBesideTypes: boolean;
  /** Where a policy has both directions, its rules count in both. */
  readonly sharedDirections: boolean;
  /** Blocks and exceptions of one rule are one set: which of them decide, and what stands for every address of IPv6. */
  readonly blocksOfRule: BlocksOfRule | null;
  /** An exception of a block may hold against the other peers of its rule. */
  readonly exceptionsMayHoldForRule: boolean;
  /** Who reads the text of blocks, where that is not done as the API server does it. */
  readonly blockReader: 'cilium' | 'calico' | 'ovn' | 'go' | 'ipset' | 'nft' | 'azure-npm' | null;
  /**
   * What a port's name of egress stands for: a port of the pod that has the address, or of pods that selectors choose. Where
   * there is no `to` these may be every pod, the numbers of the policy's own namespace, or none.
   */
  readonly egressNames: 'of-address' | 'of-selected' | 'of-selected-or-own' | 'of-selected-alone';
  /** What a port's name of ingress stands for: a port of the pod that is sent to, or of any that the policy selects. */
  readonly ingressNames: 'of-address' | 'of-subjects';
  /** Where none of a rule's ports but names is there, and nobody has one of them: nothing, or every port between pods. */
  readonly namesOfNobody: 'nothing' | 'every-port';
}

export interface BlocksOfRule {
  readonly decides: 'longest-prefix' | 'exception';
  readonly everyIpv6: readonly string[];
}

const SPEC: Dialect = {
  podPeers: null,
  numbersLimitProtocol: false,
  rulesBesideTypes: false,
  sharedDirections: false,
  blocksOfRule: null,
  exceptionsMayHoldForRule: false,
  blockReader: null,
  egressNames: 'of-address',
  ingressNames: 'of-address',
  namesOfNobody: 'nothing',
};

const kubeRouter = (decides: BlocksOfRule['decides']): Dialect => ({
  ...SPEC,
  sharedDirections: true,
  blocksOfRule: { decides, everyIpv6: ['2000::/3', 'fd00::/8'] },
  blockReader: decides === 'exception' ? 'nft' : 'ipset',
  egressNames: 'of-selected-or-own',
  namesOfNobody: 'every-port',
});

const DIALECTS: Readonly<Record<Semantics['networkPolicyOf'], Dialect>> = {
  spec: SPEC,
  'kube-network-policies': SPEC,
  ovn: { ...SPEC, podPeers: 'ovn', numbersLimitProtocol: true, rulesBesideTypes: true, blockReader: 'ovn' },
  'kube-ovn': { ...SPEC, exceptionsMayHoldForRule: true },
  'azure-npm': { ...SPEC, podPeers: 'azure-npm', blockReader: 'azure-npm' },
  cilium: { ...SPEC, blockReader: 'cilium' },
  calico: { ...SPEC, blockReader: 'calico' },
  antrea: { ...SPEC, blockReader: 'go', egressNames: 'of-selected' },
  aws: { ...SPEC, blockReader: 'go', egressNames: 'of-selected-alone', ingressNames: 'of-subjects' },
  'kube-router': kubeRouter('longest-prefix'),
  'kube-router-nftables': kubeRouter('exception'),
};

export const dialectOf = ({ networkPolicyOf }: Semantics): Dialect => DIALECTS[networkPolicyOf];
