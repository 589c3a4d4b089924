/** What is asked of two endpoints. `port` is null for protocols without ports. */
export interface Probe {
  readonly protocol: string;
  readonly port: number | null;
  readonly icmp?: { readonly type: number; readonly code: number };
  readonly http?: {
    readonly method?: string;
    readonly path?: string;
    readonly host?: string;
    readonly headers?: Readonly<Record<string, string>>;
  };
  readonly sni?: string;
  readonly sourcePort?: number;
  /** `namespace/name` of the Service whose address is used. */
  readonly service?: string;
  readonly servicePort?: number;
  /** What policies say unless it is stated, or what the network plugin makes of them. */
  readonly reading?: 'intended' | 'enforced';
}

export type Outcome = 'allow' | 'deny' | 'unknown';

/** A rule as the runner compares it. */
export interface DecidingRule {
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  /** −1 for the policy as a whole. */
  readonly index: number;
  readonly ruleName: string;
}

export interface DirectionFinding {
  readonly verdict: Outcome;
  /** The rules or isolating policies that settled it; empty when nothing applied. */
  readonly rules: readonly DecidingRule[];
  /** Isolated and nothing allowed, as opposed to a rule that denies. */
  readonly isolated: boolean;
  /** How a denial looks to the client; absent where the policy kind does not tell. */
  readonly refusal?: 'drop' | 'reject';
}

export interface Finding {
  readonly verdict: Outcome;
  readonly egress: DirectionFinding;
  readonly ingress: DirectionFinding;
  /** The connection is admitted and the request is what is refused. */
  readonly requestDenied: boolean;
  /** The explanation in one line. */
  readonly summary: string;
}

/** An endpoint, and the probe as it arrives there. */
export interface Destination<Endpoint> {
  readonly endpoint: Endpoint;
  readonly probe: Probe;
}

/** A cluster that answers questions. `Endpoint` is opaque to the runner. */
export interface SystemUnderTest<Endpoint> {
  /** The endpoints that a peer of a case stands for; empty when there is none. */
  resolve(peer: string): readonly Endpoint[];
  /** Where a probe to a peer ends; a Service stands for its backends. */
  destinations(peer: string, probe: Probe): readonly Destination<Endpoint>[];
  evaluate(source: Endpoint, destination: Endpoint, probe: Probe): Finding;
}
