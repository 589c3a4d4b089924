import { Inject, Injectable } from '@nestjs/common';
import { ASSERTION_CHANNEL, type AssertionEventsInput } from '#contracts';
import {
  HIDDEN_POLICY,
  seesObject,
  type AssertionBreach,
  type AssertionOutcome,
  type AssertionResult,
  type DriftCauseView,
  type EndpointView,
} from '#engine';
import { ASSERTION_EVENT_ORDER, AssertionRepository, Database, firstOf, type AssertionEventRecord } from '#store';
import { looksAt } from '../clusters/looks-at.js';
import type { SnapshotPoint } from '../drift/drift-answer.js';
import { CursorCodec } from '../paging/cursor-codec.js';
import { listWalk } from '../paging/list-walk.js';
import type { ListedPage } from '../paging/listed-page.js';
import type { Provenance } from '../provenance/provenance.js';
import { SnapshotReader, type LocatedSnapshot } from '../snapshot/snapshot-reader.js';
import { Assertions } from './assertions.usecase.js';

/** An expectation that broke, or holds again. */
export interface AssertionTurn {
  readonly id: string;
  readonly name: string;
  readonly owner: string;
  readonly before: AssertionOutcome | null;
  readonly after: AssertionOutcome;
  readonly at: SnapshotPoint;
  readonly result: AssertionResult;
  readonly causes: readonly DriftCauseView[];
}

export interface AssertionTurns extends Provenance, ListedPage<AssertionTurn> {}

const ROWS = 100;

/** When expectations that a cluster keeps broke or held again: as a list of the past, and as a stream from now on. */
@Injectable()
export class AssertionEvents {
  constructor(
    @Inject(SnapshotReader) private readonly reader: SnapshotReader,
    @Inject(AssertionRepository) private readonly kept: AssertionRepository,
    @Inject(Assertions) private readonly assertions: Assertions,
    @Inject(CursorCodec) private readonly cursors: CursorCodec,
    @Inject(Database) private readonly database: Database,
  ) {}

  /** The newest first. @throws AppError `cluster.not_found`, `snapshot.not_found`, `cursor.invalid` */
  async list(cluster: string, { name, ...page }: AssertionEventsInput): Promise<AssertionTurns> {
    const located = await this.reader.locate(cluster);
    const scope = ['assertionEvents', located.cluster.id, name];
    const walk = listWalk(this.cursors, scope, ASSERTION_EVENT_ORDER, page);
    const visible = await this.assertions.visibleNames(located);
    const names = name === undefined ? visible : [name].filter((each) => visible?.includes(each) ?? true);
    const found = walk.page(await this.kept.events(located.cluster.id, names, walk.keyset));
    return { ...located.provenance, ...found, items: found.items.map((row) => turnOf(row, located)) };
  }

  /**
   * Events as they are stored, those behind the event `after` first, else from now on, until `signal` is aborted.
   * @throws AppError `cluster.not_found`, `snapshot.not_found`
   */
  async follow(cluster: string, after: string | undefined, signal: AbortSignal): Promise<AsyncIterable<AssertionTurn>> {
    const { id } = (await this.reader.locate(cluster)).cluster;
    const [newest] =
      after === undefined ? await this.kept.events(id, undefined, firstOf(ASSERTION_EVENT_ORDER, 1)) : [];
    return this.stored(id, after ?? newest?.id ?? '0', signal);
  }

  private async *stored(clusterId: string, from: string, signal: AbortSignal): AsyncGenerator<AssertionTurn> {
    let last = from;
    for await (const id of looksAt(this.database, ASSERTION_CHANNEL, clusterId, signal)) {
      // Looked up anew each time: rights may have changed since the last one.
      const located = await this.reader.locate(id);
      const names = await this.assertions.visibleNames(located);
      let rows: readonly AssertionEventRecord[];
      do {
        rows = await this.kept.eventsAfter(id, last, ROWS);
        last = rows.at(-1)?.id ?? last;
        for (const row of rows) if (names?.includes(row.name) ?? true) yield turnOf(row, located);
      } while (rows.length === ROWS);
    }
  }
}

/** An event of the past without what the caller may not see. */
function turnOf(row: AssertionEventRecord, located: LocatedSnapshot): AssertionTurn {
  const { id, name, owner, before, after, seq, at, result, causes } = row;
  return {
    id,
    name,
    owner,
    before: before as AssertionOutcome | null,
    after: after as AssertionOutcome,
    at: { seq, takenAt: at },
    result: asSeen(result as AssertionResult, located),
    causes: (causes as DriftCauseView[]).filter(({ object }) => object === null || seesObject(object, located.sees)),
  };
}

/** A result of the past without what the caller may not see: peers, and policies with the words that name them. */
function asSeen(result: AssertionResult, { sees }: LocatedSnapshot): AssertionResult {
  const isSeen = (endpoint: EndpointView | null): boolean => endpoint === null || sees(endpoint.namespace);
  const breaches = result.breaches
    .filter(({ source, destination }) => isSeen(source) && isSeen(destination))
    .map((breach): AssertionBreach => {
      const policies = breach.policies.filter((policy) => seesObject(policy, sees));
      return policies.length === breach.policies.length ? breach : { ...breach, policies, summary: HIDDEN_POLICY };
    });
  return { ...result, breaches, broken: result.broken - (result.breaches.length - breaches.length) };
}
