import { Inject, Injectable } from '@nestjs/common';
import { accessFor, currentAccess, runAsSystem } from '#access';
import {
  AppError,
  isAppError,
  type CreateScheduleInput,
  type PatchScheduleInput,
  type PreviewScheduleInput,
  type ScheduleRunsInput,
  type SchedulesInput,
  type ScheduleTask,
} from '#contracts';
import {
  ClusterRepository,
  DeliveryRepository,
  SCHEDULE_ORDER,
  SCHEDULE_RUN_ORDER,
  ScheduleRepository,
  type FlowWork,
  type JobRunRecord,
  type ScheduleRecord,
  type ScheduleRunRecord,
} from '#store';
import { LOG, type Log } from '#telemetry';
import { CheckCatalogue } from '../audits/check-catalogue.js';
import { demandFramework } from '../audits/frameworks.js';
import { clusterSetOf } from '../clusters/cluster-set.js';
import { scheduleResults } from '../delivery/notices.js';
import { Jobs } from '../jobs/jobs.usecase.js';
import { CursorCodec } from '../paging/cursor-codec.js';
import { listWalk } from '../paging/list-walk.js';
import type { ListedPage } from '../paging/listed-page.js';
import { parseRunbookInputs } from '../runbooks/parse-runbook-inputs.js';
import { RunbookShelf } from '../runbooks/runbook-shelf.js';
import { CronTimes } from './cron-times.js';

/** A time that comes, and what a clock shows there. */
export interface PlannedTime {
  readonly at: Date;
  readonly local: string;
}

/** A schedule, and when it comes round next; no times while it is paused. */
export interface ScheduleView extends ScheduleRecord {
  readonly next: readonly PlannedTime[];
}

export type SchedulePage = ListedPage<ScheduleView>;

export type ScheduleRunPage = ListedPage<ScheduleRunRecord>;

const SHOWN_TIMES = 3;

/** Work that comes round: kept as rows, started by whichever worker sees first that its time has come. */
@Injectable()
export class Schedules {
  constructor(
    @Inject(ScheduleRepository) private readonly schedules: ScheduleRepository,
    @Inject(ClusterRepository) private readonly clusters: ClusterRepository,
    @Inject(CheckCatalogue) private readonly catalogue: CheckCatalogue,
    @Inject(RunbookShelf) private readonly shelf: RunbookShelf,
    @Inject(DeliveryRepository) private readonly deliveries: DeliveryRepository,
    @Inject(Jobs) private readonly jobs: Jobs,
    @Inject(CursorCodec) private readonly cursors: CursorCodec,
    @Inject(LOG) private readonly log: Log,
  ) {}

  /** When a pattern would come round. @throws AppError `request.invalid` */
  preview({ cron, timeZone, count }: PreviewScheduleInput): PlannedTime[] {
    return planned(new CronTimes(cron, timeZone), new Date(), count);
  }

  /** @throws AppError `request.invalid`, `question.invalid`, `cluster.not_found`, `not_found` (a runbook), `forbidden`, `conflict` */
  async create(input: CreateScheduleInput): Promise<ScheduleView> {
    const { clusters, paused, ...given } = input;
    const times = new CronTimes(given.cron, given.timeZone);
    await this.demandValid(given.task);
    const clusterIds = await clusterSetOf(this.clusters, clusters);
    const requester = currentAccess().caller.subject;
    const nextAt = paused ? null : nextOf(times);
    return viewOf(await this.schedules.create({ ...given, clusterIds, paused, requester, nextAt }));
  }

  /** By name or id. @throws AppError `not_found` */
  async get(ref: string): Promise<ScheduleView> {
    return viewOf(await this.schedules.get(ref));
  }

  /** By name. @throws AppError `cursor.invalid` */
  async list(input: SchedulesInput): Promise<SchedulePage> {
    const walk = listWalk(this.cursors, ['schedules'], SCHEDULE_ORDER, input);
    const page = walk.page(await this.schedules.list(walk.keyset));
    return { ...page, items: page.items.map(viewOf) };
  }

  /** What is left out stays. @throws AppError as `create` */
  async update(ref: string, input: PatchScheduleInput): Promise<ScheduleView> {
    const schedule = await this.schedules.get(ref);
    const { clusters, ...patch } = input;
    const { cron, timeZone, paused, task } = { ...schedule, ...withoutUndefined(patch) };
    const times = new CronTimes(cron, timeZone);
    await this.demandValid(task);
    const ids = clusters === undefined ? schedule.clusterIds : await clusterSetOf(this.clusters, clusters);
    const isReplanned = cron !== schedule.cron || timeZone !== schedule.timeZone || paused !== schedule.paused;
    const nextAt = paused ? null : isReplanned ? nextOf(times) : schedule.nextAt;
    return viewOf(await this.schedules.update(schedule.id, { ...withoutUndefined(patch), clusterIds: ids, nextAt }));
  }

  /** @throws AppError `not_found`, `forbidden` */
  async remove(ref: string): Promise<ScheduleRecord> {
    const schedule = await this.schedules.get(ref);
    demandAllowed(schedule.task);
    await this.schedules.remove(schedule.id);
    return schedule;
  }

