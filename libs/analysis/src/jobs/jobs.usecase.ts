import { Inject, Injectable } from '@nestjs/common';
import {
  AppError,
  JOBS,
  parseInput,
  type JobInput,
  type JobsInput,
  type RunMessage,
  type TrackedJobName,
} from '#contracts';
import { currentAccess, type Access } from '#access';
import { JOB_QUEUE, type JobQueue } from '#queue';
import {
  ClusterRepository,
  JOB_ORDER,
  JobRunRepository,
  type FlowWork,
  type JobEventRecord,
  type JobRunRecord,
  type NewJobRun,
} from '#store';
import { CursorCodec } from '../paging/cursor-codec.js';
import { listWalk } from '../paging/list-walk.js';
import type { ListedPage } from '../paging/listed-page.js';
import { JobWatch } from './job-watch.js';

/** A job to start. `clusterId` null: it is about no single cluster. */
export interface JobStart<N extends TrackedJobName> {
  readonly name: N;
  readonly input: JobInput<N>;
  readonly clusterId: string | null;
}

/** What a job told, and how it is. */
export interface JobMove extends JobEventRecord {
  readonly job: JobRunRecord;
}

/** A page of jobs. */
export type JobPage = ListedPage<JobRunRecord>;

const ENDED: ReadonlySet<string> = new Set(['succeeded', 'failed', 'cancelled']);
const LOOK_AGAIN_MS = 5_000;
const EVENTS_AT_ONCE = 200;

/** True for a job that is over, whatever came of it. */
export function hasEnded({ state }: Pick<JobRunRecord, 'state'>): boolean {
  return ENDED.has(state);
}

/** Jobs that callers start, look at and cancel. */
@Injectable()
export class Jobs {
  constructor(
    @Inject(JobRunRepository) private readonly runs: JobRunRepository,
    @Inject(ClusterRepository) private readonly clusters: ClusterRepository,
    @Inject(JOB_QUEUE) private readonly queue: JobQueue,
    @Inject(JobWatch) private readonly watch: JobWatch,
    @Inject(CursorCodec) private readonly cursors: CursorCodec,
  ) {}

  /** Starts a job; while one that would do the same waits, gives that one. @throws AppError `queue.unavailable` */
  async start<N extends TrackedJobName>(job: JobStart<N>): Promise<JobRunRecord> {
    const run = await this.runs.create(newRun(job));
    await this.deliver([{ id: run.id, name: run.name, delivery: run.attempts }]);
    return run;
  }

  /**
   * Starts a flow: one coarse job for each part, and a job of the same name that ends with the last of them. `also` writes
   * more in the transaction that adds them.
   */
  async startFlow<N extends TrackedJobName>(
    name: N,
    parts: readonly Omit<JobStart<N>, 'name'>[],
    also?: FlowWork,
  ): Promise<JobRunRecord> {
    // A flow of one part is about that part's cluster, so whoever sees the cluster sees the flow.
    const clusterId = parts.length === 1 ? (parts[0]?.clusterId ?? null) : null;
    const made = await this.runs.createFlow(
      { name, clusterId, input: {}, requester: requester() },
      parts.map((part) => newRun({ ...part, name })),
      also,
    );
    await this.deliver(made.parts.map((part) => ({ id: part.id, name, delivery: 0 })));
    return made.flow;
  }

  /** @throws AppError `job.not_found` */
  get(id: string): Promise<JobRunRecord> {
    return this.runs.get(id);
  }

  /**
   * Jobs, the newest first. Failed ones stay until retention takes them.
   * @throws AppError `cluster.not_found`, `cursor.invalid`
   */
  async list(input: JobsInput): Promise<JobPage> {
    const { cluster, parent, state, name } = input;
    const clusterIds = cluster === undefined ? null : [(await this.clusters.get(cluster)).id];
    const walk = listWalk(this.cursors, ['jobs', state, name, clusterIds, parent], JOB_ORDER, input);
    return walk.page(await this.runs.list({ state, name, parentId: parent, clusterIds }, walk.keyset));
  }

