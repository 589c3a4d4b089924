-- Leases by which any number of sync workers share the clusters, and a channel that tells them what to look at.
--
-- Locking: creates tables, a function and two triggers; the triggers take SHARE ROW EXCLUSIVE on `cluster` for an instant.
-- Size: one row a worker and one a cluster; only the worker's row is written to keep its leases alive.

CREATE TABLE "sync_worker" (
  "id" UUID NOT NULL,
  "expires_at" TIMESTAMPTZ(3) NOT NULL,
  "is_leaving" BOOLEAN NOT NULL DEFAULT false,
  CONSTRAINT "sync_worker_pkey" PRIMARY KEY ("id")
);

CREATE TABLE "cluster_lease" (
  "cluster_id" UUID NOT NULL,
  "worker_id" UUID NOT NULL,
  "epoch" BIGSERIAL NOT NULL,
  CONSTRAINT "cluster_lease_pkey" PRIMARY KEY ("cluster_id"),
  CONSTRAINT "cluster_lease_cluster_id_fkey" FOREIGN KEY ("cluster_id") REFERENCES "cluster" ("id")
    ON DELETE CASCADE ON UPDATE CASCADE
);
CREATE INDEX "cluster_lease_worker_id_idx" ON "cluster_lease" ("worker_id");

-- The payload is a cluster's id. Unlike `atlas_cluster` it is silent about what workers write themselves.
CREATE FUNCTION "atlas_announce_sync"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_notify('atlas_sync', COALESCE(NEW.id, OLD.id)::text);
  RETURN NULL;
END
$$;
CREATE TRIGGER "cluster_announce_sync" AFTER INSERT OR DELETE ON "cluster"
  FOR EACH ROW EXECUTE FUNCTION "atlas_announce_sync"();
CREATE TRIGGER "cluster_announce_sync_update" AFTER UPDATE ON "cluster" FOR EACH ROW
  WHEN (OLD.source IS DISTINCT FROM NEW.source OR OLD.paused <> NEW.paused
    OR OLD.resync_requested_at IS DISTINCT FROM NEW.resync_requested_at)
  EXECUTE FUNCTION "atlas_announce_sync"();
