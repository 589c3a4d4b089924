import type { L7Rule, Protocol } from '../../model/index.js';
import type { IdentityLabelTest } from '../shared/index.js';

/** One test of a label. `listed`: of one value, written as a list; to the agent that is another selector. */
export type LabelTest = IdentityLabelTest & { readonly listed?: true };

/** A selector: all tests must hold. Empty matches everything in its scope. */
export type LabelTests = readonly LabelTest[];

/** Addresses, given directly or through CiliumCIDRGroups. */
export type RawBlock =
  | { readonly type: 'cidr'; readonly cidr: string; readonly except: readonly string[] }
  | { readonly type: 'group'; readonly name: string; readonly except: readonly string[]; readonly at: string }
  | { readonly type: 'groups'; readonly tests: LabelTests; readonly except: readonly string[]; readonly at: string };

/** A Service by name or by its labels; namespace '' is any namespace. */
export type RawService =
  | { readonly type: 'name'; readonly namespace: string; readonly name: string; readonly at: string }
  | { readonly type: 'labels'; readonly namespace: string; readonly tests: LabelTests; readonly at: string };

/** The peers of a rule. A rule has peers of one sort only. */
export type RawPeers =
  | { readonly type: 'any' }
  | { readonly type: 'none' }
  | { readonly type: 'endpoints'; readonly selectors: readonly LabelTests[] }
  | { readonly type: 'entities'; readonly names: readonly string[] }
  | { readonly type: 'blocks'; readonly blocks: readonly RawBlock[] }
  | { readonly type: 'nodes'; readonly selectors: readonly LabelTests[] }
  | {
      readonly type: 'services';
      readonly services: readonly RawService[];
      /** Whom the rule is for where they lead nowhere. */
      readonly otherwise: 'any' | 'none';
      readonly at: string;
    }
  | { readonly type: 'names'; readonly patterns: readonly RawName[] }
  | { readonly type: 'groups' };

/** A DNS name: `matchName` or `matchPattern`. */
export interface RawName {
  readonly exact: boolean;
  readonly text: string;
}

/** A port; `port` 0 is every port, a text is a name. `protocols` holds what ANY stands for. */
export interface RawPort {
  readonly port: number | string;
  /** Equal to `port` for a single one. */
  readonly endPort: number | string;
  readonly protocols: readonly Protocol[];
}

/** What a port rule says of the requests inside the connections. */
export interface RawL7 {
  readonly protocol: string;
  readonly rules: readonly L7Rule[];
  /** Parts that are not evaluated, in words. */
  readonly unsupported: readonly string[];
}

/** A reference to a listener of a CiliumEnvoyConfig or CiliumClusterwideEnvoyConfig. */
export interface RawListener {
  readonly kind: string;
  readonly config: string;
  readonly name: string;
  /** The smallest goes first; 0 goes last. */
  readonly priority: number;
}

/** One element of `toPorts`. */
export interface RawPortRule {
  readonly ports: readonly RawPort[];
  readonly l7: RawL7 | null;
  readonly serverNames: readonly string[];
  /** TLS ends at the proxy, so that L7 rules see what is inside. */
  readonly terminatesTls: boolean;
  /** TLS ends or begins at the proxy. */
  readonly handlesTls: boolean;
  readonly listener: RawListener | null;
}

/** One ICMP type of one family. */
export interface RawIcmp {
  readonly protocol: Protocol;
  readonly icmpType: number;
}

/** How the peers must authenticate; null where the rule does not say. */
export type RawAuthentication = 'disabled' | 'required' | 'always-fails' | null;

/** One rule of one list. */
export interface RawRule {
  readonly pointer: string;
  readonly index: number;
  readonly peers: RawPeers;
  /** Constraints that other rules' endpoints must meet as well. */
  readonly requires: readonly LabelTests[];
  /** null: every port. */
  readonly ports: readonly RawPortRule[] | null;
  /** null: not limited to ICMP types. */
  readonly icmps: readonly RawIcmp[] | null;
  readonly authentication: RawAuthentication;
}

/** What one rule set says in one direction. */
export interface RawDirection {
  readonly allow: readonly RawRule[];
  readonly deny: readonly RawRule[];
  /** The subject is denied what no rule allows. */
  readonly defaultDeny: boolean;
}

/** The `spec`, or one element of `specs`. */
export interface RawRuleSet {
  readonly subject: { readonly type: 'endpoints' | 'nodes'; readonly tests: LabelTests };
  readonly ingress: RawDirection;
  readonly egress: RawDirection;
}
