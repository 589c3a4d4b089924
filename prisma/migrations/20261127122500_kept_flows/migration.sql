-- Flows that were seen are kept, added up by their ends, service and verdict.
--
-- Locking: creates a table.
-- Size: at most 10,000 rows of about 300 bytes for each cluster; retention deletes what was not seen for long.

CREATE TABLE "kept_flow" (
  "cluster_id" UUID NOT NULL,
  "key" TEXT COLLATE "C" NOT NULL,
  "source" TEXT NOT NULL,
  "source_namespace" TEXT COLLATE "C" NOT NULL,
  "destination" TEXT NOT NULL,
  "destination_namespace" TEXT COLLATE "C" NOT NULL,
  "host_names" TEXT[],
  "protocol" INTEGER NOT NULL,
  "port" INTEGER,
  "verdict" TEXT COLLATE "C" NOT NULL,
  "arrived" BOOLEAN NOT NULL,
  "reasons" TEXT[],
  "policies" TEXT[],
  "count" INTEGER NOT NULL,
  "first_seen" TIMESTAMPTZ(3) NOT NULL,
  "last_seen" TIMESTAMPTZ(3) NOT NULL,
  "origins" TEXT[],
  "kept_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  CONSTRAINT "kept_flow_pkey" PRIMARY KEY ("cluster_id", "key"),
  CONSTRAINT "kept_flow_verdict_known" CHECK ("verdict" IN ('forwarded', 'dropped', 'audited', 'unknown')),
  CONSTRAINT "kept_flow_cluster_id_fkey" FOREIGN KEY ("cluster_id") REFERENCES "cluster" ("id")
    ON DELETE CASCADE ON UPDATE CASCADE
);
CREATE INDEX "kept_flow_cluster_id_last_seen_key_idx" ON "kept_flow" ("cluster_id", "last_seen", "key");
