import { protocolName } from '../model/index.js';
import type { ObjectRef, Protocol } from '../model/index.js';
import type { CompiledSnapshot } from '../compile/compile-snapshot.js';
import type { ReadingName } from '../eval/evaluate-pair.js';
import { ask } from '../ask/ask.js';
import { didYouMean } from '../ask/near-names.js';
import { verdictOf } from '../ask/verdict-of.js';
import type { Answer, AnswerVerdict, EndpointView, FlowView } from '../ask/answer.js';
import type { PeerQuery } from '../ask/question.js';
import { SEES_ALL, type Sees } from '../ask/visibility.js';

/** What somebody expects: every `from` to every `to` on every port. */
export interface Assertion {
  readonly name: string;
  /** Who is to be told, '' for nobody. */
  readonly owner: string;
  readonly from: readonly { readonly text: string; readonly peer: PeerQuery }[];
  readonly to: readonly { readonly text: string; readonly peer: PeerQuery }[];
  readonly protocol: Protocol;
  /** Numbers or names; null is any port of the protocol. */
  readonly ports: readonly (number | string | null)[];
  readonly expect: 'allowed' | 'denied';
  readonly reading: ReadingName;
}

/** `fail`: some pair is certainly otherwise. `unknown`: none is, but some cannot be told. `error`: a peer is not there. */
export type AssertionOutcome = 'pass' | 'fail' | 'unknown' | 'error';

/** A pair that is not as expected. */
export interface AssertionBreach {
  readonly from: string;
  readonly to: string;
  readonly protocol: string;
  readonly port: number | string | null;
  /** null when a peer was not found. */
  readonly verdict: AnswerVerdict | null;
  readonly summary: string;
  /** One flow that shows it; null when there is none. */
  readonly source: EndpointView | null;
  readonly destination: EndpointView | null;
  readonly policies: readonly ObjectRef[];
}

export interface AssertionResult {
  readonly name: string;
  readonly owner: string;
  readonly expect: Assertion['expect'];
  readonly outcome: AssertionOutcome;
  /** Combinations of peers and ports that were asked about. */
  readonly checked: number;
  /** Those that are not as expected, the first `BREACH_LIMIT`. */
  readonly breaches: readonly AssertionBreach[];
  readonly broken: number;
}

export const BREACH_LIMIT = 50;

/** Checks one expectation. A peer that is not there is an error, not a pass: the name may be wrong. */
export function checkAssertion(
  snapshot: CompiledSnapshot,
  assertion: Assertion,
  sees: Sees = SEES_ALL,
): AssertionResult {
  const breaches: AssertionBreach[] = [];
  const outcomes = new Set<AssertionOutcome>();
  let checked = 0;
  let broken = 0;
  for (const from of assertion.from) {
    for (const to of assertion.to) {
      for (const port of assertion.ports) {
        checked += 1;
        const [outcome, breach] = checkPair(snapshot, assertion, from, to, port, sees);
        outcomes.add(outcome);
        if (breach === null) continue;
        broken += 1;
        if (breaches.length < BREACH_LIMIT) breaches.push(breach);
      }
    }
  }
  const { name, owner, expect } = assertion;
  const outcome = (['fail', 'error', 'unknown'] as const).find((each) => outcomes.has(each)) ?? 'pass';
  return { name, owner, expect, outcome, checked, breaches, broken };
}

type Named = Assertion['from'][number];

function checkPair(
  snapshot: CompiledSnapshot,
  { protocol, expect, reading }: Assertion,
  from: Named,
  to: Named,
  port: number | string | null,
  sees: Sees,
): readonly [AssertionOutcome, AssertionBreach | null] {
  const question = { source: from.peer, destination: to.peer, protocol, port };
  const found = verdictOf(snapshot, question, reading, sees);
  if (found.type === 'verdict' && found.verdict === expect) return ['pass', null];
  const result = ask(snapshot, question, sees);
  const asked = { from: from.text, to: to.text, protocol: protocolName(protocol), port };
  if (result.type === 'notFound') {
    const none = { verdict: null, source: null, destination: null, policies: [] };
    const { message, near } = result.error;
    const summary = near.length === 0 ? message : `${message}, ${didYouMean(near)}`;
    return ['error', { ...asked, ...none, summary }];
  }
  const { answer } = result;
  const { verdict, summary } = answer[reading];
  const wrong = expect === 'allowed' ? 'denied' : 'allowed';
  const flow = answer.flows.find((each) => each[reading].verdict === wrong);
  const outcome = verdict === wrong || (verdict === 'mixed' && flow !== undefined) ? 'fail' : 'unknown';
  return [outcome, { ...asked, verdict, summary: flow?.[reading].summary ?? summary, ...shownBy(answer, flow) }];
}

function shownBy(
  answer: Answer,
  flow: FlowView | undefined,
): Pick<AssertionBreach, 'source' | 'destination' | 'policies'> {
  const shown = flow ?? answer.flows[0];
  const policies = new Map(
    (shown?.steps ?? []).flatMap(({ rules }) => rules.map(({ policy, label }) => [label, policy] as const)),
  );
  return { source: shown?.source ?? null, destination: shown?.destination ?? null, policies: [...policies.values()] };
}
