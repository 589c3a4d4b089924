-- What a delivery is about stands in a column of its own, so that things about one matter are told in their order.
--
-- Locking: every row of `delivery` is written once, and nothing passes its lock meanwhile.
-- Size: a row of about 1 kB for each thing told to each channel, within the retention time; some seconds for a million.

ALTER TABLE "delivery" ADD COLUMN "matter" TEXT COLLATE "C" NOT NULL DEFAULT '';
UPDATE "delivery" SET "matter" = "notice" ->> 'matter';

-- For the look, each second, at what may be told.
CREATE INDEX "delivery_channel_id_matter_state_idx" ON "delivery" ("channel_id", "matter", "state");
