-- A revision that is stored or ends costs an entry in each index. Of the two that hold objects by name, the one by where a
-- revision ends does for both: it finds what holds, and what held at a time, and no two of an object end alike.
--
-- Locking: ACCESS EXCLUSIVE on `object_revision`, an instant, as the key takes over an index that is there. Where the table was
-- put into partitions, by whatever names, its key is built: a million revisions take about 2 s.
-- Size: an index less, the largest one.

DO $$
DECLARE
  found record;
BEGIN
  IF (SELECT relkind FROM pg_class WHERE oid = '"object_revision"'::regclass) <> 'p' THEN
    ALTER TABLE "object_revision"
      DROP CONSTRAINT "object_revision_pkey",
      ADD CONSTRAINT "object_revision_pkey"
        PRIMARY KEY USING INDEX "object_revision_cluster_id_kind_namespace_name_valid_to_seq_key";
    RETURN;
  END IF;
  FOR found IN
    SELECT i.indexrelid::regclass AS index, c.conname AS "constraint"
      FROM pg_index i LEFT JOIN pg_constraint c ON c.conindid = i.indexrelid
     WHERE i.indrelid = '"object_revision"'::regclass AND i.indisunique
  LOOP
    IF found."constraint" IS NULL THEN
      EXECUTE format('DROP INDEX %s', found.index);
    ELSE
      EXECUTE format('ALTER TABLE "object_revision" DROP CONSTRAINT %I', found."constraint");
    END IF;
  END LOOP;
  ALTER TABLE "object_revision" ADD PRIMARY KEY ("cluster_id", "kind", "namespace", "name", "valid_to_seq");
END
$$;
