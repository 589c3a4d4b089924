import type { Semantics } from '../../model/index.js';

/** Where engines leave the specification in what they make of one NetworkPolicy (NP-30 to NP-40). */
export interface Dialect {
  /** Peers with a namespaceSelector take in hosts, as OVN-Kubernetes has it. */
  readonly hostsAmongPeers: boolean;
  /** In a rule, ports without a number add nothing beside ports of their protocol that have one. */
  readonly numbersLimitProtocol: boolean;
  /** Rules of a direction that the policy does not have let pass what they match, and isolate nobody. */
  readonly rulesBesideTypes: boolean;
  /** Where a policy has both directions, its rules count in both. */
  readonly sharedDirections: boolean;
  /** Among blocks and exceptions of one rule the longest prefix decides, and these stand for every address of IPv6. */
  readonly longestPrefix: { readonly everyIpv6: readonly string[] } | null;
  /** What a port's name of egress stands for: a port of the pod that has the address, or of pods that selectors choose. */
  readonly egressNames: 'of-address' | 'of-selected' | 'of-selected-or-own';
}

const SPEC: Dialect = {
  hostsAmongPeers: false,
  numbersLimitProtocol: false,
  rulesBesideTypes: false,
  sharedDirections: false,
  longestPrefix: null,
  egressNames: 'of-address',
};

const DIALECTS: Readonly<Record<Semantics['networkPolicyOf'], Dialect>> = {
  spec: SPEC,
  ovn: { ...SPEC, hostsAmongPeers: true, numbersLimitProtocol: true, rulesBesideTypes: true },
  antrea: { ...SPEC, egressNames: 'of-selected' },
  'kube-router': {
    ...SPEC,
    sharedDirections: true,
    longestPrefix: { everyIpv6: ['2000::/3', 'fd00::/8'] },
    egressNames: 'of-selected-or-own',
  },
};

export const dialectOf = ({ networkPolicyOf }: Semantics): Dialect => DIALECTS[networkPolicyOf];
