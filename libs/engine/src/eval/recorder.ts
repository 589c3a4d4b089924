import { protocolName } from '../model/index.js';
import type { Direction, NearMiss, RuleRef, TraceStep } from '../model/index.js';
import type { ReadyEntry } from '../compile/ready-entry.js';
import { describePorts, knowsProtocol } from './match-ports.js';
import type { Flow } from './flow.js';

/** What an entry's parts said, in the order they are tested. */
export interface EntryResult {
  readonly family: boolean;
  readonly peer: number;
  readonly port: number;
  readonly condition: number;
}

/** How much was noted at some point of a walk. */
export interface Mark {
  readonly steps: number;
  readonly misses: number;
}

/** An allow that failed in one part. */
interface Miss {
  readonly ready: ReadyEntry;
  readonly part: keyof EntryResult;
}

/**
 * Listens to one walk through the tiers. The walk that answers is the walk that explains, so an explanation cannot
 * disagree with its verdict.
 */
export class TraceRecorder {
  readonly steps: TraceStep[] = [];
  readonly #misses: Miss[] = [];
  readonly direction: Direction;
  readonly #flow: Flow;
  readonly #met: (readonly ReadyEntry[])[] = [];

  constructor(direction: Direction, flow: Flow) {
    this.direction = direction;
    this.#flow = flow;
  }

  step(tier: string, outcome: TraceStep['outcome'], rules: readonly RuleRef[], why: string): void {
    this.steps.push({ direction: this.direction, tier, outcome, rules, why });
  }

  /** The walk came by these rules, on whichever way. */
  meet(rules: readonly ReadyEntry[]): void {
    this.#met.push(rules);
  }

  hasMet(rule: ReadyEntry): boolean {
    return this.#met.some((rules) => rules.includes(rule));
  }

  mark(): Mark {
    return { steps: this.steps.length, misses: this.#misses.length };
  }

  /** Drops what was noted from one mark on, or up to another: a way that the walk did not take in the end. */
  forget(from: Mark, to: Mark = this.mark()): void {
    this.steps.splice(from.steps, to.steps - from.steps);
    this.#misses.splice(from.misses, to.misses - from.misses);
  }

  /** Notes an allow that failed in exactly one part. */
  missed(ready: ReadyEntry, { family, peer, port, condition }: EntryResult): void {
    const { rule } = ready;
    if (rule.action !== 'allow' || rule.peers.type === 'none') return;
    // What stands in no object is not a rule that somebody could change.
    if (rule.source.pointer === '') return;
    const failed = Number(!family) + Number(peer === 0) + Number(port === 0) + Number(condition === 0);
    if (failed !== 1) return;
    const part = !family ? 'family' : peer === 0 ? 'peer' : port === 0 ? 'port' : 'condition';
    this.#misses.push({ ready, part });
  }

  /** The allows that failed in exactly one part. They are put into words when asked for: nobody asks of an allow. */
  nearMisses(): NearMiss[] {
    const byRule = new Map<RuleRef, NearMiss>();
    for (const { ready, part } of this.#misses) {
      const rule = ready.source;
      // Entries of one rule are variants of it: the first that almost applied speaks for it.
      if (!byRule.has(rule)) byRule.set(rule, { rule, ...this.#told(ready, part) });
    }
    return [...byRule.values()];
  }

  #told(ready: ReadyEntry, part: Miss['part']): Omit<NearMiss, 'rule'> {
    switch (part) {
      case 'family':
        return { part, why: `the rule is for IPv${ready.rule.family ?? 4} only` };
      case 'peer':
        return { part, why: `the ${this.#peerWord()} is not among its peers` };
      case 'port':
        return this.#portMiss(ready);
      case 'condition':
        return { part, why: 'the request does not meet its conditions' };
    }
  }

  #peerWord(): string {
    return this.direction === 'ingress' ? 'source' : 'destination';
  }

  #portMiss(ready: ReadyEntry): { part: 'port' | 'protocol'; why: string } {
    const { carried } = ready.rule;
    if (carried !== undefined) {
      return {
        part: 'port',
        why: `port ${carried.port}, on which the mesh carries it, not in ${describePorts(carried.written)}`,
      };
    }
    const listed = describePorts(ready.rule.ports);
    if (!knowsProtocol(ready.rule.ports, this.#flow)) {
      return { part: 'protocol', why: `protocol ${protocolName(this.#flow.protocol)} not in ${listed}` };
    }
    return { part: 'port', why: `port ${this.#flow.port ?? 'none'} not in ${listed}` };
  }
}
