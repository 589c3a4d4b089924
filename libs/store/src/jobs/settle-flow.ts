import type pg from 'pg';

/**
 * Counts parts of a flow that have ended, and ends the flow when none is left open. Call it in the transaction that
 * ended them.
 */
export async function settleFlow(client: pg.PoolClient, flowId: string, ended: number): Promise<void> {
  // INVARIANT: the flow's row is locked before its parts are counted, so the last of several to end sees the others.
  const counted = await client.query<{ isOver: boolean }>(
    `WITH run AS (UPDATE job_run SET done = LEAST(done + $2, total), last_event = last_event + 1
         WHERE id = $1 AND state = 'running' RETURNING id, last_event, done, total, phase),
     event AS (
       INSERT INTO job_event (job_id, seq, event, data)
         SELECT id, last_event, 'progress', jsonb_build_object('done', done, 'total', total, 'phase', phase) FROM run)
     SELECT done = total AS "isOver" FROM run`,
    [flowId, ended],
  );
  if (counted.rows[0]?.isOver !== true) return;
  await client.query(
    `WITH parts AS (
       SELECT count(*) AS total, count(*) FILTER (WHERE state IN ('queued', 'running')) AS open,
           count(*) FILTER (WHERE state = 'failed') AS failed, count(*) FILTER (WHERE state = 'cancelled') AS cancelled
         FROM job_run WHERE parent_id = $1),
     outcome AS (
       SELECT CASE WHEN failed > 0 THEN 'failed' WHEN cancelled > 0 THEN 'cancelled' ELSE 'succeeded' END AS state,
           CASE WHEN failed > 0 THEN jsonb_build_object('code', 'job.part_failed', 'message',
             failed || ' of ' || total || ' parts failed, see them at /api/v1/jobs?parent=' || $1 || '&state=failed') END AS error
         FROM parts WHERE open = 0),
     run AS (
       UPDATE job_run SET state = outcome.state, error = outcome.error, result = '/api/v1/jobs?parent=' || id,
           finished_at = now(), last_event = last_event + 1
         FROM outcome WHERE id = $1 RETURNING id, last_event, job_run.state, job_run.error, job_run.result)
     INSERT INTO job_event (job_id, seq, event, data)
       SELECT id, last_event, CASE WHEN state = 'succeeded' THEN 'done' ELSE 'failed' END,
           jsonb_strip_nulls(jsonb_build_object('state', state, 'error', error, 'result', result)) FROM run`,
    [flowId],
  );
}

/**
 * Ends flows that run and have no part left to end them, as when a cluster goes while a flow with a part for it is added.
 * Call it after whatever locks parts.
 */
export async function settleForsakenFlows(client: pg.PoolClient): Promise<void> {
  const { rows } = await client.query<{ id: string; total: number }>(
    `SELECT id, total FROM job_run flow WHERE is_flow AND state = 'running' AND NOT EXISTS (
         SELECT 1 FROM job_run part WHERE part.parent_id = flow.id AND part.state IN ('queued', 'running'))
       FOR UPDATE SKIP LOCKED`,
  );
  for (const { id, total } of rows) await settleFlow(client, id, total);
}

/** Deletes the jobs of a cluster that is about to go. Those that were open parts of a flow count as ended. */
export async function removeJobsOf(client: pg.PoolClient, clusterId: string): Promise<void> {
  const { rows } = await client.query<{ flowId: string; ended: number }>(
    `WITH gone AS (DELETE FROM job_run WHERE cluster_id = $1 RETURNING parent_id, state)
     SELECT parent_id AS "flowId", count(*)::int AS ended FROM gone
       WHERE parent_id IS NOT NULL AND state IN ('queued', 'running') GROUP BY parent_id ORDER BY parent_id`,
    [clusterId],
  );
  for (const { flowId, ended } of rows) await settleFlow(client, flowId, ended);
}
