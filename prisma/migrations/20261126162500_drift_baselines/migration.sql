-- What a cluster is declared to be: the state that its drift is told against.
--
-- Locking: creates a table; takes no lock on anything that is in use but a moment's on `cluster` and `snapshot` for the references.
-- Size: an empty table, one row for each cluster that has a baseline; its manifests are at most 2 MiB.

CREATE TABLE "drift_baseline" (
  "cluster_id" UUID NOT NULL,
  "name" TEXT NOT NULL,
  "seq" INTEGER,
  "manifests" TEXT,
  "encoding" TEXT NOT NULL,
  "requester" TEXT NOT NULL,
  "set_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  CONSTRAINT "drift_baseline_pkey" PRIMARY KEY ("cluster_id"),
  CONSTRAINT "drift_baseline_cluster_id_fkey" FOREIGN KEY ("cluster_id") REFERENCES "cluster" ("id")
    ON DELETE CASCADE ON UPDATE CASCADE,
  CONSTRAINT "drift_baseline_cluster_id_seq_fkey" FOREIGN KEY ("cluster_id", "seq")
    REFERENCES "snapshot" ("cluster_id", "seq") ON DELETE CASCADE ON UPDATE CASCADE
);
