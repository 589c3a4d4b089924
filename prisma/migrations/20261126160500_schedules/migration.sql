-- Work that comes round by a cron pattern, and each time that it did.
--
-- Locking: creates tables only; the foreign key takes a short lock on `job_run`.
-- Size: tens of schedules; a run for each time that one came round, within the retention time.

CREATE TABLE "schedule" (
  "id" UUID NOT NULL DEFAULT gen_random_uuid(),
  "name" TEXT COLLATE "C" NOT NULL,
  "cron" TEXT NOT NULL,
  "time_zone" TEXT NOT NULL,
  "task" JSONB NOT NULL,
  "cluster_ids" UUID[],
  "paused" BOOLEAN NOT NULL DEFAULT false,
  "next_at" TIMESTAMPTZ(3),
  "requester" TEXT NOT NULL DEFAULT '',
  "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  CONSTRAINT "schedule_pkey" PRIMARY KEY ("id")
);
CREATE UNIQUE INDEX "schedule_name_key" ON "schedule" ("name");
CREATE INDEX "schedule_next_at_idx" ON "schedule" ("next_at");

CREATE TABLE "schedule_run" (
  "schedule_id" UUID NOT NULL,
  "due_at" TIMESTAMPTZ(3) NOT NULL,
  "started_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  "missed" INTEGER NOT NULL DEFAULT 0,
  "requester" TEXT NOT NULL DEFAULT '',
  "job_id" UUID NOT NULL,
  CONSTRAINT "schedule_run_pkey" PRIMARY KEY ("schedule_id", "due_at"),
  CONSTRAINT "schedule_run_schedule_id_fkey" FOREIGN KEY ("schedule_id") REFERENCES "schedule" ("id")
    ON DELETE CASCADE ON UPDATE CASCADE,
  CONSTRAINT "schedule_run_job_id_fkey" FOREIGN KEY ("job_id") REFERENCES "job_run" ("id")
    ON DELETE CASCADE ON UPDATE CASCADE
);
CREATE INDEX "schedule_run_job_id_idx" ON "schedule_run" ("job_id");

-- Old snapshots go at night in most of Europe and America, off the full hour, when other clocks strike.
INSERT INTO "schedule" ("name", "cron", "time_zone", "task", "requester")
  VALUES ('retention', '17 3 * * *', 'UTC', '{"type": "retention"}', 'system:setup');
