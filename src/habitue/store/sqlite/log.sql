-- :last
-- The last position.
SELECT position FROM events ORDER BY position DESC LIMIT 1;

-- :latest
-- The last position, and the latest time that is settled: that of the last record or of the last fence.
SELECT
  coalesce((SELECT max(position) FROM events), -1),
  max(coalesce((SELECT received_at FROM events ORDER BY position DESC LIMIT 1), 0), (SELECT told FROM fence));

-- :tell
-- Settle the time that a fence tells.
UPDATE fence SET told = ? WHERE told < ?;

-- :append
-- Keep an event, unless it is known.
INSERT INTO events (position, received_at, dedupe, body, sum) VALUES (?, ?, ?, ?, ?) ON CONFLICT (dedupe) DO NOTHING;

-- :keep_dead_letter
-- Keep what could not be accepted.
INSERT INTO dead_letters (received_at, source, reason, detail, body) VALUES (?, ?, ?, ?, ?);

-- :read
-- Records after a position and up to another, in order.
SELECT position, received_at, body, sum FROM events WHERE position > ? AND position <= ? ORDER BY position LIMIT ?;

-- :at
-- Records at given positions, in order.
SELECT position, received_at, body, sum FROM events
WHERE position IN (SELECT value FROM json_each(?)) ORDER BY position;

-- :dead_letters
-- Dead letters before an id, newest first.
SELECT id, received_at, source, reason, detail, body FROM dead_letters WHERE id < ? ORDER BY id DESC LIMIT ?;

-- :rewrite
-- What stands at a position from now on; nothing where it was erased.
UPDATE events SET body = ?, sum = ? WHERE position = ?;

-- :events_before
-- Records of a time that is over, without those that are empty.
SELECT position, received_at, body, sum FROM events
WHERE position > ?1 AND received_at < ?2 AND length(body) > 0 ORDER BY position LIMIT ?3;

-- :drop_dead_letters
-- Dead letters that are not to be kept.
DELETE FROM dead_letters WHERE id IN (SELECT value FROM json_each(?));

-- :drop_dead_letters_before
-- Dead letters of a time that is over.
DELETE FROM dead_letters WHERE received_at < ?;

-- :naming
-- Records in a span that hold a text somewhere.
SELECT position, received_at, body, sum FROM events WHERE position > ? AND position <= ? AND instr(body, ?) > 0;
