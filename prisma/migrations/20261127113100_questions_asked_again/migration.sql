-- Requests that say the same within a moment are one entry of the log of questions, with their number and the last time.
--
-- Locking: ACCESS EXCLUSIVE on `question_log` for an instant; no row is rewritten, as both columns have a constant default.
-- Size: nothing for the entries that are there.

ALTER TABLE "question_log"
  ADD COLUMN "times" INTEGER NOT NULL DEFAULT 1,
  ADD COLUMN "last_at" TIMESTAMPTZ(3);
