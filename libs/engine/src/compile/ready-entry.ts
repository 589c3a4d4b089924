import type { ObjectRef, PolicyEntry } from '../model/index.js';
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
  readonly #bound: BoundPolicy | null;
  readonly #at: number;

  constructor(
    rule: PolicyEntry,
    subject: Matcher,
    peers: 'any' | readonly Matcher[],
    bound: BoundPolicy | null,
    at = 0,
  ) {
    this.rule = rule;
    this.subject = subject;
    this.peers = peers;
    this.#bound = bound;
    this.#at = at;
  }

  get entry(): PolicyEntry {
    return this.#bound === null ? this.rule : (this.#bound.entries[this.#at] as PolicyEntry);
  }

  get policy(): ObjectRef {
    return this.#bound === null ? this.rule.source.policy : this.#bound.policy;
  }

  get order(): PolicyEntry['order'] {
    return this.#bound === null ? this.rule.order : this.#bound.order;
  }

  /** The same entry for another policy of the pattern. */
  boundTo(policy: BoundPolicy): ReadyEntry {
    return new ReadyEntry(this.rule, this.subject, this.peers, policy, this.#at);
  }
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
