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
INSERT INTO events (position, received_at, dedupe, body) VALUES (?, ?, ?, ?) ON CONFLICT (dedupe) DO NOTHING;

-- :keep_dead_letter
-- Keep what could not be accepted.
INSERT INTO dead_letters (received_at, source, reason, detail, body) VALUES (?, ?, ?, ?, ?);

-- :read
-- Records after a position and up to another, in order.
SELECT position, received_at, body FROM events WHERE position > ? AND position <= ? ORDER BY position LIMIT ?;

-- :at
-- Records at given positions, in order.
SELECT position, received_at, body FROM events
WHERE position IN (SELECT value FROM json_each(?)) ORDER BY position;

-- :dead_letters
-- Dead letters before an id, newest first.
SELECT id, received_at, source, reason, detail, body FROM dead_letters WHERE id < ? ORDER BY id DESC LIMIT ?;
