import type { Direction, PolicyKind, PortSpec } from './policy.js';
import type { EndpointKind } from './selector.js';

/** How a CNI treats one policy kind. `partial` names what is missing in the profile's notes. */
export type KindSupport = 'yes' | 'no' | 'partial' | 'unknown';

/** What a rule construct becomes on a CNI that does not implement it as written. */
export type Deviation = 'exact' | 'ignored' | 'widened' | 'narrowed' | 'rejected' | 'unknown';

/**
 * How policy is read: every switch on which implementations differ. The *intended* reading uses the specification's
 * values, the *enforced* reading those of the detected CNI, its version and its options.
 */
export interface Semantics {
  /** Whose order of evaluation applies (`compile/tier-plan.ts`). */
  readonly combination: 'spec' | 'cilium' | 'calico' | 'antrea' | 'ovn' | 'aws' | 'knp-only';
  /** Whether each policy kind is enforced. A kind that is `no` is left out, one that is `unknown` brackets its subjects. */
  readonly kinds: Readonly<Record<PolicyKind, KindSupport>>;
  /** What an address block may match beside external addresses. Cilium: neither pods nor nodes. */
  readonly cidrMatches: { readonly pods: boolean; readonly nodes: boolean };
  /** Whether label peers match pods on the host network. */
  readonly hostPodsAsPeers: boolean;
  /** Whose reading of the fields of NetworkPolicy holds where that is not the specification's (`kinds/networkpolicy`). */
  readonly networkPolicyOf:
    | 'spec'
    | 'cilium'
    | 'calico'
    | 'ovn'
    | 'kube-ovn'
    | 'antrea'
    | 'aws'
    | 'kube-router'
    | 'kube-router-nftables'
    | 'azure-npm'
    | 'kube-network-policies';
  /** Whether pods on the host network are subject to pod policy. True only for tools that treat them as pods. */
  readonly hostPodsAsSubjects: boolean;
  /** A node reaches the pods that run on it whatever policy says. */
  readonly ownNodeToPod: boolean;
  /** Whether that needs a rule for the pod's ingress, of whatever policy: with `unknown` it may. */
  readonly ownNodeNeedsRule: 'no' | 'yes' | 'unknown';
  /** A pod reaches its own node whatever policy says. */
  readonly podToOwnNode: boolean;
  /** What judges what a pod sends to a Service that leads back to itself. Its own address it always reaches. */
  readonly toItself: Readonly<Record<Direction, 'policy' | 'cluster-wide' | 'nothing'>>;
  readonly namedPorts: Deviation;
  readonly endPort: Deviation;
  readonly ipBlockExcept: Deviation;
  readonly sctp: boolean;
  /** Directions whose rules of a NetworkPolicy count, and isolate, although `policyTypes` leaves the direction out. */
  readonly untypedRules: readonly Direction[];
  /** What isolated pods may send and receive without a rule. */
  readonly standingAllows: readonly StandingAllow[];
  /** A KNP that isolates one direction also keeps the other from falling to the baseline tier. */
  readonly knpDecidesBothDirections: boolean;
  /** Default deny of policies stands behind the baseline tier, so that an allow there widens isolation. */
  readonly isolatesLast: boolean;
  /** Default at the end of the last tier for pods that no policy selects. `deny` is AWS strict and Cilium `always`. */
  readonly podDefault: 'allow' | 'deny';
  /** Free-form options of the CNI that its frontends read, as `enable-policy` of cilium-config. */
  readonly options: Readonly<Record<string, string>>;
}

/** Traffic that a CNI lets pass whatever NetworkPolicy says. */
export interface StandingAllow {
  readonly directions: readonly Direction[];
  readonly ports: PortSpec;
  /** What it is, as the name of the rule. */
  readonly title: string;
  /** Sorts of endpoints at the other side; any when left out. */
  readonly peers?: readonly EndpointKind[];
  /** The other side is on the pod's own node. */
  readonly ownNode?: true;
  /** The address family; both when left out. */
  readonly family?: 4 | 6;
  /** Why it may or may not pass; it always does when left out. */
  readonly open?: string;
}

/** One reason to believe what the detection says. */
export interface CniEvidence {
  /** Object or field that was seen, as `DaemonSet kube-system/cilium`. */
  readonly source: string;
  readonly detail: string;
  /** 0–1. */
  readonly weight: number;
}

/** One of several engines that enforce policy in one cluster. */
export interface CniEngine {
  readonly id: string;
  /** '' when unknown. */
  readonly version: string;
  /** Its own options; those of the detection hold beside them. */
  readonly options: Readonly<Record<string, string>>;
  /** Nodes without a running agent of this engine. */
  readonly unenforcedNodes: readonly string[];
}

/** Which CNI a cluster runs and whether it enforces policy. */
export interface CniDetection {
  /** Stable id, as `cilium`, `calico`, `flannel`, `unknown`. */
  readonly networking: string;
  /** Id of the engine that enforces policy, '' when none does, `unknown` when that cannot be told. */
  readonly policyEngine: string;
  readonly title: string;
  /** '' when unknown. */
  readonly version: string;
  readonly enforced: 'yes' | 'no' | 'unknown';
  /** 0–1. */
  readonly confidence: number;
  readonly evidence: readonly CniEvidence[];
  /** Options of the CNI that change answers, as read from its ConfigMap and arguments. */
  readonly options: Readonly<Record<string, string>>;
  /** Nodes without a running policy agent; empty when all have one or when nothing is known of nodes. */
  readonly unenforcedNodes: readonly string[];
  /** Each engine by itself where several enforce at once; absent otherwise. */
  readonly engines?: readonly CniEngine[];
}
