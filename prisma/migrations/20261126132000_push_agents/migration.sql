-- Push agents: the token of each, hashed, and the last batch that was taken from it.
--
-- Locking: creates one table; takes no lock on anything that is in use.
-- Size: one row for each cluster of source `agent`.

CREATE TABLE "cluster_agent" (
  "cluster_id" UUID NOT NULL,
  "token_hash" TEXT NOT NULL,
  "issued_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  "last_sequence" INTEGER NOT NULL DEFAULT 0,
  CONSTRAINT "cluster_agent_pkey" PRIMARY KEY ("cluster_id"),
  CONSTRAINT "cluster_agent_cluster_id_fkey" FOREIGN KEY ("cluster_id") REFERENCES "cluster" ("id")
    ON DELETE CASCADE ON UPDATE CASCADE
);
CREATE UNIQUE INDEX "cluster_agent_token_hash_key" ON "cluster_agent" ("token_hash");
