import { Inject, Injectable } from '@nestjs/common';
import { currentAccess, iterateWithAccess } from '#access';
import { connectionsInput, isAppError, parseInput, reachabilityInput, type FleetInput } from '#contracts';
import { LOG, type Log } from '#telemetry';
import { counted, type AnswerVerdict, type ListPeer } from '#engine';
import { Clusters } from '../clusters/clusters.usecase.js';
import { Connections } from '../connections/connections.usecase.js';
import { CanReach, notFoundError } from '../reachability/can-reach.usecase.js';
import type { AsOf } from '../provenance/provenance.js';
import { asTheyCome } from './as-they-come.js';

/** A connection that a cluster allows. */
export interface FleetConnection {
  readonly source: string;
  readonly destination: string;
  readonly connections: string;
}

/** What one cluster answers, or why it could not be asked. */
export type FleetResult =
  | {
      readonly type: 'answer';
      readonly cluster: string;
      readonly verdict: AnswerVerdict;
      readonly summary: string;
      /** Where one side was left open: the first connections. Empty otherwise. */
      readonly connections: readonly FleetConnection[];
      readonly hasMore: boolean;
      readonly asOf: AsOf;
    }
  | { readonly type: 'absent'; readonly cluster: string; readonly message: string }
  | { readonly type: 'failed'; readonly cluster: string; readonly code: string; readonly message: string };

/** The end of the answers: how many there were, and the clusters that could not be asked. */
export interface FleetEnd {
  readonly type: 'end';
  readonly asked: number;
  readonly answered: number;
  readonly absent: readonly string[];
  readonly failed: readonly string[];
}

const AT_ONCE = 2;
const ROWS = 25;

/** The same question to many clusters, answers as they come. */
@Injectable()
export class Fleet {
  constructor(
    @Inject(Clusters) private readonly clusters: Clusters,
    @Inject(CanReach) private readonly canReach: CanReach,
    @Inject(Connections) private readonly connections: Connections,
    @Inject(LOG) private readonly log: Log,
  ) {}

  /** A cluster that cannot be asked is named and stops no other. @throws AppError `question.invalid` */
  ask(input: FleetInput): AsyncIterable<FleetResult | FleetEnd> {
    // Whoever reads the answers, they are given to who asked.
    return iterateWithAccess(currentAccess(), this.answers(input));
  }

  private async *answers(input: FleetInput): AsyncGenerator<FleetResult | FleetEnd> {
    const names = input.clusters === undefined ? await this.all() : [...new Set(input.clusters)];
    const counts = { answered: 0, absent: [] as string[], failed: [] as string[] };
    for await (const result of asTheyCome(names, AT_ONCE, (name) => this.one(name, input))) {
      if (result.type === 'answer') counts.answered += 1;
      else counts[result.type].push(result.cluster);
      yield result;
    }
    yield { type: 'end', asked: names.length, ...counts };
  }

  private async one(cluster: string, input: FleetInput): Promise<FleetResult> {
    try {
      return input.from !== undefined && input.to !== undefined
        ? await this.flow(cluster, input)
        : await this.list(cluster, input);
    } catch (error) {
      if (!isAppError(error)) return this.broken(cluster, error);
      const isAbsent = error.code === 'endpoint.not_found' || error.code === 'port.not_found';
      return isAbsent
        ? { type: 'absent', cluster, message: error.message }
        : { type: 'failed', cluster, code: error.code, message: error.message };
    }
  }

  /** What should not happen to one cluster is no reason to leave out the others. */
  private broken(cluster: string, error: unknown): FleetResult {
    this.log.error('a cluster of a fleet could not be asked', { cluster, error });
    const message = 'something failed that should not, the log of the server has it';
    return { type: 'failed', cluster, code: 'internal', message };
  }

  private async flow(cluster: string, { clusters: _, ...question }: FleetInput): Promise<FleetResult> {
    const outcome = await this.canReach.judge(parseInput(reachabilityInput, { ...question, cluster }));
    if (outcome.type === 'notFound') throw notFoundError(outcome.notFound);
    const { verdict, summary } = outcome.answer;
    const { asOf } = outcome;
    return { type: 'answer', cluster: asOf.cluster, verdict, summary, connections: [], hasMore: false, asOf };
  }

  private async list(cluster: string, { from, to, protocol, port }: FleetInput): Promise<FleetResult> {
    const filter = { from, to, port, protocol: protocol ?? (port === undefined ? undefined : 'TCP'), limit: ROWS };
    const given = Object.fromEntries(Object.entries(filter).filter(([, value]) => value !== undefined));
    const page = await this.connections.page(cluster, parseInput(connectionsInput, given));
    if (page.items.length === 0) return this.nothingCertain(cluster, given, page.asOf);
    const rows = page.items.map(({ source, destination, connections }) => ({
      source: peerLabel(source),
      destination: peerLabel(destination),
      connections,
    }));
    const { asOf } = page;
    const hasMore = page.nextCursor !== null;
    const are = hasMore
      ? `${String(rows.length)} or more connections are`
      : counted(rows.length, 'connection is', 'connections are');
    const summary = `${are} allowed`;
    return { type: 'answer', cluster: asOf.cluster, verdict: 'allowed', summary, connections: rows, hasMore, asOf };
  }

  /** Where nothing is certainly allowed: either all is denied, or some cannot be told. */
  private async nothingCertain(cluster: string, given: Record<string, unknown>, asOf: AsOf): Promise<FleetResult> {
    const doubtful = parseInput(connectionsInput, { ...given, verdict: 'unknown', limit: 1 });
    const { items } = await this.connections.page(cluster, doubtful);
    const told =
      items.length === 0
        ? ({ verdict: 'denied', summary: 'no such connection is allowed' } as const)
        : ({
            verdict: 'undetermined',
            summary: 'no such connection is certain to be allowed, and some cannot be told',
          } as const);
    return { type: 'answer', cluster: asOf.cluster, ...told, connections: [], hasMore: false, asOf };
  }

  private async all(): Promise<string[]> {
    const names: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await this.clusters.list({ limit: 100, cursor });
      names.push(...page.items.map(({ name }) => name));
      cursor = page.nextCursor ?? undefined;
    } while (cursor !== undefined);
    return names;
  }
}

function peerLabel({ kind, namespace, name }: ListPeer): string {
  return namespace === '' || namespace === name ? `${kind} ${name}` : `${kind} ${namespace}/${name}`;
}
