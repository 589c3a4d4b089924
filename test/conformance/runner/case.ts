import type { CniId } from '#engine';

/** `expected.json` of a case, in the format of the shared corpora. */
export const CASE_KINDS = [
  'reachability',
  'connectivity',
  'exposure',
  'explain',
  'diff',
  'relation',
  'invalid',
] as const;
export type CaseKind = (typeof CASE_KINDS)[number];

/** `all`, `none`, or protocol to port ranges; see `connections.ts` for the other forms. */
export type ExpectedConnections = string | Readonly<Record<string, unknown>>;

export interface ExpectedQuery {
  readonly from: string;
  readonly to: string;
  readonly protocol: string;
  readonly port: number | null;
  readonly allowed: boolean;
  readonly icmp?: { readonly type: number; readonly code: number };
  readonly verdict?: 'Drop' | 'Reject' | 'L7Deny';
  readonly denied?: { readonly direction: 'ingress' | 'egress'; readonly reason: 'default' | 'explicit' };
  readonly http?: ExpectedRequest;
  readonly sni?: string;
  readonly ingress?: boolean;
  readonly egress?: boolean;
  /** Our scenarios: the reason, with the policies that settle it in backticks. */
  readonly because?: string;
  /** Our scenarios: the policies leave the answer open. */
  readonly undetermined?: boolean;
  /** Our scenarios: the reading that is asked; what is intended unless the scenario names a CNI. */
  readonly reading?: CaseReading;
}

export type CaseReading = 'intended' | 'enforced';

/** The network plugin of a scenario's cluster. */
export interface CaseCni {
  readonly name: CniId;
  readonly version: string;
  readonly options: Readonly<Record<string, string>>;
}

export interface ExpectedRequest {
  readonly method?: string;
  readonly path?: string;
  readonly host?: string;
  readonly headers?: Readonly<Record<string, string>> | readonly string[];
}

export interface ExpectedEvaluation {
  readonly from: string;
  readonly to: string;
  readonly policy: string;
  readonly action: string;
}

export interface ConnectionRow {
  readonly src: string;
  readonly dst: string;
  readonly conns: ExpectedConnections;
}

export interface ConnectionRule {
  readonly src: readonly string[];
  readonly dst: readonly string[];
  readonly conns: ExpectedConnections;
}

export interface ConnectionFilter {
  readonly focusWorkloads?: readonly string[];
  readonly focusWorkloadPeers?: readonly string[];
  readonly focusDirection?: 'ingress' | 'egress';
  readonly focusConnection?: string;
  readonly explainOnly?: 'allow' | 'deny';
}

/** A peer of an exposure row that no manifest has: chosen by selectors. */
export interface SelectorPeer {
  readonly selector: {
    readonly namespace?: string;
    readonly namespaceSelector?: unknown;
    readonly podSelector?: unknown;
  };
}

export interface ExposureRow {
  readonly workload: string;
  readonly peer: string | SelectorPeer;
  readonly conns: ExpectedConnections;
}

export interface ExpectedExposure {
  readonly egress?: readonly ExposureRow[];
  readonly ingress?: readonly ExposureRow[];
  readonly unprotected?: readonly { readonly workload: string; readonly direction: 'ingress' | 'egress' }[];
}

export interface ExpectedReason {
  readonly kind?: string;
  readonly policy?: string;
  readonly object?: string;
  readonly service?: string;
  readonly effect: string;
  readonly rule?: string;
  readonly noRules?: boolean;
}

export interface ExpectedDirection {
  readonly verdict: 'allowed' | 'denied';
  readonly reasons: readonly ExpectedReason[];
  readonly default?: boolean;
}

export interface ExpectedPart {
  readonly verdict: 'allowed' | 'denied';
  readonly conns: ExpectedConnections;
  readonly default?: boolean;
  readonly egress?: ExpectedDirection;
  readonly ingress?: ExpectedDirection;
}

export interface ExplainedPair {
  readonly src: string;
  readonly dst: string;
  readonly parts: readonly ExpectedPart[];
}

export interface DiffRow {
  readonly type: 'changed' | 'added' | 'removed';
  readonly src: string;
  readonly dst: string;
  readonly before: ExpectedConnections;
  readonly after: ExpectedConnections;
  readonly workloads?: readonly { readonly workload: string; readonly change: 'added' | 'removed' }[];
}

export interface RelationSide {
  readonly config: string;
  readonly topology: readonly string[];
}

export interface ExpectedRelation {
  readonly query: string;
  readonly relation: 'equivalent' | 'contained';
  readonly a: RelationSide;
  readonly b: RelationSide;
  readonly holds: boolean;
}

export interface ExpectedCase {
  readonly corpus: string;
  readonly case: string;
  readonly kind: CaseKind;
  readonly source?: unknown;
  readonly title?: string;
  readonly features?: readonly string[];
  readonly policyKinds: readonly string[];
  /** Our scenarios: nothing is known of the network plugin without it. */
  readonly cni?: CaseCni;
  readonly requires?: readonly string[];
  readonly defaultAllow?: boolean;
  readonly queries?: readonly ExpectedQuery[];
  readonly queryTable?: {
    readonly probes: readonly (readonly [string, number])[];
    readonly rows: readonly (readonly [string, string, string])[];
  };
  readonly evaluations?: readonly ExpectedEvaluation[];
  readonly tiers?: Readonly<Record<string, 'accept' | 'deny' | 'next'>>;
  readonly connections?: readonly ConnectionRow[];
  readonly rules?: readonly ConnectionRule[];
  readonly endpoints?: readonly string[];
  readonly pairs?: readonly (ConnectionRow & ExplainedPair)[];
  readonly allowedByDefault?: readonly { readonly src: string; readonly dst: string }[];
  readonly filter?: ConnectionFilter;
  readonly exposure?: ExpectedExposure;
  readonly diff?: readonly DiffRow[];
  readonly relations?: readonly ExpectedRelation[];
  readonly object?: { readonly kind: string; readonly name: string; readonly namespace?: string };
  readonly reason?: string;
  readonly corpusSpecific?: boolean;
}

/** A case with where its files are. `manifests` holds them when they are not in files (our scenarios). */
export interface ConformanceCase {
  readonly folder: string;
  readonly expected: ExpectedCase;
  readonly manifests: string | null;
}
