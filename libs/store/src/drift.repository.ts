import { DRIFT_CHANNEL } from '#contracts';
import type { Fact } from '#engine';
import type { Database } from './database.js';
import { factFromText } from './fact-json.js';

/** An object of which two snapshots of a cluster have other contents, and when it came to the later one. */
export interface ChangedObject {
  /** null where the snapshot does not have it. */
  readonly before: Fact | null;
  readonly after: Fact | null;
  /** The snapshot in which the object became what the later state has. */
  readonly seq: number;
  readonly takenAt: Date;
}

/** A stretch of snapshots that was compared. */
export interface DriftStretch {
  readonly clusterId: string;
  readonly fromSeq: number;
  readonly toSeq: number;
  readonly fromTakenAt: Date;
  readonly toTakenAt: Date;
  readonly engineVersion: string;
}

/** A stored report. `report` and `tally` are what was given to `save`. */
export interface DriftReportRecord extends DriftStretch {
  readonly computedAt: Date;
  readonly report: unknown;
}

export interface DriftTallyRecord extends DriftStretch {
  readonly computedAt: Date;
  readonly tally: unknown;
}

/** One content of an object, and the snapshots it holds for: `from` included, `to` not. */
export interface FactRevision {
  readonly fact: Fact;
  readonly from: number;
  readonly to: number;
}

interface ChangedRow {
  readonly before: string | null;
  readonly after: string | null;
  readonly seq: number;
  readonly takenAt: Date;
}

const STRETCH = `cluster_id AS "clusterId", from_seq AS "fromSeq", to_seq AS "toSeq", from_taken_at AS "fromTakenAt",
  to_taken_at AS "toTakenAt", engine_version AS "engineVersion", computed_at AS "computedAt"`;
const SAME_OBJECT = 'o.cluster_id = r.cluster_id AND o.kind = r.kind AND o.namespace = r.namespace AND o.name = r.name';

/** What snapshots differ in, and the reports on it. */
export class DriftRepository {
  constructor(private readonly database: Database) {}

  /** The objects that differ between two snapshots of a cluster, the earlier first. Both must be kept. */
  async changedObjects(clusterId: string, fromSeq: number, toSeq: number): Promise<ChangedObject[]> {
    const found = await this.database.query<ChangedRow>(
      `SELECT c.before, c.after, c.seq, s.taken_at AS "takenAt" FROM (
         SELECT o.fact::text AS before, r.fact::text AS after, r.valid_from_seq AS seq
           FROM object_revision r
           LEFT JOIN object_revision o ON ${SAME_OBJECT} AND o.valid_from_seq <= $2 AND o.valid_to_seq > $2
          WHERE r.cluster_id = $1 AND r.valid_from_seq > $2 AND r.valid_from_seq <= $3 AND r.valid_to_seq > $3
            AND r.hash IS DISTINCT FROM o.hash
         UNION ALL
         SELECT r.fact::text AS before, NULL AS after, r.valid_to_seq AS seq
           FROM object_revision r
          WHERE r.cluster_id = $1 AND r.valid_from_seq <= $2 AND r.valid_to_seq > $2 AND r.valid_to_seq <= $3
            AND NOT EXISTS (
              SELECT 1 FROM object_revision o WHERE ${SAME_OBJECT} AND o.valid_from_seq <= $3 AND o.valid_to_seq > $3)
       ) c JOIN LATERAL (
         SELECT taken_at FROM snapshot WHERE cluster_id = $1 AND seq >= c.seq ORDER BY seq LIMIT 1
       ) s ON true`,
      [clusterId, fromSeq, toSeq],
    );
    return found.rows.map(({ before, after, seq, takenAt }) => ({
      before: before === null ? null : factFromText(before),
      after: after === null ? null : factFromText(after),
      seq,
      takenAt,
    }));
  }

  /**
   * Every content, from snapshot `fromSeq` to `toSeq`, of the objects that are not pods or endpoint slices, and of the
   * pods in these namespaces and of those that a DaemonSet made.
   */
  async revisions(
    clusterId: string,
    fromSeq: number,
    toSeq: number,
    namespaces: readonly string[],
  ): Promise<FactRevision[]> {
    const found = await this.database.query<{ fact: string; from: number; to: number }>(
      `SELECT fact::text AS fact, valid_from_seq AS "from", valid_to_seq AS "to" FROM object_revision
        WHERE cluster_id = $1 AND valid_from_seq <= $3 AND valid_to_seq > $2
          AND (kind NOT IN ('Pod', 'EndpointSlice.discovery.k8s.io') OR namespace = ANY($4::text[])
               OR (kind = 'Pod' AND fact #>> '{meta,owner,kind}' = 'DaemonSet'))`,
      [clusterId, fromSeq, toSeq, [...namespaces]],
    );
    return found.rows.map(({ fact, from, to }) => ({ fact: factFromText(fact), from, to }));
  }

