import type { ObjectRef, PolicyEntry, PortSpec, RuleRef } from '../model/index.js';
import type { BoundPolicy } from './bound-policy.js';
import type { Endpoint } from './endpoint.js';
import { NO } from './match-selector.js';
import type { Matcher, Tri } from './match-selector.js';

/**
 * An entry with its selectors made ready. Of a policy that shares a pattern, `rule` is the pattern's entry: the same but
 * for `source.policy`, `order`, and `same namespace` where `entry` names it.
 */
export class ReadyEntry {
  readonly rule: PolicyEntry;
  readonly subject: Matcher;
  /** 'any', or matchers of which one must hold; empty means none. */
  readonly peers: 'any' | readonly Matcher[];
  /** As `rule` says. Rules lie far apart in memory, and a walk that looks at few of them is done sooner. */
  readonly isolates: boolean;
  readonly #bound: BoundPolicy | null;
  readonly #at: number;
  readonly #portBits: number;
  #source: RuleRef | null = null;

  constructor(
    rule: PolicyEntry,
    subject: Matcher,
    peers: 'any' | readonly Matcher[],
    bound: BoundPolicy | null,
    at = 0,
    portBits = bitsOf(rule.ports),
  ) {
    this.rule = rule;
    this.subject = subject;
    this.peers = peers;
    this.#bound = bound;
    this.#at = at;
    this.isolates = rule.isolates;
    this.#portBits = portBits;
  }

  get entry(): PolicyEntry {
    return this.#bound === null ? this.rule : (this.#bound.entries[this.#at] as PolicyEntry);
  }

  /** Of its own policy. Kept, as the way to it leads by five objects that lie far apart. */
  get source(): RuleRef {
    return (this.#source ??= this.entry.source);
  }

  get policy(): ObjectRef {
    return this.#bound === null ? this.rule.source.policy : this.#bound.policy;
  }

  get order(): PolicyEntry['order'] {
    return this.#bound === null ? this.rule.order : this.#bound.order;
  }

  /** The same entry for another policy of the pattern. */
  boundTo(policy: BoundPolicy): ReadyEntry {
    return new ReadyEntry(this.rule, this.subject, this.peers, policy, this.#at, this.#portBits);
  }

  /** False where the rule admits a port of no protocol, which is told without looking at it. */
  mayAdmit(port: number): boolean {
    return ((this.#portBits >> (port & 31)) & 1) === 1;
  }
}

const EVERY_PORT = -1;

/** A bit for each remainder, divided by 32, of the ports that a specification may admit. */
function bitsOf({ include }: PortSpec): number {
  if (include === 'any') return EVERY_PORT;
  let bits = 0;
  for (const match of include) {
    if (match.type !== 'range' || match.to - match.from >= 31) return EVERY_PORT;
    for (let port = match.from; port <= match.to; port++) bits |= 1 << (port & 31);
  }
  return bits;
}

/** Whether entries select an endpoint. Those of a policy mostly come together and share the matcher, which is asked once. */
export function selecting(endpoint: Endpoint): (ready: ReadyEntry) => Tri {
  let last: Matcher | null = null;
  let value = NO;
  return ({ subject }) => {
    if (subject !== last) {
      last = subject;
      value = subject(endpoint, endpoint);
    }
    return value;
  };
}
