-- Expectations of what can talk to what, how they stand, and when they broke or held again.
--
-- Locking: creates tables; takes no lock on anything that is in use but a moment's on `cluster` for the references.
-- Size: empty tables. At most 1,000 expectations a cluster, and one event for each time that one of them turns.

CREATE TABLE "assertion_set" (
  "cluster_id" UUID NOT NULL,
  "source" TEXT NOT NULL,
  "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  CONSTRAINT "assertion_set_pkey" PRIMARY KEY ("cluster_id"),
  CONSTRAINT "assertion_set_cluster_id_fkey" FOREIGN KEY ("cluster_id") REFERENCES "cluster" ("id")
    ON DELETE CASCADE ON UPDATE CASCADE
);

CREATE TABLE "assertion_state" (
  "cluster_id" UUID NOT NULL,
  "name" TEXT COLLATE "C" NOT NULL,
  "outcome" TEXT NOT NULL,
  "since_seq" INTEGER NOT NULL,
  "since_at" TIMESTAMPTZ(3) NOT NULL,
  "seq" INTEGER NOT NULL,
  "result" JSON NOT NULL,
  CONSTRAINT "assertion_state_pkey" PRIMARY KEY ("cluster_id", "name"),
  CONSTRAINT "assertion_state_cluster_id_fkey" FOREIGN KEY ("cluster_id") REFERENCES "assertion_set" ("cluster_id")
    ON DELETE CASCADE ON UPDATE CASCADE
);

CREATE TABLE "assertion_event" (
  "cluster_id" UUID NOT NULL,
  "id" BIGINT GENERATED ALWAYS AS IDENTITY,
  "name" TEXT COLLATE "C" NOT NULL,
  "owner" TEXT NOT NULL,
  "before" TEXT,
  "after" TEXT NOT NULL,
  "seq" INTEGER NOT NULL,
  "at" TIMESTAMPTZ(3) NOT NULL,
  "result" JSON NOT NULL,
  "causes" JSON NOT NULL,
  CONSTRAINT "assertion_event_pkey" PRIMARY KEY ("cluster_id", "id"),
  CONSTRAINT "assertion_event_cluster_id_fkey" FOREIGN KEY ("cluster_id") REFERENCES "cluster" ("id")
    ON DELETE CASCADE ON UPDATE CASCADE
);
