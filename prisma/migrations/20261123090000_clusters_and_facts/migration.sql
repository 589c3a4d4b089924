-- Clusters, their snapshots and the revisions of their objects.
--
-- Locking: creates tables, a function and a trigger only; takes no lock on anything that is in use.
-- Size: empty tables. `object_revision` grows to one row for each content that an object ever had within the
-- retention time: expect about 1.5 kB a row with its three indexes, 100,000 pods and their daily churn in a few GB.
-- Text of names sorts by code point (COLLATE "C"): cursors and point-in-time loads must not depend on a locale.

CREATE TABLE "cluster" (
  "id" UUID NOT NULL DEFAULT gen_random_uuid(),
  "name" TEXT COLLATE "C" NOT NULL,
  "source" JSONB NOT NULL,
  "paused" BOOLEAN NOT NULL DEFAULT false,
  "state" TEXT NOT NULL DEFAULT 'pending',
  "message" TEXT NOT NULL DEFAULT '',
  "problems" JSONB NOT NULL DEFAULT '[]',
  "resync_requested_at" TIMESTAMPTZ(3),
  "last_synced_at" TIMESTAMPTZ(3),
  "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  "cni" JSONB,
  "counts" JSONB NOT NULL DEFAULT '{}',
  CONSTRAINT "cluster_pkey" PRIMARY KEY ("id"),
  CONSTRAINT "cluster_state_known" CHECK ("state" IN ('pending', 'syncing', 'synced', 'degraded', 'error'))
);
CREATE UNIQUE INDEX "cluster_name_key" ON "cluster" ("name");

CREATE TABLE "cluster_credential" (
  "cluster_id" UUID NOT NULL,
  "sealed" BYTEA NOT NULL,
  "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  CONSTRAINT "cluster_credential_pkey" PRIMARY KEY ("cluster_id"),
  CONSTRAINT "cluster_credential_cluster_id_fkey" FOREIGN KEY ("cluster_id") REFERENCES "cluster" ("id")
    ON DELETE CASCADE ON UPDATE CASCADE
);

CREATE TABLE "cluster_upload" (
  "cluster_id" UUID NOT NULL,
  "content_type" TEXT NOT NULL,
  "bytes" BYTEA NOT NULL,
  "uploaded_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  CONSTRAINT "cluster_upload_pkey" PRIMARY KEY ("cluster_id"),
  CONSTRAINT "cluster_upload_cluster_id_fkey" FOREIGN KEY ("cluster_id") REFERENCES "cluster" ("id")
    ON DELETE CASCADE ON UPDATE CASCADE
);
-- Uploads are archives or short: compressing them again is time lost.
ALTER TABLE "cluster_upload" ALTER COLUMN "bytes" SET STORAGE EXTERNAL;

CREATE TABLE "snapshot" (
  "cluster_id" UUID NOT NULL,
  "seq" INTEGER NOT NULL,
  "taken_at" TIMESTAMPTZ(3) NOT NULL,
  "completeness" JSONB NOT NULL,
  "facts_digest" TEXT NOT NULL,
  "digest" TEXT NOT NULL,
  "object_count" INTEGER NOT NULL,
  CONSTRAINT "snapshot_pkey" PRIMARY KEY ("cluster_id", "seq"),
  CONSTRAINT "snapshot_seq_positive" CHECK ("seq" > 0),
  CONSTRAINT "snapshot_cluster_id_fkey" FOREIGN KEY ("cluster_id") REFERENCES "cluster" ("id")
    ON DELETE CASCADE ON UPDATE CASCADE
);
CREATE INDEX "snapshot_cluster_id_taken_at_seq_idx" ON "snapshot" ("cluster_id", "taken_at", "seq");

CREATE TABLE "object_revision" (
  "cluster_id" UUID NOT NULL,
  "kind" TEXT COLLATE "C" NOT NULL,
  "namespace" TEXT COLLATE "C" NOT NULL,
  "name" TEXT COLLATE "C" NOT NULL,
  "uid" TEXT COLLATE "C" NOT NULL,
  "hash" TEXT COLLATE "C" NOT NULL,
  "fact" JSON NOT NULL,
  "valid_from_seq" INTEGER NOT NULL,
  "valid_to_seq" INTEGER NOT NULL DEFAULT 2147483647,
  CONSTRAINT "object_revision_pkey" PRIMARY KEY ("cluster_id", "kind", "namespace", "name", "valid_from_seq"),
  CONSTRAINT "object_revision_range" CHECK ("valid_from_seq" < "valid_to_seq")
);
CREATE UNIQUE INDEX "object_revision_cluster_id_kind_namespace_name_valid_to_seq_key"
  ON "object_revision" ("cluster_id", "kind", "namespace", "name", "valid_to_seq");
CREATE INDEX "object_revision_cluster_id_valid_to_seq_idx" ON "object_revision" ("cluster_id", "valid_to_seq");
-- Announces every change of a cluster, whoever makes it. The payload is its id; who listens reads the row.
CREATE FUNCTION "atlas_announce_cluster"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_notify('atlas_cluster', COALESCE(NEW.id, OLD.id)::text);
  RETURN NULL;
END
$$;
CREATE TRIGGER "cluster_announce" AFTER INSERT OR UPDATE OR DELETE ON "cluster"
  FOR EACH ROW EXECUTE FUNCTION "atlas_announce_cluster"();
