-- Audits: reports, findings with the reports they hold for, and suppressions.
--
-- Locking: creates tables only; the foreign keys take a short lock on `cluster`.
-- Size: a report a run and cluster. `audit_finding` has a row for each content that a finding ever had within the
-- retention time, about 2 kB each: an audit that finds the same again adds none.

CREATE TABLE "audit_report" (
  "cluster_id" UUID NOT NULL,
  "number" INTEGER NOT NULL,
  "id" UUID NOT NULL,
  "seq" INTEGER NOT NULL,
  "taken_at" TIMESTAMPTZ(3) NOT NULL,
  "completeness" JSONB NOT NULL,
  "engine_version" TEXT NOT NULL,
  "checks" JSON NOT NULL,
  "failing" TEXT[] COLLATE "C",
  "requester" TEXT NOT NULL DEFAULT '',
  "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  CONSTRAINT "audit_report_pkey" PRIMARY KEY ("cluster_id", "number"),
  CONSTRAINT "audit_report_number_positive" CHECK ("number" > 0),
  CONSTRAINT "audit_report_cluster_id_fkey" FOREIGN KEY ("cluster_id") REFERENCES "cluster" ("id")
    ON DELETE CASCADE ON UPDATE CASCADE
);
CREATE UNIQUE INDEX "audit_report_id_key" ON "audit_report" ("id");
CREATE INDEX "audit_report_created_at_id_idx" ON "audit_report" ("created_at", "id");

CREATE TABLE "audit_finding" (
  "cluster_id" UUID NOT NULL,
  "fingerprint" TEXT COLLATE "C" NOT NULL,
  "valid_from" INTEGER NOT NULL,
  "valid_to" INTEGER NOT NULL DEFAULT 2147483647,
  "hash" TEXT COLLATE "C" NOT NULL,
  "check_id" TEXT COLLATE "C" NOT NULL,
  "severity" SMALLINT NOT NULL,
  "namespace" TEXT COLLATE "C" NOT NULL,
  "kind" TEXT COLLATE "C" NOT NULL,
  "name" TEXT COLLATE "C" NOT NULL,
  "mentions" TEXT[] COLLATE "C",
  "first_number" INTEGER NOT NULL,
  "first_seen_at" TIMESTAMPTZ(3) NOT NULL,
  "detail" JSON NOT NULL,
  CONSTRAINT "audit_finding_pkey" PRIMARY KEY ("cluster_id", "fingerprint", "valid_from"),
  CONSTRAINT "audit_finding_range" CHECK ("valid_from" < "valid_to"),
  CONSTRAINT "audit_finding_cluster_id_fkey" FOREIGN KEY ("cluster_id") REFERENCES "cluster" ("id")
    ON DELETE CASCADE ON UPDATE CASCADE
);
CREATE INDEX "audit_finding_cluster_id_valid_to_idx" ON "audit_finding" ("cluster_id", "valid_to");

CREATE TABLE "finding_suppression" (
  "id" UUID NOT NULL DEFAULT gen_random_uuid(),
  "cluster_id" UUID,
  "fingerprint" TEXT COLLATE "C",
  "check_id" TEXT COLLATE "C",
  "namespace" TEXT COLLATE "C",
  "owner" TEXT NOT NULL,
  "reason" TEXT NOT NULL,
  "requester" TEXT NOT NULL DEFAULT '',
  "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  "expires_at" TIMESTAMPTZ(3) NOT NULL,
  CONSTRAINT "finding_suppression_pkey" PRIMARY KEY ("id"),
  CONSTRAINT "finding_suppression_names_something" CHECK (("fingerprint" IS NULL) <> ("check_id" IS NULL)),
  CONSTRAINT "finding_suppression_cluster_id_fkey" FOREIGN KEY ("cluster_id") REFERENCES "cluster" ("id")
    ON DELETE CASCADE ON UPDATE CASCADE
);
CREATE INDEX "finding_suppression_cluster_id_expires_at_idx" ON "finding_suppression" ("cluster_id", "expires_at");
