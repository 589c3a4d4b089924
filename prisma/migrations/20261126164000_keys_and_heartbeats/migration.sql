-- Every unique key holds the cluster, so that all tables can be distributed by it; and rows of clusters whose freshness alone
-- moved are not announced: with a thousand clusters that was two hundred notifications a second which told nothing new.
--
-- Locking: ACCESS EXCLUSIVE on `audit_report` and `cluster_agent` for an index build each, and on `cluster` for an instant.
-- Size: one row an audit and one an agent: well under a second for a hundred thousand.

DROP INDEX "audit_report_id_key";
CREATE UNIQUE INDEX "audit_report_cluster_id_id_key" ON "audit_report" ("cluster_id", "id");
CREATE INDEX "audit_report_id_idx" ON "audit_report" ("id");

DROP INDEX "cluster_agent_token_hash_key";
CREATE INDEX "cluster_agent_token_hash_idx" ON "cluster_agent" ("token_hash");

DROP TRIGGER "cluster_announce" ON "cluster";
CREATE TRIGGER "cluster_announce" AFTER INSERT OR DELETE ON "cluster"
  FOR EACH ROW EXECUTE FUNCTION "atlas_announce_cluster"();
-- The first time that all is stored, and the first after someone asked for a read, are news of their own.
CREATE TRIGGER "cluster_announce_update" AFTER UPDATE ON "cluster" FOR EACH ROW
  WHEN (OLD.last_synced_at IS NOT DISTINCT FROM NEW.last_synced_at
    OR OLD.last_synced_at IS NULL
    OR OLD.last_synced_at <= NEW.resync_requested_at
    OR to_jsonb(OLD) - '{last_synced_at,updated_at}'::text[] IS DISTINCT FROM
       to_jsonb(NEW) - '{last_synced_at,updated_at}'::text[])
  EXECUTE FUNCTION "atlas_announce_cluster"();
