import type { Direction, L7Rule, Protocol } from '../../model/index.js';
import type { CalicoSelector } from './selector.ast.js';

/** A port of a rule: a range with both ends included, or a container port's name. */
export type RawPort = { readonly from: number; readonly to: number } | { readonly name: string };

export interface RawIcmp {
  readonly type: number;
  readonly code: number | null;
}

export interface RawServiceRef {
  readonly namespace: string;
  readonly name: string;
}

/** One side of a rule. Everything that is given must hold; lists that are empty were not given. */
export interface RawEntity {
  readonly selector: CalicoSelector | null;
  readonly notSelector: CalicoSelector | null;
  readonly namespaceSelector: CalicoSelector | null;
  /** Names and a selector of service accounts, null when the field is absent. */
  readonly serviceAccounts: { readonly names: readonly string[]; readonly selector: CalicoSelector | null } | null;
  /** Canonical CIDR text. */
  readonly nets: readonly string[];
  readonly notNets: readonly string[];
  readonly ports: readonly RawPort[];
  readonly notPorts: readonly RawPort[];
  readonly service: RawServiceRef | null;
}

export interface RawRule {
  readonly action: 'Allow' | 'Deny' | 'Pass' | 'Log';
  readonly ipVersion: 4 | 6 | null;
  readonly protocol: Protocol | null;
  readonly notProtocol: Protocol | null;
  readonly icmp: RawIcmp | null;
  readonly notIcmp: RawIcmp | null;
  /** Types of ICMP stand where the protocol is not ICMP: what the dataplane makes of the rule is open. */
  readonly isIcmpOpen: boolean;
  readonly source: RawEntity;
  readonly destination: RawEntity;
  /** Null when the rule says nothing of requests. */
  readonly http: L7Rule | null;
}

export type RawRules = Readonly<Record<Direction, readonly RawRule[]>>;

/** Where in a host's packet path a policy stands. */
export type Stage = 'untracked' | 'pre-dnat' | 'normal';

/** NetworkPolicy and GlobalNetworkPolicy of Calico, with defaults applied. */
export interface RawCalicoPolicy {
  readonly tier: string;
  /** Null is +infinity. */
  readonly order: number | null;
  readonly selector: CalicoSelector | null;
  readonly namespaceSelector: CalicoSelector | null;
  readonly serviceAccountSelector: CalicoSelector | null;
  readonly types: readonly Direction[];
  readonly rules: RawRules;
  readonly stage: Stage;
  readonly applyOnForward: boolean;
}
