-- :request
-- A wish to be erased.
INSERT INTO erasures (mark, requested_at, actor, customer) VALUES (?, ?, ?, ?);

-- :requested
-- The open erasure of a customer.
SELECT number FROM erasures WHERE customer = ? AND finished_at IS NULL AND position IS NULL;

-- :forgotten
-- The decide loop comes to her.
UPDATE erasures SET position = ?, whose = ? WHERE number = ? AND finished_at IS NULL;

-- :adopt
-- An order that no request is known of, such as after a restored backup.
INSERT INTO erasures (number, mark, requested_at, actor, customer) VALUES (?, ?, ?, '', ?) ON CONFLICT DO NOTHING;

-- :open
-- Erasures that are not finished, oldest first.
SELECT number, mark, requested_at, actor, finished_at, customer, position, whose FROM erasures
WHERE finished_at IS NULL ORDER BY number LIMIT ?;

-- :list
-- Erasures, newest first.
SELECT number, mark, requested_at, actor, finished_at, customer, position, NULL FROM erasures
WHERE number < ? ORDER BY number DESC LIMIT ?;

-- :get
-- One erasure.
SELECT number, mark, requested_at, actor, finished_at, customer, position, NULL FROM erasures WHERE number = ?;

-- :destroy
-- What a place held.
INSERT INTO destroyed (number, place, what, count, at) VALUES (?, ?, ?, ?, ?)
ON CONFLICT DO UPDATE SET count = max(count, excluded.count), at = excluded.at;

-- :destroyed
-- The lines of a receipt.
SELECT place, what, count, at FROM destroyed WHERE number = ? ORDER BY at, place, what;

-- :mark_done
-- A place is done.
INSERT INTO done (number, place) VALUES (?, ?) ON CONFLICT DO NOTHING;

-- :done
-- Which places are done with an erasure.
SELECT place FROM done WHERE number = ?;

-- :finish
-- She is forgotten everywhere; her ids go from here too.
UPDATE erasures SET finished_at = ?, customer = NULL, whose = NULL WHERE number = ?;

-- :drop_done
-- Who did what when is in the receipt.
DELETE FROM done WHERE number = ?;

-- :keep_other
-- Somebody whose records named her.
INSERT INTO others (customer) VALUES (?) ON CONFLICT DO NOTHING;

-- :drop_other
-- Somebody who is forgotten herself.
DELETE FROM others WHERE customer IN (SELECT value FROM json_each(?));

-- :others
-- All of them.
SELECT customer FROM others;

-- :add_request
-- A request found in the log.
INSERT INTO requests (position, kind, received_at, source, customer) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING;

-- :requests
-- Open requests, oldest first.
SELECT position, kind, received_at, source, customer FROM requests WHERE closed_at IS NULL ORDER BY position;

-- :close_request
-- It was carried out, or somebody decided otherwise.
UPDATE requests SET closed_at = ?, customer = NULL WHERE position = ? AND closed_at IS NULL;

-- :close_requests_of
-- Whoever is erased has nothing left to ask for.
UPDATE requests SET closed_at = ?, customer = NULL
WHERE closed_at IS NULL AND customer IN (SELECT value FROM json_each(?));

-- :retention
-- How far a class of data is let go of, and when it was looked at.
SELECT until, ran_at FROM retention WHERE class = ?;

-- :set_retention
-- A class was looked at.
INSERT INTO retention (class, until, ran_at) VALUES (?, ?, ?)
ON CONFLICT DO UPDATE SET until = max(until, excluded.until), ran_at = excluded.ran_at;

-- :position
-- How far something has read the log.
SELECT position FROM marks WHERE name = ?;

-- :set_position
-- It has read on.
INSERT INTO marks (name, position) VALUES (?, ?) ON CONFLICT DO UPDATE SET position = excluded.position;

-- :note
-- Somebody did something.
INSERT INTO audit (at, actor, what, subject, detail) VALUES (?, ?, ?, ?, ?);

-- :audit
-- What was done, newest first.
SELECT number, at, actor, what, subject, detail FROM audit WHERE number < ? ORDER BY number DESC LIMIT ?;
