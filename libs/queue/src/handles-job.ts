import { SetMetadata } from '@nestjs/common';
import { JOB_NAMES, type JobName } from '#contracts';
import { AppError } from '#contracts';
import type { JobHandler, JobHandlers } from './job-queue.js';

const HANDLES_JOB = 'atlas:handles-job';

/** A handler as Nest's discovery service shows it: the class and its one instance. */
export interface DiscoveredProvider {
  readonly metatype: unknown;
  readonly instance: unknown;
}

/** Marks a provider as the one that does the job `name`. Its class implements `JobHandler`. */
export function HandlesJob(name: JobName): ClassDecorator {
  return SetMetadata(HANDLES_JOB, name);
}

function handledJob(metatype: unknown): JobName | undefined {
  return typeof metatype === 'function'
    ? (Reflect.getMetadata(HANDLES_JOB, metatype) as JobName | undefined)
    : undefined;
}

/**
 * The handler of every job there is, found among `providers`.
 * Throws `startup.failed` that names each job without a handler and each with more than one.
 */
export function collectHandlers(providers: Iterable<DiscoveredProvider>): JobHandlers {
  const found = new Map<JobName, Map<unknown, unknown>>();
  for (const { metatype, instance } of providers) {
    const name = handledJob(metatype);
    if (name === undefined || instance === undefined || instance === null) continue;
    // A class that two modules provide is still one handler.
    found.set(name, (found.get(name) ?? new Map<unknown, unknown>()).set(metatype, instance));
  }
  const problems = JOB_NAMES.flatMap((name) => {
    const count = found.get(name)?.size ?? 0;
    if (count === 1) return [];
    return [count === 0 ? `job \`${name}\` has no handler` : `job \`${name}\` has ${String(count)} handlers`];
  });
  if (problems.length > 0) throw new AppError('startup.failed', problems.join('; '));
  const entries = JOB_NAMES.map((name) => [name, [...(found.get(name)?.values() ?? [])][0] as JobHandler]);
  return Object.fromEntries(entries) as JobHandlers;
}
