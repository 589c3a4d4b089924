-- Snapshots that retention leaves alone, and what each cluster ran as its network plugin.
--
-- Locking: ACCESS EXCLUSIVE on `snapshot` for an instant (a constant default rewrites nothing); SHARE ROW EXCLUSIVE on
-- `cluster` for the trigger and one pass over its few rows.
-- Size: `cni_change` has a row for each change of a cluster's plugin, about 1 kB: a few in a year.

ALTER TABLE "snapshot" ADD COLUMN "pinned" BOOLEAN NOT NULL DEFAULT false;

CREATE TABLE "cni_change" (
  "cluster_id" UUID NOT NULL,
  "number" INTEGER NOT NULL,
  "seen_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  "seq" INTEGER NOT NULL,
  "cni" JSONB NOT NULL,
  CONSTRAINT "cni_change_pkey" PRIMARY KEY ("cluster_id", "number"),
  CONSTRAINT "cni_change_cluster_id_fkey" FOREIGN KEY ("cluster_id") REFERENCES "cluster" ("id")
    ON DELETE CASCADE ON UPDATE CASCADE
);
INSERT INTO "cni_change" ("cluster_id", "number", "seen_at", "seq", "cni")
SELECT c.id, 1, c.updated_at, COALESCE((SELECT max(s.seq) FROM "snapshot" s WHERE s.cluster_id = c.id), 0), c.cni
  FROM "cluster" c WHERE c.cni IS NOT NULL;

-- Notes what was detected, whoever writes it, when something other than the evidence for it changed: evidence counts
-- ready agents, and moves with every restart of one.
CREATE FUNCTION "atlas_note_cni"() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  last cni_change;
BEGIN
  SELECT * INTO last FROM cni_change WHERE cluster_id = NEW.id ORDER BY number DESC LIMIT 1;
  IF last.cni IS NULL OR (last.cni - 'evidence' - 'confidence') <> (NEW.cni - 'evidence' - 'confidence') THEN
    INSERT INTO cni_change (cluster_id, number, seen_at, seq, cni)
    VALUES (NEW.id, COALESCE(last.number, 0) + 1, clock_timestamp(),
            COALESCE((SELECT max(seq) FROM snapshot WHERE cluster_id = NEW.id), 0), NEW.cni);
  END IF;
  RETURN NULL;
END
$$;
CREATE TRIGGER "cluster_note_cni" AFTER UPDATE OF "cni" ON "cluster"
  FOR EACH ROW WHEN (NEW.cni IS NOT NULL AND NEW.cni IS DISTINCT FROM OLD.cni) EXECUTE FUNCTION "atlas_note_cni"();
