-- Channels that are told of things, what each was told, and which runs of schedules were told already.
--
-- Locking: creates tables; adding the column with a constant default takes a short lock on `schedule_run`.
-- Size: tens of channels; a row of about 1 kB for each thing told to each, within the retention time.

CREATE TABLE "channel" (
  "id" UUID NOT NULL DEFAULT gen_random_uuid(),
  "name" TEXT COLLATE "C" NOT NULL,
  "type" TEXT COLLATE "C" NOT NULL,
  "outline" TEXT NOT NULL,
  "sealed" BYTEA NOT NULL,
  "events" TEXT[] COLLATE "C",
  "cluster_ids" UUID[],
  "paused" BOOLEAN NOT NULL DEFAULT false,
  "requester" TEXT NOT NULL DEFAULT '',
  "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  CONSTRAINT "channel_pkey" PRIMARY KEY ("id")
);
CREATE UNIQUE INDEX "channel_name_key" ON "channel" ("name");

CREATE TABLE "delivery" (
  "id" UUID NOT NULL DEFAULT gen_random_uuid(),
  "channel_id" UUID NOT NULL,
  "event" TEXT COLLATE "C" NOT NULL,
  "event_key" TEXT COLLATE "C" NOT NULL,
  "cluster_id" UUID,
  "notice" JSON NOT NULL,
  "state" TEXT COLLATE "C" NOT NULL DEFAULT 'queued',
  "attempts" INTEGER NOT NULL DEFAULT 0,
  "last_error" TEXT NOT NULL DEFAULT '',
  "next_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  "lease_until" TIMESTAMPTZ(3),
  "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  "ended_at" TIMESTAMPTZ(3),
  CONSTRAINT "delivery_pkey" PRIMARY KEY ("id"),
  CONSTRAINT "delivery_state_known" CHECK ("state" IN ('queued', 'sent', 'dead')),
  CONSTRAINT "delivery_channel_id_fkey" FOREIGN KEY ("channel_id") REFERENCES "channel" ("id")
    ON DELETE CASCADE ON UPDATE CASCADE,
  CONSTRAINT "delivery_cluster_id_fkey" FOREIGN KEY ("cluster_id") REFERENCES "cluster" ("id")
    ON DELETE CASCADE ON UPDATE CASCADE
);
CREATE UNIQUE INDEX "delivery_channel_id_event_key_key" ON "delivery" ("channel_id", "event_key");
CREATE INDEX "delivery_state_next_at_idx" ON "delivery" ("state", "next_at");
CREATE INDEX "delivery_created_at_id_idx" ON "delivery" ("created_at", "id");

ALTER TABLE "schedule_run" ADD COLUMN "told" BOOLEAN NOT NULL DEFAULT false;
-- For the look, each second, at what nobody was told yet.
CREATE INDEX "schedule_run_told_idx" ON "schedule_run" ("told");
