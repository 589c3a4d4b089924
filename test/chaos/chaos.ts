import { setTimeout as sleep } from 'node:timers/promises';

import { systemAccess } from '#access';
import { Secret } from '#config';
import { SNAPSHOT_CHANNEL } from '#contracts';
import { ClusterRepository, Database, SnapshotRepository } from '#store';

import { seeded } from '../support/seeded.js';
import { ChaosCluster } from './chaos-cluster.js';
import { ChaosProcesses, SECRET_KEY, VICTIMS, type Victim } from './chaos-processes.js';

export interface ChaosOptions {
  readonly kills: number;
  readonly seed: number;
  readonly say: (line: string) => void;
}

export interface ChaosOutcome {
  readonly kills: Readonly<Record<Victim, number>>;
  readonly snapshots: number;
  readonly changes: number;
  /** What does not hold; empty when all is well. */
  readonly faults: readonly string[];
}

const CLUSTERS = 3;
const CHANGE_MS = 40;
/** Half of the kills come when something was stored since the last one, and then some; the others within a start. */
const PAUSE_MS = 1_500;
const PROGRESS_MS = 6_000;
const SETTLE_MS = 120_000;

/** Kills processes of the service at random points while clusters change, then holds what is stored against the truth. */
export async function runChaos({ kills, seed, say }: ChaosOptions): Promise<ChaosOutcome> {
  say(`chaos: seed ${seed}, ${kills} kills`);
  const random = seeded(seed);
  const processes = await ChaosProcesses.start();
  const database = new Database({ url: processes.databaseUrl });
  const clusters = await Promise.all(
    Array.from({ length: CLUSTERS }, (_, index) => ChaosCluster.start(`c${index}`, random)),
  );
  const announced = new Announcements(database);
  try {
    const rows = new ClusterRepository(database, new Secret(SECRET_KEY), () => systemAccess('test'));
    const source = { type: 'kubeconfig', path: null, inline: true, context: null } as const;
    for (const cluster of clusters) {
      const credentials = cluster.server.kubeconfig();
      cluster.id = (await rows.create({ name: cluster.name, source, credentials })).id;
    }
    await announced.listen();
    let changes = 0;
    const changing = setInterval(() => {
      clusters[Math.floor(random() * clusters.length)]?.change();
      changes += 1;
    }, CHANGE_MS);
    const count = Object.fromEntries(VICTIMS.map((victim) => [victim, 0])) as Record<Victim, number>;
    for (let kill = 0; kill < kills; kill++) {
      if (random() < 0.5) await announced.next(PROGRESS_MS);
      await sleep(random() ** 2 * PAUSE_MS);
      if (random() < 0.2) askForRead(processes.apiUrl, clusters[kill % clusters.length]);
      const victim = VICTIMS[Math.floor(random() * VICTIMS.length)] ?? 'sync-1';
      await processes.kill(victim);
      processes.revive();
      count[victim] += 1;
      if ((kill + 1) % 25 === 0) say(`chaos: ${kill + 1} kills, ${changes} changes`);
    }
    clearInterval(changing);
    const faults = await settle(processes, clusters, database);
    faults.push(...announced.faults, ...(await revisionFaults(database)));
    const history = await historyFaults(clusters, database);
    faults.push(...history.faults);
    const outcome = { kills: count, snapshots: history.snapshots, changes, faults };
    say(
      `chaos: ${kills} kills (${Object.entries(count)
        .map((entry) => entry.join(' '))
        .join(', ')}), ${changes} changes, ` +
        `${history.snapshots} snapshots, ${announced.count} announcements: ${faults.length === 0 ? 'all holds' : `${faults.length} faults`}`,
    );
    for (const fault of faults.slice(0, 20)) say(`chaos: FAULT ${fault}`);
    return outcome;
  } finally {
    await announced.close();
    await database.close();
    await processes.stop();
    await Promise.all(clusters.map((cluster) => cluster.server.stop()));
  }
}

/** Snapshots that were announced, each looked up at that moment. */
class Announcements {
  count = 0;
  readonly faults: string[] = [];
  private unlisten: () => Promise<void> = () => Promise.resolve();

  constructor(private readonly database: Database) {}

  async listen(): Promise<void> {
    this.unlisten = await this.database.listen(SNAPSHOT_CHANNEL, (payload) => void this.look(payload));
  }

  /** Waits for one more announcement, but not for ever. */
  async next(limitMs: number): Promise<void> {
    const [before, end] = [this.count, Date.now() + limitMs];
    while (this.count === before && Date.now() < end) await sleep(20);
  }

  close(): Promise<void> {
    return this.unlisten().catch(() => undefined);
  }

  private async look(payload: string): Promise<void> {
    this.count += 1;
    const [id, seq] = payload.split(':');
    try {
      const found = await this.database.query('SELECT 1 FROM snapshot WHERE cluster_id = $1 AND seq = $2', [id, seq]);
      if (found.rowCount !== 1) this.faults.push(`${payload} was announced before it was there`);
    } catch {
      // The database was killed in between: nothing can be said.
    }
  }
}

