-- :progress
-- How far the effects were taken in, and the number of the last change.
SELECT cursor, changed FROM progress;

-- :advance
-- Move on.
UPDATE progress SET cursor = ?, changed = ?;

-- :keep
-- A new delivery, unless it is known.
INSERT INTO deliveries (id, customer, message, channel, state, due, expires_at, changed, body)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING;

-- :keep_effect
-- What a delivery is to say.
INSERT INTO effects (sequence, body) VALUES (?, ?);

-- :due
-- Waiting deliveries whose time has come, oldest first, with what they say.
SELECT deliveries.body, effects.body FROM deliveries JOIN effects USING (sequence)
WHERE due <= ? ORDER BY due, sequence LIMIT ?;

-- :due_on_channel
-- The same, of one channel: however many wait on another, they are not looked at.
SELECT deliveries.body, effects.body FROM deliveries JOIN effects USING (sequence)
WHERE channel = ? AND due <= ? ORDER BY due, sequence LIMIT ?;

-- :next_due
-- When the next delivery wants to be handed over.
SELECT min(due) FROM deliveries WHERE due IS NOT NULL;

-- :bodies
-- Deliveries by their ids, in the order they were taken in.
SELECT body FROM deliveries WHERE id IN (SELECT value FROM json_each(?)) ORDER BY sequence;

-- :update
-- What became of a delivery.
UPDATE deliveries SET state = ?, due = ?, unreported = ?, changed = ?, body = ? WHERE id = ?;

-- :sending
-- Deliveries that were being handed over.
SELECT body FROM deliveries WHERE state = 'sending' ORDER BY sequence;

-- :unreported
-- Deliveries whose event is not known to be in the log.
SELECT body FROM deliveries WHERE unreported IS NOT NULL ORDER BY sequence LIMIT ?;

-- :mark_reported
-- Deliveries whose event is in the log.
UPDATE deliveries SET unreported = NULL WHERE id IN (SELECT value FROM json_each(?));

-- :get
-- One delivery.
SELECT body FROM deliveries WHERE id = ?;

-- :effect
-- What one delivery says.
SELECT effects.body FROM deliveries JOIN effects USING (sequence) WHERE id = ?;

-- :list
-- The latest deliveries that pass a filter.
SELECT sequence, body FROM deliveries
WHERE sequence < ?1 AND (?2 IS NULL OR state = ?2) AND (?3 IS NULL OR channel = ?3) AND (?4 IS NULL OR message = ?4)
ORDER BY sequence DESC LIMIT ?5;

-- :list_of_customers
-- The latest deliveries to some customers that pass a filter.
SELECT sequence, body FROM deliveries
WHERE +sequence < ?1 AND (?2 IS NULL OR state = ?2) AND (?3 IS NULL OR channel = ?3) AND (?4 IS NULL OR message = ?4)
  AND customer IN (SELECT value FROM json_each(?6))
ORDER BY sequence DESC LIMIT ?5;

-- :list_of_message
-- The latest deliveries of a message that pass a filter.
SELECT sequence, body FROM deliveries
WHERE sequence < ?1 AND (?2 IS NULL OR state = ?2) AND (?3 IS NULL OR channel = ?3) AND message = ?4
ORDER BY sequence DESC LIMIT ?5;

-- :list_of_state
-- The latest deliveries of a channel in a state.
SELECT sequence, body FROM deliveries
WHERE sequence < ?1 AND state = ?2 AND channel = ?3
ORDER BY sequence DESC LIMIT ?5;

-- :channels
-- The channels anything was delivered on.
SELECT DISTINCT channel FROM deliveries;

-- :onsite
-- What waits on the site for these customers, oldest first.
SELECT body FROM deliveries
WHERE channel = 'onsite' AND state = 'accepted' AND customer IN (SELECT value FROM json_each(?)) AND expires_at > ?
ORDER BY sequence;

-- :unseen
-- What waited on the site until its life was over, first to end first, by the index that the planner would pass over.
SELECT body FROM deliveries INDEXED BY deliveries_unseen WHERE channel = 'onsite' AND state = 'accepted' AND expires_at <= ?
ORDER BY expires_at, sequence LIMIT ?;

-- :counts
-- How many deliveries each channel has in each state.
SELECT channel, state, count(*) FROM deliveries GROUP BY channel, state;

-- :changes_after
-- Deliveries changed since, in the order of their latest change.
SELECT changed, body FROM deliveries WHERE changed > ? ORDER BY changed LIMIT ?;

-- :of_customers
-- All deliveries to some customers.
SELECT sequence, id FROM deliveries WHERE customer IN (SELECT value FROM json_each(?));

-- :effects_of
-- How many of these deliveries still hold what they were to say.
SELECT count(*) FROM effects WHERE sequence IN (SELECT value FROM json_each(?));

-- :finished_before
-- Deliveries that came to an end before a moment, and of which the log was told.
SELECT sequence FROM deliveries
WHERE due IS NULL AND state <> 'sending' AND unreported IS NULL
  AND NOT (channel = 'onsite' AND state = 'accepted') AND json_extract(body, '$.updated_at') < ?1
ORDER BY sequence LIMIT ?2;

-- :passages
-- What went to an address since a moment, or was decided since then.
SELECT delivery, customer, mark, at, handed_at, message, thing, marketing, proven
FROM passages WHERE mark = ? AND (handed_at > ? OR at > ?) ORDER BY handed_at;

-- :keep_passage
-- A delivery that is let through; once more where it is tried again, at the later time.
INSERT OR REPLACE INTO passages VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?);

-- :drop_passages
-- Some of those that no rule looks back to.
DELETE FROM passages WHERE delivery IN (SELECT delivery FROM passages WHERE handed_at < ? ORDER BY handed_at LIMIT 20);

-- :forget_passages
-- What went to customers who are forgotten, up to an ordinal: what came after has higher ones.
DELETE FROM passages WHERE customer IN (SELECT value FROM json_each(?1))
  AND CAST(replace(delivery, customer || '.', '') AS INTEGER) <= ?2;

-- :drop
-- Deliveries that are not to be kept.
DELETE FROM deliveries WHERE sequence IN (SELECT value FROM json_each(?));

-- :drop_effects
-- What they were to say.
DELETE FROM effects WHERE sequence IN (SELECT value FROM json_each(?));
