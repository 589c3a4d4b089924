import { randomUUID } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { runRunbook, type HistorySource, type MetricSource, type RunbookReport, type StepReport } from '#checks';
import type { RunbookRunInput, SnapshotAt } from '#contracts';
import { RunbookRunRepository, SnapshotRepository, type NewRunbookRun, type StoreWork } from '#store';
import { CheckCatalogue } from '../audits/check-catalogue.js';
import { givenManifests } from '../drift/manifest-input.js';
import { KeptFlows } from '../flows/kept-flows.usecase.js';
import { runPaced } from '../pacing/paced.js';
import type { Provenance } from '../provenance/provenance.js';
import { SnapshotCache } from '../snapshot/snapshot-cache.js';
import { SnapshotReader, type LocatedSnapshot } from '../snapshot/snapshot-reader.js';
import { MetricsSources } from './metrics-sources.usecase.js';
import { parseRunbookInputs } from './parse-runbook-inputs.js';
import { RunbookShelf } from './runbook-shelf.js';
import { requireWholeCluster } from './whole-cluster.js';

/** A run with its report and the snapshot that it is about. */
export interface RunbookAnswer extends Provenance {
  readonly id: string;
  readonly cluster: string;
  readonly report: RunbookReport;
}

/** What a run is asked: the runbook, its inputs, and the cluster by name or id. */
export type RunbookQuestion = RunbookRunInput & { readonly cluster: string };

/** Runs a runbook on a cluster: reads facts, history and metrics, writes the report and nothing else. */
@Injectable()
export class RunRunbook {
  constructor(
    @Inject(RunbookShelf) private readonly shelf: RunbookShelf,
    @Inject(CheckCatalogue) private readonly catalogue: CheckCatalogue,
    @Inject(SnapshotReader) private readonly reader: SnapshotReader,
    @Inject(SnapshotCache) private readonly cache: SnapshotCache,
    @Inject(SnapshotRepository) private readonly snapshots: SnapshotRepository,
    @Inject(KeptFlows) private readonly flows: KeptFlows,
    @Inject(MetricsSources) private readonly metrics: MetricsSources,
    @Inject(RunbookRunRepository) private readonly runs: RunbookRunRepository,
  ) {}

  /** Runs it and stores the report. @throws AppError `not_found`, `question.invalid`, `cluster.not_found`, `snapshot.not_found`, `forbidden` */
  async execute(question: RunbookQuestion): Promise<RunbookAnswer> {
    const { answer, run } = await this.prepare(question);
    await this.runs.add(run);
    return answer;
  }

  /** Runs it and gives, beside the answer, how to store the report in a transaction that does more. */
  async executeFor(
    question: RunbookQuestion,
    onStep: (step: StepReport) => Promise<void>,
  ): Promise<{ readonly answer: RunbookAnswer; readonly store: StoreWork }> {
    const { answer, run } = await this.prepare(question, onStep);
    return { answer, store: this.runs.adding(run) };
  }

  private async prepare(
    question: RunbookQuestion,
    onStep?: (step: StepReport) => Promise<void>,
  ): Promise<{ answer: RunbookAnswer; run: NewRunbookRun }> {
    const { runbook: name, cluster, at, all, ...given } = question;
    const runbook = await this.shelf.get(name);
    const { manifests } = given;
    const read =
      manifests === undefined ? null : await givenManifests(manifests, 'text', 'manifests', { declaredOnly: true });
    const inputs = parseRunbookInputs(runbook, given, read?.facts);
    const located = await this.reader.locate(cluster, at);
    requireWholeCluster(located);
    const metrics = await this.metrics.open(located.cluster.id);
    try {
      const sources = {
        history: this.historyOf(located),
        metrics: metrics as MetricSource | null,
        flows: async () => (await this.flows.all(located)).flows,
        at: symptomTime(located, at),
      };
      const [snapshot, checks] = await Promise.all([this.reader.compiled(located), this.catalogue.all()]);
      const run = { runbook, snapshot, inputs, sources, checks, all, paced: runPaced };
      const report = await runRunbook({ ...run, ...(onStep && { onStep }) });
      const id = randomUUID();
      const answer = { ...located.provenance, id, cluster: located.cluster.name, report };
      const { result, answer: line } = report;
      const common = { id, clusterId: located.cluster.id, runbook: runbook.id, result, answer: line };
      return { answer, run: { ...common, input: given, snapshotSeq: located.snapshot.seq, report } };
    } finally {
      await metrics?.close();
    }
  }

  private historyOf({ cluster }: LocatedSnapshot): HistorySource {
    return {
      states: (from, to) => this.snapshots.between(cluster.id, from, to),
      open: (seq) => this.cache.get(cluster.id, seq),
    };
  }
}

/** History and metrics are read up to here. */
function symptomTime({ snapshot }: LocatedSnapshot, at: SnapshotAt | undefined): Date {
  if (at === undefined) return new Date();
  return 'time' in at ? at.time : snapshot.takenAt;
}
