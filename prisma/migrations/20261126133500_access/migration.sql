-- API tokens, the log of questions, and answers kept for repeated requests.
--
-- Locking: creates tables, functions and triggers only; takes no lock on anything that is in use.
-- Size: a few hundred tokens; a row for each request in the log, about 300 bytes, within its retention time; a row for
-- each job that was started within a day.

CREATE TABLE "api_token" (
  "id" UUID NOT NULL DEFAULT gen_random_uuid(),
  "name" TEXT NOT NULL,
  "owner" TEXT COLLATE "C" NOT NULL,
  "hash" BYTEA NOT NULL,
  "grants" JSONB NOT NULL,
  "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  "expires_at" TIMESTAMPTZ(3) NOT NULL,
  "last_used_at" TIMESTAMPTZ(3),
  "revoked_at" TIMESTAMPTZ(3),
  "rotated_to" UUID,
  CONSTRAINT "api_token_pkey" PRIMARY KEY ("id")
);
CREATE UNIQUE INDEX "api_token_hash_key" ON "api_token" ("hash");
CREATE INDEX "api_token_owner_created_at_idx" ON "api_token" ("owner", "created_at");

CREATE TABLE "question_log" (
  "id" BIGINT NOT NULL GENERATED ALWAYS AS IDENTITY,
  "at" TIMESTAMPTZ(3) NOT NULL,
  "subject" TEXT COLLATE "C" NOT NULL,
  "name" TEXT NOT NULL,
  "action" TEXT COLLATE "C" NOT NULL,
  "question" TEXT NOT NULL,
  "decision" TEXT COLLATE "C" NOT NULL,
  "status" INTEGER NOT NULL,
  "address" TEXT NOT NULL,
  "request_id" TEXT NOT NULL,
  CONSTRAINT "question_log_pkey" PRIMARY KEY ("id"),
  CONSTRAINT "question_log_decision_known" CHECK ("decision" IN ('allowed', 'refused', 'failed'))
);
CREATE INDEX "question_log_subject_id_idx" ON "question_log" ("subject", "id");
CREATE INDEX "question_log_at_idx" ON "question_log" ("at");

-- What was logged stays as it was, whoever connects. Retention goes by `atlas_prune_question_log` alone.
CREATE FUNCTION "atlas_keep_question_log"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' AND current_setting('atlas.prune_question_log', true) = 'on' THEN
    RETURN OLD;
  END IF;
  RAISE EXCEPTION 'the log of questions is append-only' USING ERRCODE = 'insufficient_privilege';
END
$$;
CREATE TRIGGER "question_log_kept" BEFORE UPDATE OR DELETE ON "question_log"
  FOR EACH ROW EXECUTE FUNCTION "atlas_keep_question_log"();
CREATE TRIGGER "question_log_kept_whole" BEFORE TRUNCATE ON "question_log"
  FOR EACH STATEMENT EXECUTE FUNCTION "atlas_keep_question_log"();

-- Deletes what is older than a number of days, at least thirty.
CREATE FUNCTION "atlas_prune_question_log"(keep_days INTEGER) RETURNS INTEGER LANGUAGE plpgsql AS $$
DECLARE deleted INTEGER;
BEGIN
  PERFORM set_config('atlas.prune_question_log', 'on', true);
  DELETE FROM question_log WHERE at < now() - make_interval(days => GREATEST(keep_days, 30));
  GET DIAGNOSTICS deleted = ROW_COUNT;
  PERFORM set_config('atlas.prune_question_log', 'off', true);
  RETURN deleted;
END
$$;

CREATE TABLE "idempotent_request" (
  "subject" TEXT COLLATE "C" NOT NULL,
  "route" TEXT COLLATE "C" NOT NULL,
  "key" TEXT COLLATE "C" NOT NULL,
  "body_hash" TEXT NOT NULL,
  "status" INTEGER,
  "headers" JSONB,
  "body" TEXT,
  "started_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  CONSTRAINT "idempotent_request_pkey" PRIMARY KEY ("subject", "route", "key")
);
CREATE INDEX "idempotent_request_started_at_idx" ON "idempotent_request" ("started_at");
