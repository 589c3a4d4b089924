-- The index by which a state of the past is read gets the number that a revision began with: those that began later are
-- passed over in the index, where each took a look at the table.
--
-- Locking: building the index holds off writers of `object_revision`, readers go on; dropping the old one takes ACCESS
-- EXCLUSIVE for an instant.
-- Size: about as large as the one it replaces. A million revisions: about 1 s.

CREATE INDEX "object_revision_cluster_id_valid_to_seq_valid_from_seq_idx"
  ON "object_revision" ("cluster_id", "valid_to_seq", "valid_from_seq");
DROP INDEX "object_revision_cluster_id_valid_to_seq_idx";
