-- How far each cluster was read, so that another process goes on from there instead of listing everything.
--
-- Locking: creates one table; takes no lock on anything that is in use.
-- Size: one row of a few kB a cluster, written at most every few seconds.

CREATE TABLE "cluster_position" (
  "cluster_id" UUID NOT NULL,
  "positions" JSONB NOT NULL,
  CONSTRAINT "cluster_position_pkey" PRIMARY KEY ("cluster_id"),
  CONSTRAINT "cluster_position_cluster_id_fkey" FOREIGN KEY ("cluster_id") REFERENCES "cluster" ("id")
    ON DELETE CASCADE ON UPDATE CASCADE
);
