import type { Direction, L7Rule, PortMatch, Selector } from '../../model/index.js';

/** Label selectors over workloads. null is an absent selector, which is not the same as an empty one. */
export interface RawWorkloads {
  readonly pods: Selector | null;
  readonly namespaces: Selector | null;
  /** Over the labels of ExternalEntities, written as tests of a pod's labels. */
  readonly externalEntities: Selector | null;
}

/** Who a policy or a rule applies to. */
export type RawAppliedTo =
  | { readonly type: 'workloads'; readonly selectors: RawWorkloads }
  | { readonly type: 'group'; readonly name: string }
  | { readonly type: 'serviceAccount'; readonly namespace: string; readonly name: string }
  | { readonly type: 'service'; readonly namespace: string; readonly name: string }
  | { readonly type: 'nodes'; readonly selector: Selector };

/** How the namespaces of a peer follow from the subject's. */
export type RawNamespaceMatch =
  { readonly type: 'self' } | { readonly type: 'sameLabels'; readonly keys: readonly string[] };

export type RawPeer =
  | {
      readonly type: 'workloads';
      readonly selectors: RawWorkloads;
      readonly match: RawNamespaceMatch | null;
      /** Also workloads of the other clusters of the set. */
      readonly clusterSet: boolean;
    }
  | {
      readonly type: 'block';
      readonly cidr: string;
      readonly except: readonly string[];
      /** Other fields stand beside the block, which have no effect. */
      readonly mixed: boolean;
    }
  | { readonly type: 'group'; readonly name: string }
  | { readonly type: 'fqdn'; readonly pattern: string }
  | { readonly type: 'serviceAccount'; readonly namespace: string; readonly name: string }
  | { readonly type: 'nodes'; readonly selector: Selector };

/** One item of `ports` or `protocols`. */
export interface RawPort {
  readonly match: PortMatch;
  /** The client's ports, null for any. */
  readonly source: readonly [number, number] | null;
  /** Of an IGMP item that names a multicast group, else ''. */
  readonly multicastGroup: string;
}

export interface RawServiceRef {
  /** '' is the policy's own. */
  readonly namespace: string;
  readonly name: string;
  readonly clusterSet: boolean;
}

export type RawAction = 'Allow' | 'Drop' | 'Reject' | 'Pass';

export interface RawRule {
  readonly action: RawAction;
  readonly name: string;
  readonly appliedTo: readonly RawAppliedTo[];
  /** null is everyone. */
  readonly peers: readonly RawPeer[] | null;
  /** null is every port and protocol. */
  readonly ports: readonly RawPort[] | null;
  /** null when the rule has no `toServices`. */
  readonly services: readonly RawServiceRef[] | null;
  /** Empty when the rule does not look at requests. */
  readonly requests: readonly { readonly protocol: 'http' | 'tls'; readonly rule: L7Rule }[];
}

/** ClusterNetworkPolicy or NetworkPolicy of crd.antrea.io/v1beta1, with its defaults applied. */
export interface RawAntreaPolicy {
  readonly tier: string;
  readonly priority: number;
  readonly appliedTo: readonly RawAppliedTo[];
  readonly rules: Readonly<Record<Direction, readonly RawRule[]>>;
}

/** A ClusterGroup or a Group. */
export type RawGroup =
  | { readonly type: 'workloads'; readonly selectors: RawWorkloads }
  | {
      readonly type: 'blocks';
      readonly blocks: readonly { readonly cidr: string; readonly except: readonly string[] }[];
    }
  | { readonly type: 'service'; readonly namespace: string; readonly name: string }
  | { readonly type: 'children'; readonly names: readonly string[] };
