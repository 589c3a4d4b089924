import type { Diagnostic } from '../model/diagnostic.js';
import type { Verdict } from '../model/decision.js';
import type { ObjectRef } from '../model/object.js';
import type { Action, Direction } from '../model/policy.js';
import type { ReasonCode } from '../model/reason-code.js';
import type { CniDetection } from '../model/profile.js';
import type { EndpointKind } from '../model/selector.js';
import type { PeerQuery } from './question.js';

/** The verdict of an answer. `mixed`: replicas, backends or ports differ; see `flows`. */
export type AnswerVerdict = 'allowed' | 'denied' | 'mixed' | 'undetermined';

/** A rule as an answer names it. */
export interface RuleView {
  readonly policy: ObjectRef;
  /** JSON pointer of the rule in its object, '' for the policy as a whole. */
  readonly pointer: string;
  /** `shop/web-ingress#0`, or `shop/web-ingress` for the policy as a whole. */
  readonly label: string;
}

/** One step of the way from source to destination. */
export interface StepView {
  readonly hop: 'source' | 'egress' | 'translation' | 'ingress' | 'destination';
  readonly direction: Direction | null;
  readonly tier: string;
  readonly decision: Action | 'no-match' | 'not-isolated' | 'isolated' | 'unknown' | 'info';
  readonly rules: readonly RuleView[];
  readonly why: string;
  readonly nearMisses: readonly { readonly rule: RuleView; readonly part: string; readonly why: string }[];
}

/** One concrete endpoint of a flow. */
export interface EndpointView {
  readonly kind: EndpointKind;
  readonly namespace: string;
  readonly name: string;
  /** `shop/web-1`, `node n1`, or the address or host name. */
  readonly label: string;
  /** '' when it has none (a template without pods). */
  readonly address: string;
  /** As `Deployment web`, '' when it has none. */
  readonly workload: string;
  readonly node: string;
}

/** One reading of a verdict: what policy says, or what this cluster's CNI makes of it. */
export interface ReadingCodes {
  readonly verdict: AnswerVerdict;
  readonly reason: ReasonCode;
}

/** The same with words. */
export interface ReadingView extends ReadingCodes {
  /** One line: `egress shop/web: allowed by shop/web-egress#0 → ingress pay/api: no rule of … matches … → denied`. */
  readonly summary: string;
}

/** One concrete flow behind an answer; flows that differ in nothing that matters are told once, with a count. */
export interface FlowView {
  readonly source: EndpointView;
  readonly destination: EndpointView;
  readonly protocol: string;
  /** Port at the destination endpoint (after translation), null for any or for protocols without ports. */
  readonly port: number | null;
  /** The ports that this flow speaks for: `8080`, `1-79`, `any`, or '' for protocols without ports. */
  readonly ports: string;
  readonly verdict: Verdict;
  readonly intended: ReadingView;
  readonly enforced: ReadingView;
  readonly steps: readonly StepView[];
  /** Requests it is limited to, in words; empty when it is not. */
  readonly onlyFor: readonly string[];
  /** How many (source, destination) pairs this flow stands for. */
  readonly count: number;
}

/** A manifest that would change the verdict, with what else it opens. */
export interface FixView {
  readonly title: string;
  readonly why: string;
  readonly action: 'apply' | 'change';
  /** YAML. */
  readonly manifest: string;
}

export interface SideView {
  /** As asked. */
  readonly query: PeerQuery;
  /** As resolved: `Deployment shop/web (2 pods)`. */
  readonly label: string;
  readonly endpoints: number;
}

/** What an answer says in codes. The verdict is that of the enforced reading. */
export interface Ruling {
  readonly verdict: AnswerVerdict;
  readonly reason: ReasonCode;
  readonly intended: ReadingCodes;
  readonly enforced: ReadingCodes;
  readonly source: SideView;
  readonly destination: SideView;
  readonly protocol: string;
  readonly port: string;
  readonly cni: CniDetection;
  /** 0–1: how sure the enforced reading is, from the CNI's detection and from what is missing. */
  readonly confidence: number;
}

/** The same with its summaries: what an answer says before its evidence. */
export interface Judgement extends Ruling {
  readonly summary: string;
  readonly intended: ReadingView;
  readonly enforced: ReadingView;
}

/** The engine's answer to a `FlowQuestion`. */
export interface Answer extends Judgement {
  /** Steps of the flow that decides the verdict. */
  readonly steps: readonly StepView[];
  readonly flows: readonly FlowView[];
  readonly fixes: readonly FixView[];
  readonly assumptions: readonly string[];
  readonly diagnostics: readonly Diagnostic[];
}

/** A question that names something the snapshot does not hold. `near` are names that are close. */
export interface NotFound {
  readonly code: 'ENDPOINT_NOT_FOUND' | 'SERVICE_PORT_UNKNOWN' | 'NAMED_PORT_UNRESOLVED';
  readonly side: 'source' | 'destination' | 'focus';
  readonly message: string;
  readonly near: readonly string[];
}

export type AskResult<A extends Ruling = Answer> =
  { readonly type: 'answer'; readonly answer: A } | { readonly type: 'notFound'; readonly error: NotFound };