/** Gives the queue and the worker something to do; whether it is taken does not matter here. */
function askForRead(apiUrl: string | null, cluster: ChaosCluster | undefined): void {
  if (apiUrl === null || !cluster) return;
  fetch(`${apiUrl}/api/v1/clusters/${cluster.name}/resync`, { method: 'POST' }).then(
    (answer) => answer.text(),
    () => undefined,
  );
}

/** Waits until everything runs again and what is stored is what there is. */
async function settle(
  processes: ChaosProcesses,
  clusters: readonly ChaosCluster[],
  database: Database,
): Promise<string[]> {
  const end = Date.now() + SETTLE_MS;
  let faults: string[] = [];
  while (Date.now() < end) {
    processes.revive();
    faults = await differences(processes, clusters, database).catch((error: unknown) => [String(error)]);
    if (faults.length === 0) return [];
    await sleep(500);
  }
  return [
    ...faults,
    `sync-1: ${processes.logOf('sync-1').slice(-500)}`,
    `sync-2: ${processes.logOf('sync-2').slice(-500)}`,
  ];
}

async function differences(
  processes: ChaosProcesses,
  clusters: readonly ChaosCluster[],
  database: Database,
): Promise<string[]> {
  const faults: string[] = [];
  const snapshots = new SnapshotRepository(database);
  for (const cluster of clusters) {
    const latest = await snapshots.latest(cluster.id);
    const facts = latest === null ? [] : await snapshots.loadFacts(cluster.id, latest.seq);
    const stored = facts
      .filter(({ meta }) => meta.namespace === 'shop')
      .map(({ meta }) => `${meta.kind} ${meta.name} ${meta.labels['turn'] ?? ''}`)
      .sort();
    const truth = cluster.truth();
    if (JSON.stringify(stored) !== JSON.stringify(truth)) {
      faults.push(`${cluster.name} is stored as ${stored.join()}, it is ${truth.join()}`);
    }
  }
  const { apiUrl } = processes;
  const ready = apiUrl !== null && (await fetch(`${apiUrl}/readyz`)).ok;
  if (!ready) faults.push('the API is not ready');
  return faults;
}

/** Revisions of one object: no two at a time, none the same as the one before it; snapshots without gaps, in order of time. */
async function revisionFaults(database: Database): Promise<string[]> {
  const found = await database.query<{ fault: string }>(`
    WITH ordered AS (
      SELECT *, lag(valid_to_seq) OVER one AS before_to, lag(hash) OVER one AS before_hash FROM object_revision
      WINDOW one AS (PARTITION BY cluster_id, kind, namespace, name ORDER BY valid_from_seq))
    SELECT kind || ' ' || name || ' has two revisions at ' || valid_from_seq AS fault
      FROM ordered WHERE before_to > valid_from_seq
    UNION ALL
    SELECT kind || ' ' || name || ' was stored twice at ' || valid_from_seq
      FROM ordered WHERE before_to = valid_from_seq AND before_hash = hash
    UNION ALL
    SELECT 'snapshot ' || seq || ' of ' || cluster_id || ' is earlier than the one before'
      FROM (SELECT *, lag(taken_at) OVER one AS taken_before, lag(stored_at) OVER one AS stored_before FROM snapshot
            WINDOW one AS (PARTITION BY cluster_id ORDER BY seq)) s
     WHERE taken_at < taken_before OR stored_at < stored_before
    UNION ALL
    SELECT 'snapshots of ' || cluster_id || ' have gaps' FROM snapshot GROUP BY cluster_id HAVING max(seq) <> count(*)`);
  return found.rows.map(({ fault }) => fault);
}

/** Every snapshot that calls its pods complete must hold a state that the pods were once in, in the order of time. */
async function historyFaults(
  clusters: readonly ChaosCluster[],
  database: Database,
): Promise<{ faults: string[]; snapshots: number }> {
  const faults: string[] = [];
  let count = 0;
  for (const cluster of clusters) {
    const { rows } = await database.query<{ seq: number; pods: Record<string, string> | null }>(
      `SELECT s.seq, json_object_agg(r.name, r.fact #>> '{meta,labels,turn}') FILTER (WHERE r.name IS NOT NULL) AS pods
         FROM snapshot s
         LEFT JOIN object_revision r ON r.cluster_id = s.cluster_id AND r.kind = 'Pod'
          AND r.valid_from_seq <= s.seq AND r.valid_to_seq > s.seq
        WHERE s.cluster_id = $1 AND s.completeness #>> '{Pod,complete}' = 'true'
        GROUP BY s.seq ORDER BY s.seq`,
      [cluster.id],
    );
    count += rows.length;
    let reached = 0;
    for (const { seq, pods } of rows) {
      const state = new Map(Object.entries(pods ?? {}).map(([name, turn]) => [name, Number(turn)]));
      const found = cluster.stateFrom(reached, state);
      if (found < 0)
        faults.push(`snapshot ${seq} of ${cluster.name} holds pods that were not together after those before`);
      else reached = found;
    }
  }
  return { faults, snapshots: count };
}
