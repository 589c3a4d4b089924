import type { Diagnostic } from './diagnostic.js';
import type { Protocol } from './fact.js';
import type { ObjectRef } from './object.js';
import type { Selector } from './selector.js';

export type Direction = 'ingress' | 'egress';
export type Action = 'allow' | 'deny' | 'pass';

/**
 * Every policy kind the product knows, keyed by group and kind, never by kind alone.
 * Adding a member stops compilation in the frontend table, in the RBAC list and in every CNI profile.
 */
export const POLICY_KINDS = [
  'NetworkPolicy.networking.k8s.io',
  'AdminNetworkPolicy.policy.networking.k8s.io',
  'BaselineAdminNetworkPolicy.policy.networking.k8s.io',
  'ClusterNetworkPolicy.policy.networking.k8s.io',
  'CiliumNetworkPolicy.cilium.io',
  'CiliumClusterwideNetworkPolicy.cilium.io',
  'NetworkPolicy.projectcalico.org',
  'GlobalNetworkPolicy.projectcalico.org',
  'StagedNetworkPolicy.projectcalico.org',
  'StagedGlobalNetworkPolicy.projectcalico.org',
  'StagedKubernetesNetworkPolicy.projectcalico.org',
  'ClusterNetworkPolicy.crd.antrea.io',
  'NetworkPolicy.crd.antrea.io',
  'ClusterNetworkPolicy.networking.k8s.aws',
  'ApplicationNetworkPolicy.networking.k8s.aws',
  'EgressFirewall.k8s.ovn.org',
  'UserDefinedNetwork.k8s.ovn.org',
  'ClusterUserDefinedNetwork.k8s.ovn.org',
  'FQDNNetworkPolicy.networking.gke.io',
  'AuthorizationPolicy.security.istio.io',
  'PeerAuthentication.security.istio.io',
] as const;
export type PolicyKind = (typeof POLICY_KINDS)[number];

/** Names the rule that an entry came from. */
export interface RuleRef {
  readonly policy: ObjectRef;
  /** JSON pointer of the rule in its object, as `/spec/ingress/0`; '' when the policy as a whole speaks (isolation). */
  readonly pointer: string;
  /** Position in its list, −1 when the entry stands for the policy as a whole. */
  readonly index: number;
  /** The rule's own name, '' when it has none. */
  readonly name: string;
  /** How a rule that denies does it, where its kind tells: without a word, or with an answer to the client. */
  readonly refusal?: 'drop' | 'reject';
}

/** Who may be at the other side. Emptiness never carries meaning: it is any, none, or these. */
export type PeerSet =
  | { readonly type: 'any' }
  | { readonly type: 'none' }
  | { readonly type: 'of'; readonly selectors: readonly Selector[] };

/** One thing that a rule says of protocol and destination port. Ranges include both ends. */
export type PortMatch =
  | { readonly type: 'range'; readonly protocol: Protocol; readonly from: number; readonly to: number }
  /**
   * A container port's name, resolved at the destination; null means any protocol that the named port has. `notAtHosts`:
   * pods on the host network have no names. `containers`: whose names count, where these are not all that go on while the
   * pod serves: those of `containers` alone, or those of init containers that have ended too.
   */
  | {
      readonly type: 'named';
      readonly protocol: Protocol | null;
      readonly name: string;
      readonly notAtHosts?: true;
      readonly containers?: 'main' | 'all';
    }
  /** All of a protocol, ports or not. */
  | { readonly type: 'protocol'; readonly protocol: Protocol }
  | {
      readonly type: 'icmp';
      readonly protocol: Protocol;
      readonly icmpType: number | null;
      readonly code: number | null;
    };

/** Protocols and ports: `any` or a list, less what `except` lists. */
export interface PortSpec {
  readonly include: 'any' | readonly PortMatch[];
  readonly except: readonly PortMatch[];
}

export const ANY_PORT: PortSpec = { include: 'any', except: [] };

/** A string test in a condition. All tests of one field are ORed. */
export interface TextTest {
  readonly op: 'exact' | 'prefix' | 'suffix' | 'regex' | 'present' | 'glob';
  readonly value: string;
  /** How the asked text is read: `small` writes it in small letters, as `value` is then; a path as a proxy has it. */
  readonly read?: 'small' | PathReading;
}

/** What a proxy makes of the path of a request before policy sees it. */
export interface PathReading {
  /**
   * `normal` goes by RFC 3986, `merged` merges slashes as well, `decoded` reads escaped slashes before; `calico` is the
   * reading of Calico's checker, where a prefix also ends with a segment.
   */
  readonly form: 'as-sent' | 'normal' | 'merged' | 'decoded' | 'calico';
  readonly query: 'kept' | 'cut';
  /** Whether the version is known to do so; else it may also take the path as it was sent. */
  readonly certain: boolean;
}

/** One request pattern; the fields that are given are ANDed. */
export interface L7Rule {
  readonly methods?: readonly TextTest[];
  readonly paths?: readonly TextTest[];
  readonly hosts?: readonly TextTest[];
  readonly headers?: readonly { readonly name: string; readonly test: TextTest }[];
  /** Kafka topic, gRPC method, DNS name and the like. */
  readonly fields?: Readonly<Record<string, readonly TextTest[]>>;
  /** Requests that match one of these are not meant. */
  readonly except?: readonly L7Rule[];
}

