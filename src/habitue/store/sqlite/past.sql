-- :position
-- How far the log is absorbed.
SELECT position FROM progress;

-- :attributions
-- Chunks that hold records, in the order they were written, each with whose it is.
SELECT chunk, until, customers.id, body FROM trails JOIN customers USING (number)
WHERE chunk > ? ORDER BY chunk LIMIT ?;

-- :queued
-- Records that wait behind parked customers; one that waits behind two is the one's that comes first.
SELECT position, min(customer) FROM skipped WHERE position > ? AND position <= ? GROUP BY position ORDER BY position;

-- :met
-- Who was met, and into whom she was joined, in the order of change.
SELECT change, id, met_at, joined_into FROM people WHERE change > ? ORDER BY change LIMIT ?;
