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
  readonly nearMisses: number;
}

/**
 * Listens to one walk through the tiers. The walk that answers is the walk that explains, so an explanation cannot
 * disagree with its verdict.
 */
export class TraceRecorder {
  readonly steps: TraceStep[] = [];
  readonly nearMisses: NearMiss[] = [];
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
    return { steps: this.steps.length, nearMisses: this.nearMisses.length };
  }

  /** Drops what was noted from one mark on, or up to another: a way that the walk did not take in the end. */
  forget(from: Mark, to: Mark = this.mark()): void {
    this.steps.splice(from.steps, to.steps - from.steps);
    this.nearMisses.splice(from.nearMisses, to.nearMisses - from.nearMisses);
  }

  /** Notes an allow that failed in exactly one part. */
  missed(ready: ReadyEntry, result: EntryResult): void {
    const { rule: open } = ready;
    if (open.action !== 'allow' || open.peers.type === 'none') return;
    // What stands in no object is not a rule that somebody could change.
    if (ready.entry.source.pointer === '') return;
    const { family, peer, port, condition } = result;
    if (Number(!family) + Number(peer === 0) + Number(port === 0) + Number(condition === 0) !== 1) return;
    const rule = ready.entry.source;
    // Entries of one rule are variants of it: the first that almost applied speaks for it.
    if (this.nearMisses.some((miss) => miss.rule === rule)) return;
    if (!family) {
      this.nearMisses.push({ rule, part: 'family', why: `the rule is for IPv${open.family ?? 4} only` });
    } else if (peer === 0) {
      this.nearMisses.push({ rule, part: 'peer', why: `the ${this.#peerWord()} is not among its peers` });
    } else if (port === 0) {
      this.nearMisses.push({ rule, ...this.#portMiss(ready) });
    } else {
      this.nearMisses.push({ rule, part: 'condition', why: 'the request does not meet its conditions' });
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