  /** Keeps a report and announces it on channel `atlas_drift` as `clusterId:toSeq`; one that is there stays. */
  async save(stretch: DriftStretch, report: unknown, tally: unknown): Promise<boolean> {
    const { clusterId, fromSeq, toSeq, fromTakenAt, toTakenAt, engineVersion } = stretch;
    return this.database.transaction(async (client) => {
      const written = await client.query(
        `INSERT INTO drift_report
           (cluster_id, from_seq, to_seq, from_taken_at, to_taken_at, engine_version, report, tally)
         SELECT $1, $2, $3, $4, $5, $6, $7, $8 WHERE EXISTS (SELECT 1 FROM cluster WHERE id = $1)
         ON CONFLICT (cluster_id, to_seq) DO NOTHING`,
        [
          clusterId,
          fromSeq,
          toSeq,
          fromTakenAt,
          toTakenAt,
          engineVersion,
          JSON.stringify(report),
          JSON.stringify(tally),
        ],
      );
      const isNew = (written.rowCount ?? 0) > 0;
      if (isNew) await client.query('SELECT pg_notify($1, $2)', [DRIFT_CHANNEL, `${clusterId}:${String(toSeq)}`]);
      return isNew;
    });
  }

  /** The report on the stretch that ends with this snapshot, or null. */
  async endingWith(clusterId: string, toSeq: number): Promise<DriftReportRecord | null> {
    const found = await this.database.query<DriftReportRecord>(
      `SELECT ${STRETCH}, report FROM drift_report WHERE cluster_id = $1 AND to_seq = $2`,
      [clusterId, toSeq],
    );
    return found.rows[0] ?? null;
  }

  /** The number of the newest snapshot that a report ends with, or null. */
  async lastReported(clusterId: string): Promise<number | null> {
    const found = await this.database.query<{ seq: number | null }>(
      'SELECT max(to_seq) AS seq FROM drift_report WHERE cluster_id = $1',
      [clusterId],
    );
    return found.rows[0]?.seq ?? null;
  }

  /** Stretches of a cluster, newest first, those that end before `before`. */
  async list(clusterId: string, limit: number, before?: number): Promise<DriftTallyRecord[]> {
    const found = await this.database.query<DriftTallyRecord>(
      `SELECT ${STRETCH}, tally FROM drift_report
        WHERE cluster_id = $1 AND ($2::int IS NULL OR to_seq < $2) ORDER BY to_seq DESC LIMIT $3`,
      [clusterId, before ?? null, limit],
    );
    return found.rows;
  }

  /** Stretches that end behind `after`, oldest first: what somebody who saw that one has not seen. */
  async listAfter(clusterId: string, after: number, limit: number): Promise<DriftTallyRecord[]> {
    const found = await this.database.query<DriftTallyRecord>(
      `SELECT ${STRETCH}, tally FROM drift_report WHERE cluster_id = $1 AND to_seq > $2 ORDER BY to_seq LIMIT $3`,
      [clusterId, after, limit],
    );
    return found.rows;
  }

  /** Clusters whose newest snapshot no report ends with: ids. */
  async behind(): Promise<string[]> {
    const found = await this.database.query<{ id: string }>(
      `SELECT c.id FROM cluster c
         JOIN LATERAL (SELECT max(seq) AS newest, min(seq) AS oldest FROM snapshot WHERE cluster_id = c.id) s ON true
        WHERE s.newest > s.oldest
          AND s.newest > COALESCE((SELECT max(to_seq) FROM drift_report WHERE cluster_id = c.id), 0)
        ORDER BY c.id`,
    );
    return found.rows.map(({ id }) => id);
  }

  /** Deletes reports that begin before the oldest snapshot that is kept. Returns how many. */
  async prune(clusterId: string): Promise<number> {
    const deleted = await this.database.query(
      `DELETE FROM drift_report
        WHERE cluster_id = $1 AND from_seq < (SELECT min(seq) FROM snapshot WHERE cluster_id = $1)`,
      [clusterId],
    );
    return deleted.rowCount ?? 0;
  }
}