  /** Runs it at once, beside its times; it may be paused. @throws AppError `not_found`, `forbidden`, `queue.unavailable` */
  async runNow(ref: string): Promise<JobRunRecord> {
    const schedule = await this.schedules.get(ref);
    await this.demandValid(schedule.task);
    return this.start(schedule, this.schedules.asking(schedule.id, currentAccess().caller.subject));
  }

  /** The newest first. @throws AppError `not_found`, `cursor.invalid` */
  async runs(ref: string, input: ScheduleRunsInput): Promise<ScheduleRunPage> {
    const { id } = await this.schedules.get(ref);
    const walk = listWalk(this.cursors, ['scheduleRuns', id], SCHEDULE_RUN_ORDER, input);
    return walk.page(await this.schedules.runs(id, walk.keyset));
  }

  /**
   * Starts what is due, once each, however many workers ask. What was missed while none ran is made up for by one run.
   * Gives how many were started.
   */
  runDue(now: Date): Promise<number> {
    return runAsSystem('schedules', async () => {
      const due = await this.schedules.due();
      // One after the other, and one that cannot be started holds up none of the others.
      let started = 0;
      for (const schedule of due) {
        try {
          if (await this.runOne(schedule, now)) started += 1;
        } catch (error) {
          this.log.warn('scheduled work could not be started', { schedule: schedule.name, error });
        }
      }
      return started;
    });
  }

  /** Tells channels what runs came to, once each. */
  tellResults(): Promise<void> {
    return runAsSystem('schedules', async () => {
      for (const untold of await this.schedules.untold()) {
        await this.schedules.telling(untold.schedule.id, untold.run, async (client) => {
          for (const notice of scheduleResults(untold)) await this.deliveries.add(client, notice);
        });
      }
    });
  }

  private async runOne(schedule: ScheduleRecord, now: Date): Promise<boolean> {
    const { id, nextAt: dueAt } = schedule;
    const times = new CronTimes(schedule.cron, schedule.timeZone);
    if (dueAt !== null) return this.startOnce(schedule, dueAt, times.next(dueAt, now));
    await this.schedules.plan(id, times.next(now, now).nextAt);
    return false;
  }

  private async startOnce(
    schedule: ScheduleRecord,
    dueAt: Date,
    { nextAt, missed }: { readonly nextAt: Date; readonly missed: number },
  ): Promise<boolean> {
    try {
      await this.start(schedule, this.schedules.taking(schedule.id, dueAt, nextAt, missed));
      return true;
    } catch (error) {
      if (isAppError(error, 'conflict')) return false;
      throw error;
    }
  }

  private async start(schedule: ScheduleRecord, also: FlowWork): Promise<JobRunRecord> {
    const { task } = schedule;
    if (task.type === 'retention') return this.jobs.startFlow('retention.run', [{ input: {}, clusterId: null }], also);
    const chosen = schedule.clusterIds === null ? null : new Set(schedule.clusterIds);
    const ids = (await this.clusters.all()).map(({ id }) => id).filter((id) => chosen?.has(id) ?? true);
    const parts = <T extends object>(input: T) =>
      ids.map((clusterId) => ({ input: { ...input, clusterId }, clusterId }));
    switch (task.type) {
      case 'audit':
        return this.jobs.startFlow('audit.run', parts(task.checks === undefined ? {} : { checks: task.checks }), also);
      case 'report': {
        const { formats, framework } = task;
        return this.jobs.startFlow('report.make', parts({ formats, framework }), also);
      }
      case 'runbook':
        return this.jobs.startFlow('runbook.run', parts({ runbook: task.runbook, inputs: task.inputs }), also);
    }
  }

  /** @throws AppError `request.invalid`, `question.invalid`, `not_found`, `forbidden` */
  private async demandValid(task: ScheduleTask): Promise<void> {
    demandAllowed(task);
    switch (task.type) {
      case 'audit':
        await this.catalogue.chosen(task.checks);
        return;
      case 'report':
        demandFramework(task.framework);
        return;
      case 'runbook':
        parseRunbookInputs(await this.shelf.get(task.runbook), task.inputs);
        return;
      case 'retention':
        return;
    }
  }
}

/** Retention is about every cluster, whoever may schedule for some. @throws AppError `forbidden` */
function demandAllowed({ type }: ScheduleTask): void {
  if (type !== 'retention' || accessFor(currentAccess().caller, 'retention.run')?.seesEverything === true) return;
  throw new AppError('forbidden', 'retention is about every cluster, it takes an admin of all of them');
}

function viewOf(schedule: ScheduleRecord): ScheduleView {
  const times = new CronTimes(schedule.cron, schedule.timeZone);
  const now = new Date();
  // A time that has come and is not started yet is the first.
  const waiting = schedule.nextAt !== null && schedule.nextAt <= now ? [schedule.nextAt] : [];
  const first = waiting.map((at) => ({ at, local: times.localText(at) }));
  const next = schedule.paused ? [] : [...first, ...planned(times, now, SHOWN_TIMES)].slice(0, SHOWN_TIMES);
  return { ...schedule, next };
}

function planned(times: CronTimes, after: Date, count: number): PlannedTime[] {
  return times.after(after, count).map((at) => ({ at, local: times.localText(at) }));
}

function nextOf(times: CronTimes): Date | null {
  return times.after(new Date(), 1)[0] ?? null;
}

function withoutUndefined<T extends object>(patch: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(patch).filter(([, value]) => value !== undefined)) as never;
}
