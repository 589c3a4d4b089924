-- When each cluster was last asked about, so that a process that starts knows which ones to compile before somebody asks.
--
-- Locking: creates one table; takes no lock on anything that is in use.
-- Size: one small row a cluster, written at most once a minute by each API process.

CREATE TABLE "cluster_asked" (
  "cluster_id" UUID NOT NULL,
  "asked_at" TIMESTAMPTZ(3) NOT NULL,
  CONSTRAINT "cluster_asked_pkey" PRIMARY KEY ("cluster_id"),
  CONSTRAINT "cluster_asked_cluster_id_fkey" FOREIGN KEY ("cluster_id") REFERENCES "cluster" ("id")
    ON DELETE CASCADE ON UPDATE CASCADE
);
