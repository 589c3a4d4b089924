import { Inject, Injectable } from '@nestjs/common';
import type { RunbookReport } from '#checks';
import type { RunbookRunsInput } from '#contracts';
import { RUNBOOK_RUN_ORDER, RunbookRunRepository, type RunbookRunRecord } from '#store';
import { CursorCodec } from '../paging/cursor-codec.js';
import { listWalk } from '../paging/list-walk.js';
import type { ListedPage } from '../paging/listed-page.js';
import { SnapshotReader } from '../snapshot/snapshot-reader.js';
import { requireWholeCluster } from './whole-cluster.js';

/** A run with its report as it was stored. */
export interface RunbookRunDetails extends RunbookRunRecord {
  readonly report: RunbookReport;
}

/** Runs of runbooks that are over. */
@Injectable()
export class RunbookRuns {
  constructor(
    @Inject(SnapshotReader) private readonly reader: SnapshotReader,
    @Inject(RunbookRunRepository) private readonly runs: RunbookRunRepository,
    @Inject(CursorCodec) private readonly cursors: CursorCodec,
  ) {}

  /** A cluster's runs, the newest first. @throws AppError `cluster.not_found`, `forbidden`, `cursor.invalid` */
  async list(cluster: string, input: RunbookRunsInput): Promise<ListedPage<RunbookRunRecord>> {
    const clusterId = await this.locate(cluster);
    const { runbook, result } = input;
    const walk = listWalk(this.cursors, ['runbook-runs', clusterId, runbook, result], RUNBOOK_RUN_ORDER, input);
    return walk.page(await this.runs.list(clusterId, { runbook, result }, walk.keyset));
  }

  /** @throws AppError `cluster.not_found`, `forbidden`, `not_found` */
  async get(cluster: string, id: string): Promise<RunbookRunDetails> {
    const { report, ...run } = await this.runs.get(await this.locate(cluster), id);
    return { ...run, report: JSON.parse(report) as RunbookReport };
  }

  private async locate(cluster: string): Promise<string> {
    const located = await this.reader.locate(cluster);
    requireWholeCluster(located);
    return located.cluster.id;
  }
}
