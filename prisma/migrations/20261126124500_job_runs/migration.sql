-- Jobs as rows, and what they tell while they run.
--
-- Locking: creates tables, a function and a trigger only; the foreign key takes a short lock on `cluster`.
-- Size: a row for each job within the retention time, a few hundred a day and cluster at most; about ten events each.

CREATE TABLE "job_run" (
  "id" UUID NOT NULL DEFAULT gen_random_uuid(),
  "name" TEXT COLLATE "C" NOT NULL,
  "cluster_id" UUID,
  "parent_id" UUID,
  "is_flow" BOOLEAN NOT NULL DEFAULT false,
  "input" JSONB NOT NULL,
  "requester" TEXT NOT NULL DEFAULT '',
  "state" TEXT NOT NULL DEFAULT 'queued',
  "waiting_key" TEXT COLLATE "C",
  "attempts" INTEGER NOT NULL DEFAULT 0,
  "losses" INTEGER NOT NULL DEFAULT 0,
  "done" INTEGER NOT NULL DEFAULT 0,
  "total" INTEGER NOT NULL DEFAULT 0,
  "phase" TEXT NOT NULL DEFAULT '',
  "result" TEXT,
  "error" JSONB,
  "lease" UUID,
  "lease_until" TIMESTAMPTZ(3),
  "cancel_requested" BOOLEAN NOT NULL DEFAULT false,
  "last_event" INTEGER NOT NULL DEFAULT 0,
  "queued_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  "delivered_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  "started_at" TIMESTAMPTZ(3),
  "finished_at" TIMESTAMPTZ(3),
  CONSTRAINT "job_run_pkey" PRIMARY KEY ("id"),
  CONSTRAINT "job_run_state_known" CHECK ("state" IN ('queued', 'running', 'succeeded', 'failed', 'cancelled')),
  CONSTRAINT "job_run_waiting_is_queued" CHECK ("waiting_key" IS NULL OR "state" = 'queued'),
  CONSTRAINT "job_run_cluster_id_fkey" FOREIGN KEY ("cluster_id") REFERENCES "cluster" ("id")
    ON DELETE CASCADE ON UPDATE CASCADE,
  CONSTRAINT "job_run_parent_id_fkey" FOREIGN KEY ("parent_id") REFERENCES "job_run" ("id")
    ON DELETE CASCADE ON UPDATE CASCADE
);
CREATE UNIQUE INDEX "job_run_waiting_key_key" ON "job_run" ("waiting_key");
CREATE INDEX "job_run_queued_at_id_idx" ON "job_run" ("queued_at", "id");
CREATE INDEX "job_run_state_lease_until_idx" ON "job_run" ("state", "lease_until");
CREATE INDEX "job_run_cluster_id_queued_at_idx" ON "job_run" ("cluster_id", "queued_at");
CREATE INDEX "job_run_parent_id_state_idx" ON "job_run" ("parent_id", "state");

CREATE TABLE "job_event" (
  "job_id" UUID NOT NULL,
  "seq" INTEGER NOT NULL,
  "event" TEXT COLLATE "C" NOT NULL,
  "data" JSONB NOT NULL,
  "at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  CONSTRAINT "job_event_pkey" PRIMARY KEY ("job_id", "seq"),
  CONSTRAINT "job_event_known" CHECK ("event" IN ('progress', 'finding', 'done', 'failed')),
  CONSTRAINT "job_event_job_id_fkey" FOREIGN KEY ("job_id") REFERENCES "job_run" ("id")
    ON DELETE CASCADE ON UPDATE CASCADE
);

-- Announces a job that has moved, not each renewal of its lease. The payload is its id; who listens reads the row.
CREATE FUNCTION "atlas_announce_job"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_notify('atlas_job', NEW.id::text);
  RETURN NULL;
END
$$;
CREATE TRIGGER "job_run_announce" AFTER UPDATE ON "job_run" FOR EACH ROW
  WHEN (OLD.state IS DISTINCT FROM NEW.state OR OLD.last_event IS DISTINCT FROM NEW.last_event
    OR OLD.cancel_requested IS DISTINCT FROM NEW.cancel_requested)
  EXECUTE FUNCTION "atlas_announce_job"();
