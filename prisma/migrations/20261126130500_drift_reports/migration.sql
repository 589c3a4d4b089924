-- Reports on what changed from snapshot to snapshot, for the timeline of a cluster.
--
-- Locking: creates a table; takes no lock on anything that is in use but a moment's on `cluster` for the reference.
-- Size: an empty table. One row for each stretch of snapshots that was compared, a few kB each; it goes with the
-- snapshots that it is about.

CREATE TABLE "drift_report" (
  "cluster_id" UUID NOT NULL,
  "to_seq" INTEGER NOT NULL,
  "from_seq" INTEGER NOT NULL,
  "from_taken_at" TIMESTAMPTZ(3) NOT NULL,
  "to_taken_at" TIMESTAMPTZ(3) NOT NULL,
  "computed_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  "engine_version" TEXT NOT NULL,
  "report" JSON NOT NULL,
  "tally" JSON NOT NULL,
  CONSTRAINT "drift_report_pkey" PRIMARY KEY ("cluster_id", "to_seq"),
  CONSTRAINT "drift_report_order" CHECK ("from_seq" < "to_seq"),
  CONSTRAINT "drift_report_cluster_id_fkey" FOREIGN KEY ("cluster_id") REFERENCES "cluster" ("id")
    ON DELETE CASCADE ON UPDATE CASCADE
);
