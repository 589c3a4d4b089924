-- Reports that are kept, each in the forms it was asked for in.
--
-- Locking: creates tables only; the foreign keys take a short lock on `cluster`.
-- Size: tens of kilobytes to a few megabytes a form; a report for each time one was asked for or scheduled, within its
-- own retention time (REPORT_RETENTION_DAYS).

CREATE TABLE "kept_report" (
  "id" UUID NOT NULL,
  "cluster_id" UUID NOT NULL,
  "audit_id" UUID NOT NULL,
  "framework" TEXT,
  "seq" INTEGER NOT NULL,
  "taken_at" TIMESTAMPTZ(3) NOT NULL,
  "completeness" JSONB NOT NULL,
  "engine_version" TEXT NOT NULL,
  "score" INTEGER,
  "findings" JSON NOT NULL,
  "digest" TEXT NOT NULL,
  "signature" TEXT,
  "requester" TEXT NOT NULL DEFAULT '',
  "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  CONSTRAINT "kept_report_pkey" PRIMARY KEY ("cluster_id", "id"),
  CONSTRAINT "kept_report_cluster_id_fkey" FOREIGN KEY ("cluster_id") REFERENCES "cluster" ("id")
    ON DELETE CASCADE ON UPDATE CASCADE
);
CREATE INDEX "kept_report_id_idx" ON "kept_report" ("id");
CREATE INDEX "kept_report_created_at_id_idx" ON "kept_report" ("created_at", "id");
CREATE INDEX "kept_report_cluster_id_created_at_idx" ON "kept_report" ("cluster_id", "created_at");

CREATE TABLE "kept_report_file" (
  "cluster_id" UUID NOT NULL,
  "report_id" UUID NOT NULL,
  "format" TEXT COLLATE "C" NOT NULL,
  "name" TEXT NOT NULL,
  "media_type" TEXT NOT NULL,
  "sha256" TEXT NOT NULL,
  "bytes" BYTEA NOT NULL,
  CONSTRAINT "kept_report_file_pkey" PRIMARY KEY ("cluster_id", "report_id", "format"),
  CONSTRAINT "kept_report_file_cluster_id_report_id_fkey" FOREIGN KEY ("cluster_id", "report_id")
    REFERENCES "kept_report" ("cluster_id", "id")
    ON DELETE CASCADE ON UPDATE CASCADE
);