  /** Cancels a job: at once while it waits, soon when it runs. @throws AppError `job.not_found`, `job.ended` */
  async cancel(id: string): Promise<JobRunRecord> {
    const run = await this.runs.cancel(id);
    if (run.state === 'succeeded' || run.state === 'failed') {
      throw new AppError('job.ended', `job \`${id}\` has ${run.state} already, there is nothing to cancel`);
    }
    return run;
  }

  /** The job as it is once it has ended, or after `waitMs`. @throws AppError `job.not_found` */
  async settled(id: string, waitMs: number): Promise<JobRunRecord> {
    const deadline = Date.now() + waitMs;
    const watched = this.watch.watch(id);
    try {
      for (;;) {
        const run = await this.runs.get(id);
        const leftMs = deadline - Date.now();
        if (hasEnded(run) || leftMs <= 0 || this.watch.stopping) return run;
        await watched.moved(Math.min(LOOK_AGAIN_MS, leftMs));
      }
    } finally {
      watched.close();
    }
  }

  /**
   * The job's events behind number `after`, as they come, until its last one. Yields null when nothing was told for
   * `quietMs`. Ends early when the process stops, or by `signal`. @throws AppError `job.not_found`
   */
  async *events(
    id: string,
    after: number,
    quietMs: number,
    signal?: AbortSignal,
  ): AsyncGenerator<JobEventRecord | null, void> {
    const watched = this.watch.watch(id);
    signal?.addEventListener(
      'abort',
      () => {
        watched.close();
      },
      { once: true },
    );
    const access = currentAccess();
    try {
      for (let last = after; ;) {
        const run = await this.runs.get(id);
        const events = await this.runs.events(id, last, EVENTS_AT_ONCE);
        // A job sees the whole of its cluster, so what it finds is for who may see that too.
        const findings = await this.mayTellFindings(run, access);
        for (const event of events) if (findings || event.event !== 'finding') yield event;
        last = events.at(-1)?.seq ?? last;
        if (this.watch.stopping || signal?.aborted === true || (hasEnded(run) && last >= run.lastEvent)) return;
        if (last < run.lastEvent) continue;
        await watched.moved(quietMs);
        if (events.length === 0) yield null;
      }
    } finally {
      watched.close();
    }
  }

  /** The same, each event with the job as it is then. @throws AppError `job.not_found` */
  async follow(id: string, after: number, signal: AbortSignal): Promise<AsyncIterable<JobMove>> {
    const run = await this.runs.get(id);
    return this.moves(run.id, after, signal);
  }

  private async *moves(id: string, after: number, signal: AbortSignal): AsyncGenerator<JobMove, void> {
    for await (const event of this.events(id, after, LOOK_AGAIN_MS, signal)) {
      if (event !== null) yield { ...event, job: await this.runs.get(id) };
    }
  }

  private async mayTellFindings(run: JobRunRecord, access: Access): Promise<boolean> {
    if (run.clusterId === null) return access.seesEverything;
    const cluster = await this.clusters.find(run.clusterId);
    return cluster !== null && access.seesWhole(cluster);
  }

  /** Delivers again what was lost on the way or with its worker. Gives how many jobs that were. */
  async sweep(): Promise<number> {
    const due = await this.runs.sweep();
    await this.deliver(due);
    return due.length;
  }

  /** A row whose message does not get through is found by the sweeper; the caller hears of it all the same. */
  private async deliver(runs: readonly { id: string; name: TrackedJobName; delivery: number }[]): Promise<void> {
    const byName = new Map<TrackedJobName, RunMessage[]>();
    for (const { id, name, delivery } of runs) {
      const messages = byName.get(name) ?? [];
      messages.push({ runId: id, delivery });
      byName.set(name, messages);
    }
    for (const [name, messages] of byName) await this.queue.enqueueMany(name, messages);
  }
}

function newRun<N extends TrackedJobName>({ name, input, clusterId }: JobStart<N>): NewJobRun {
  return { name, clusterId, input: parseInput(JOBS[name].input, input), requester: requester() };
}

/** Who asks: whoever the service works for just now. */
function requester(): string {
  return currentAccess().caller.subject;
}
