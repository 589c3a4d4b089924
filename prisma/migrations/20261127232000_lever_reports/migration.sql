-- Which policies change most what is within reach of something, as a job found.
--
-- Locking: creates a table; the foreign keys take a short lock on `cluster` and `job_run`.
-- Size: an empty table. A row of a few kilobytes for each such job, which goes with the job.

CREATE TABLE "lever_report" (
  "cluster_id" UUID NOT NULL,
  "id" UUID NOT NULL,
  "seq" INTEGER NOT NULL,
  "of" TEXT NOT NULL,
  "direction" TEXT NOT NULL,
  "hops" INTEGER,
  "reading" TEXT NOT NULL,
  "namespaces" TEXT[],
  "engine_version" TEXT NOT NULL,
  "levers" JSON NOT NULL,
  CONSTRAINT "lever_report_pkey" PRIMARY KEY ("cluster_id", "id"),
  CONSTRAINT "lever_report_cluster_id_fkey" FOREIGN KEY ("cluster_id") REFERENCES "cluster" ("id")
    ON DELETE CASCADE ON UPDATE CASCADE,
  CONSTRAINT "lever_report_id_fkey" FOREIGN KEY ("id") REFERENCES "job_run" ("id")
    ON DELETE CASCADE ON UPDATE CASCADE
);
CREATE INDEX "lever_report_id_idx" ON "lever_report" ("id");
