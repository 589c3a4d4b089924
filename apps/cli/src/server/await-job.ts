import { setTimeout as sleep } from 'node:timers/promises';

import { CliError } from '../cli-error.js';
import { EXIT } from '../exit-code.js';
import type { ServerClient } from './server-client.js';

const POLL_MS = 300;
/** A job that shows no progress for so long is not worked on. */
const LONGEST_STILL_MS = 600_000;

interface RemoteJob {
  readonly id: string;
  readonly state: string;
  readonly progress: { readonly done: number; readonly total: number };
  readonly error: { readonly message: string } | null;
}

/**
 * Starts a job by `POST path` and waits until it has ended well, as long as it moves. `what` names it; `hear` is told how
 * far it is.
 */
export async function awaitJob(
  client: ServerClient,
  { path, body, what }: { readonly path: string; readonly body: object; readonly what: string },
  hear: (progress: RemoteJob['progress']) => void = () => undefined,
): Promise<RemoteJob> {
  let job = (await client.post(path, body)) as RemoteJob;
  let movedAt = Date.now();
  while (job.state === 'queued' || job.state === 'running') {
    if (Date.now() - movedAt > LONGEST_STILL_MS)
      throw new CliError(EXIT.unreachable, `job \`${job.id}\` does not move, is a worker running?`);
    hear(job.progress);
    await sleep(POLL_MS);
    const next = (await client.get(`jobs/${job.id}`)) as RemoteJob;
    if (stageOf(next) !== stageOf(job)) movedAt = Date.now();
    job = next;
  }
  if (job.state === 'succeeded') return job;
  throw new CliError(EXIT.undetermined, `${what} ${job.state}: ${job.error?.message ?? 'no reason was given'}`);
}

function stageOf({ state, progress: { done, total } }: RemoteJob): string {
  return `${state} ${done}/${total}`;
}
