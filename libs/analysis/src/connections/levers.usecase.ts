import { Inject, Injectable } from '@nestjs/common';
import { AppError, type JobInput, type LeversInput } from '#contracts';
import {
  blastStarts,
  ENGINE_VERSION,
  policyLevers,
  readBlastQuestion,
  type BlastDirection,
  type CompiledSnapshot,
  type PolicyLevers,
} from '#engine';
import { LeverReportRepository, type JobRunRecord } from '#store';
import type { ActiveJob, JobResult } from '../jobs/job-runner.js';
import { Jobs } from '../jobs/jobs.usecase.js';
import { runPaced } from '../pacing/paced.js';
import type { Provenance } from '../provenance/provenance.js';
import { questionOf } from '../question/question-fields.js';
import { notFoundError } from '../reachability/can-reach.usecase.js';
import { SnapshotReader, type LocatedSnapshot } from '../snapshot/snapshot-reader.js';

/** What came of trying every policy that may change a radius. */
export interface LeversAnswer extends Provenance {
  readonly id: string;
  readonly of: string;
  readonly direction: BlastDirection;
  /** Null for as far as it goes. */
  readonly hops: number | null;
  readonly levers: PolicyLevers;
}

/** Changes that a job tries; each takes a second or two of a cluster of 10,000 pods. */
const MOST_TRIED = 1_000;

/** The policies whose removal or addition changes most what is within reach, all of them tried: a job, and its report. */
@Injectable()
export class Levers {
  constructor(
    @Inject(SnapshotReader) private readonly reader: SnapshotReader,
    @Inject(LeverReportRepository) private readonly reports: LeverReportRepository,
    @Inject(Jobs) private readonly jobs: Jobs,
  ) {}

  /**
   * Starts the job. It tries what the caller may know of.
   * @throws AppError `question.invalid`, `cluster.not_found`, `snapshot.not_found`, `endpoint.not_found`
   */
  async start(cluster: string, input: LeversInput): Promise<JobRunRecord> {
    const { peer } = questionOf(readBlastQuestion({ ...input, range: [] }));
    const located = await this.reader.locate(cluster, input.at);
    const compiled = await this.reader.compiled(located);
    const start = blastStarts(compiled, peer, located.sees);
    if ('error' in start) throw notFoundError(start.error, '/of');
    const { of, direction, hops, reading } = input;
    const { scope } = located;
    const work = {
      clusterId: located.cluster.id,
      seq: located.snapshot.seq,
      of,
      direction,
      hops: Number.isFinite(hops) ? hops : null,
      reading,
      namespaces: scope.isWhole ? null : namespacesIn(compiled).filter(scope.sees),
    };
    return this.jobs.start({ name: 'levers.try', input: work, clusterId: work.clusterId });
  }

  /** Does the job. @throws AppError `cluster.not_found`, `snapshot.not_found`, `endpoint.not_found` */
  async execute(input: JobInput<'levers.try'>, job: ActiveJob): Promise<JobResult> {
    const { clusterId, seq } = input;
    const compiled = await this.reader.compiled(await this.reader.locate(clusterId, { seq }));
    const shown = input.namespaces === null ? null : new Set(input.namespaces);
    const sees = (namespace: string): boolean => shown?.has(namespace) ?? true;
    const hops = input.hops ?? Number.POSITIVE_INFINITY;
    const question = questionOf(readBlastQuestion({ ...input, hops, range: [] }));
    const start = blastStarts(compiled, question.peer, sees);
    if ('error' in start) throw notFoundError(start.error, '/of');
    const work = policyLevers(compiled, { ...question, starts: start.starts, most: MOST_TRIED }, sees);
    const levers = await runPaced(work, async ({ tried, of: total }) => {
      job.signal.throwIfAborted();
      await job.progress({ done: tried, total, phase: 'trying' });
    });
    const report = { id: job.run.id, ...input, engineVersion: ENGINE_VERSION, levers };
    return {
      result: `/api/v1/clusters/${clusterId}/policy-levers/${report.id}`,
      store: (client) => this.reports.save(client, report),
    };
  }

  /**
   * The report of a job, for who may know of all that it was made from.
   * @throws AppError `cluster.not_found`, `not_found`, `snapshot.not_found` when the state is not kept any more
   */
  async get(cluster: string, id: string): Promise<LeversAnswer> {
    const { cluster: record } = await this.reader.locate(cluster);
    const report = await this.reports.find(record.id, id);
    const located = report === null ? null : await this.reader.locate(record.id, { seq: report.seq });
    if (report === null || located === null || !seesAll(located, report.namespaces)) {
      const detail = `cluster \`${record.name}\` has no report \`${id}\` on policies, start one and wait for its job`;
      throw new AppError('not_found', detail);
    }
    const { of, direction, hops, engineVersion } = report;
    const levers = report.levers as PolicyLevers;
    return { ...located.provenance, id, of, direction, hops, levers, engineVersion };
  }
}

function seesAll({ scope }: LocatedSnapshot, namespaces: readonly string[] | null): boolean {
  return namespaces === null ? scope.isWhole : namespaces.every(scope.sees);
}

/** Every namespace that something of the snapshot is in, '' for what is in none. */
function namespacesIn({ endpoints, intended }: CompiledSnapshot): readonly string[] {
  const names = new Set(['']);
  for (const { namespace } of endpoints) names.add(namespace);
  for (const set of intended.sets) for (const { policy } of set.policies) names.add(policy.namespace);
  return [...names].sort();
}
