-- The feed of changes: when a snapshot was stored, by the database's clock, and who wrote a revision.
--
-- Locking: ACCESS EXCLUSIVE on `snapshot` and on `object_revision` for the added columns, an instant each, as no row is
-- rewritten for them; then one pass over `snapshot` to fill the new column, and two index builds that hold off writers.
-- Size: 8 bytes a snapshot and about 30 for its index; a revision's index entry takes about 10 bytes, as equal keys
-- share one. A million revisions: about 2 s.

ALTER TABLE "snapshot" ADD COLUMN "stored_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP;
UPDATE "snapshot" SET "stored_at" = "taken_at";
ALTER TABLE "snapshot" ALTER COLUMN "stored_at" SET DEFAULT clock_timestamp();
CREATE INDEX "snapshot_stored_at_cluster_id_seq_idx" ON "snapshot" ("stored_at", "cluster_id", "seq");

ALTER TABLE "object_revision" ADD COLUMN "manager" TEXT COLLATE "C" NOT NULL DEFAULT '';
CREATE INDEX "object_revision_cluster_id_valid_from_seq_idx" ON "object_revision" ("cluster_id", "valid_from_seq");