/**
 * A part of a rule that the addresses and ports of a flow do not settle. All conditions of an entry must hold.
 * `l7`: the request must match one of `rules`; protocol `tls` asks for the server name that opens a TLS connection. `sourcePort`: the client's port must be in one of `ranges`.
 * `direct`: the client used the endpoint's own address and port. `unsupported`: we do not evaluate this part, so the entry
 * may or may not match; with `before` it is evaluated where the address and port that were translated are known, and
 * `carried` says that it holds where the mesh carries the connection, or where it does not.
 */
export type Condition =
  | {
      readonly type: 'l7';
      readonly protocol: string;
      readonly rules: readonly L7Rule[];
      /** What is no request of the protocol meets the condition as well. */
      readonly others?: true;
      /** Whether the requests are looked for inside TLS that ends at the proxy, or in clear only; absent: in both. */
      readonly transport?: 'clear' | 'tls';
    }
  /** Whether the two sides have authenticated to each other, `none` that they have not; the inventory cannot tell. */
  | { readonly type: 'authentication'; readonly mode: 'mutual' | 'none' }
  | { readonly type: 'sourcePort'; readonly ranges: readonly (readonly [number, number])[] }
  /** The client reached the destination through one of these Services (`namespace/name`), where `ports` is there on one of them; with `outside` it did not. */
  | {
      readonly type: 'service';
      readonly names: readonly string[];
      readonly ports?: readonly (readonly [number, number])[];
      readonly outside?: true;
    }
  | { readonly type: 'direct' }
  | {
      readonly type: 'unsupported';
      readonly what: string;
      readonly before?: BeforeTranslation;
      readonly carried?: boolean;
    };

/** What a rule asks of the address and port that a client used, where these are translated on the way. */
export interface BeforeTranslation {
  readonly ports: PortSpec;
  /** Lists of blocks; of each list one block must have the address. Null for what is told by other means than blocks. */
  readonly within: readonly (readonly string[])[] | null;
  /** Blocks that must not have it. */
  readonly without: readonly string[];
}

/**
 * One rule in one direction, whatever kind it was written in. After `compile` nothing depends on the kind.
 * A policy that isolates and has no rule in a direction yields one entry that isolates and whose peers are `none`.
 */
export interface PolicyEntry {
  readonly source: RuleRef;
  readonly direction: Direction;
  /** Id of a tier of the plan in `TierPlan`. */
  readonly tier: string;
  /**
   * Place inside the tier, compared element by element, numbers before text, lower first.
   * Entries with equal keys have no order: deny beats allow beats pass, unless `tieUndefined`.
   */
  readonly order: readonly (number | string)[];
  /**
   * The kind leaves the order among equal keys open: policies that disagree make the verdict unknown. Rules of one
   * policy keep their order (`source.index`) all the same, so they may share a key.
   */
  readonly tieUndefined: boolean;
  readonly subject: Selector;
  readonly peers: PeerSet;
  readonly ports: PortSpec;
  /** Where a mesh carries the connections of this entry on a port of its own: that port, and the ports as written. */
  readonly carried?: { readonly port: number; readonly written: PortSpec };
  /** Limits the entry to one address family; null is both. */
  readonly family: 4 | 6 | null;
  readonly action: Action;
  /** The subject is denied at the end of the tier when nothing in it decides. */
  readonly isolates: boolean;
  readonly conditions: readonly Condition[];
}

/** An ordered layer of policies. */
export interface Tier {
  readonly id: string;
  readonly title: string;
  /** Lower is evaluated first; ties by id. */
  readonly order: readonly (number | string)[];
  /** The tier that `pass` jumps to; '' means the next one. */
  readonly passTo: string;
  /** Whom its policies isolate is denied in a later tier. */
  readonly isolatesLater?: true;
  /** The special groups that processes on their own node reach whatever the tier's policies say. */
  readonly openToOwnNode?: readonly string[];
  /**
   * Tiers of one gate decide one after the other; a flow needs every gate's leave. `cni` is the CNI's own policy engine;
   * `host-untracked`, `host-forward` and `host-inward` judge what a host forwards for its pods: before connections are
   * tracked, where it passes the outside of the host, and where it passes the side of its pods. `host-replies` and
   * `host-half-tracked` judge the replies to what a host itself receives or sends: whether they may pass untracked, and
   * whether they do so although the connection is tracked. `service-entry` judges what enters a Service from outside,
   * before its backend is chosen; `user-defined-network`, `egress-firewall` and `mesh` stand beside it.
   */
  readonly gate:
    | 'cni'
    | 'host-untracked'
    | 'host-forward'
    | 'host-inward'
    | 'host-replies'
    | 'host-half-tracked'
    | 'service-entry'
    | 'egress-firewall'
    | 'user-defined-network'
    | 'mesh';
}

/** What a frontend makes of one policy object. */
export interface CompiledPolicy {
  readonly policy: ObjectRef;
  readonly entries: readonly PolicyEntry[];
  readonly diagnostics: readonly Diagnostic[];
  /** The API server or the CNI would refuse the object, so it has no effect. */
  readonly refused: boolean;
}
