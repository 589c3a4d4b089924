-- Metrics sources, runs of runbooks, and the alerts that led to them.
--
-- Locking: creates tables only; the foreign keys take a short lock on `cluster`.
-- Size: one metrics source a cluster; a run of about 10 kB for each question or alert, within the retention time.

CREATE TABLE "metrics_source" (
  "cluster_id" UUID NOT NULL,
  "url" TEXT NOT NULL,
  "tenant" TEXT,
  "timeout_ms" INTEGER NOT NULL,
  "sealed" BYTEA,
  "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  CONSTRAINT "metrics_source_pkey" PRIMARY KEY ("cluster_id"),
  CONSTRAINT "metrics_source_cluster_id_fkey" FOREIGN KEY ("cluster_id") REFERENCES "cluster" ("id")
    ON DELETE CASCADE ON UPDATE CASCADE
);

CREATE TABLE "runbook_run" (
  "cluster_id" UUID NOT NULL,
  "id" UUID NOT NULL DEFAULT gen_random_uuid(),
  "runbook" TEXT COLLATE "C" NOT NULL,
  "input" JSONB NOT NULL,
  "snapshot_seq" INTEGER NOT NULL,
  "result" TEXT COLLATE "C" NOT NULL,
  "answer" TEXT NOT NULL,
  "report" JSON NOT NULL,
  "ran_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  CONSTRAINT "runbook_run_pkey" PRIMARY KEY ("cluster_id", "id"),
  CONSTRAINT "runbook_run_result_known" CHECK ("result" IN ('cause-found', 'not-the-cause', 'undetermined')),
  CONSTRAINT "runbook_run_cluster_id_fkey" FOREIGN KEY ("cluster_id") REFERENCES "cluster" ("id")
    ON DELETE CASCADE ON UPDATE CASCADE
);
CREATE INDEX "runbook_run_cluster_id_ran_at_id_idx" ON "runbook_run" ("cluster_id", "ran_at", "id");

CREATE TABLE "alert" (
  "cluster_id" UUID NOT NULL,
  "fingerprint" TEXT COLLATE "C" NOT NULL,
  "starts_at" TIMESTAMPTZ(3) NOT NULL,
  "name" TEXT NOT NULL,
  "labels" JSONB NOT NULL,
  "status" TEXT COLLATE "C" NOT NULL,
  "ends_at" TIMESTAMPTZ(3),
  "runbook" TEXT COLLATE "C" NOT NULL,
  "deliveries" INTEGER NOT NULL DEFAULT 1,
  "job_id" UUID,
  "received_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  CONSTRAINT "alert_pkey" PRIMARY KEY ("cluster_id", "fingerprint", "starts_at"),
  CONSTRAINT "alert_status_known" CHECK ("status" IN ('firing', 'resolved')),
  CONSTRAINT "alert_cluster_id_fkey" FOREIGN KEY ("cluster_id") REFERENCES "cluster" ("id")
    ON DELETE CASCADE ON UPDATE CASCADE
);
CREATE INDEX "alert_cluster_id_received_at_idx" ON "alert" ("cluster_id", "received_at");
