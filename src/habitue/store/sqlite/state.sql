-- :progress
-- How far the log is absorbed, with which playbook in force, and the mark of the last commit.
SELECT position, version, fingerprint FROM progress;

-- :advance
-- Move on to the end of a batch.
UPDATE progress SET position = ?, version = ?, fingerprint = ?;

-- :adopting
-- Versions that not everybody has adopted.
SELECT position, version, before FROM adopting ORDER BY position;

-- :clear_adopting
-- What stands is written anew.
DELETE FROM adopting;

-- :add_adopting
-- A version that not everybody has adopted.
INSERT INTO adopting (position, version, before) VALUES (?, ?, ?);

-- :load
-- The states of customers.
SELECT id, state, sum FROM customers WHERE id IN (SELECT value FROM json_each(?)) AND state IS NOT NULL;

-- :known
-- What must be known of customers before their rows are written again.
SELECT customers.id, customers.number, due, seen_slot, trail, trail_top, coalesce(search, '')
FROM customers LEFT JOIN words USING (number)
WHERE customers.id IN (SELECT value FROM json_each(?));

-- :last_number
-- The highest customer number given so far.
SELECT coalesce(max(number), 0) FROM customers;

-- :add_customer
-- A customer never seen before.
INSERT INTO customers (id, due, seen_at, seen_slot, trail, trail_top, state, sum, number) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?);

-- :update_state
-- A customer whose timer and slot stay as they are, so that no index is touched.
UPDATE customers SET seen_at = ?, trail = ?, trail_top = ?, state = ?, sum = ? WHERE number = ?;

-- :update_due
-- A customer whose earliest timer moved.
UPDATE customers SET due = ?, seen_at = ?, trail = ?, trail_top = ?, state = ?, sum = ? WHERE number = ?;

-- :update_slot
-- A customer who was seen in another ten minutes than before.
UPDATE customers SET seen_slot = ?, due = ?, seen_at = ?, trail = ?, trail_top = ?, state = ?, sum = ? WHERE number = ?;

-- :move_trail
-- A customer who is not part of the batch but left a trail in it.
UPDATE customers SET trail = ?, trail_top = ? WHERE number = ?;

-- :put_words
-- What a person is found by from now on.
INSERT INTO words (number, search) VALUES (?, ?) ON CONFLICT (number) DO UPDATE SET search = excluded.search;

-- :drop_words
-- Somebody is not to be found any more.
DELETE FROM words WHERE number = ?;

-- :last_chunk
-- The latest chunk of any trail.
SELECT max(coalesce((SELECT max(chunk) FROM trails), 0), chunk) FROM floors;

-- :add_chunk
-- What a batch did to a customer.
INSERT INTO trails (chunk, previous, top_before, number, until, body) VALUES (?, ?, ?, ?, ?, ?);

-- :meet
-- Somebody absorbed her first record.
INSERT INTO people (number, id, met_at) VALUES (?, ?, ?) ON CONFLICT (number) DO NOTHING;

-- :join
-- Somebody became part of another customer, or a person of her own again; told anew, under a new number of change.
INSERT OR REPLACE INTO people (number, id, met_at, joined_into)
SELECT number, id, met_at, ?2 FROM people WHERE number = ?1 AND joined_into IS NOT ?2;

-- :trails_after
-- Where the trails of customers begin who did something later than a position.
SELECT id, trail FROM customers WHERE id IN (SELECT value FROM json_each(?)) AND trail_top > ?;

-- :add_effect
-- An effect that is wanted, once, under a number that none ever had.
INSERT INTO effects (sequence, id, body)
SELECT max(coalesce((SELECT max(sequence) FROM effects), 0), effect) + 1, ?, ? FROM floors
WHERE true ON CONFLICT (id) DO NOTHING;

-- :effects
-- Effects after a sequence number, in order.
SELECT sequence, body FROM effects WHERE sequence > ? ORDER BY sequence LIMIT ?;

-- :kinds
-- Every kind of decision met so far.
SELECT outcome, reason, journey, step, message, channel, segment, kind FROM kinds;

-- :add_kind
-- A kind of decision met for the first time.
INSERT INTO kinds (outcome, reason, journey, step, message, channel, segment, kind) VALUES (?, ?, ?, ?, ?, ?, ?, ?);

-- :last_decision
-- The sequence number of the latest decision.
SELECT max(coalesce((SELECT max(sequence) FROM decisions), 0), decision) FROM floors;

-- :add_decision
-- A line of the ledger.
INSERT INTO decisions (sequence, kind, body) VALUES (?, ?, ?);

-- :add_member
-- A customer joins a segment, unless she is in it.
INSERT INTO members (segment, customer, since) VALUES (?, ?, ?) ON CONFLICT DO NOTHING;

-- :update_member
-- A customer who is in the segment has been for another time.
UPDATE members SET since = ?3 WHERE segment = ?1 AND customer = ?2 AND since <> ?3;

-- :drop_member
-- A customer leaves a segment.
DELETE FROM members WHERE segment = ? AND customer = ?;

-- :add_to_size
-- A segment grew or shrank.
INSERT INTO segment_sizes (segment, size) VALUES (?, ?) ON CONFLICT (segment) DO UPDATE SET size = size + excluded.size;

-- :add_segment_change
-- How many joined and left in a minute.
INSERT INTO segment_changes (segment, minute, joined, gone) VALUES (?, ?, ?, ?)
ON CONFLICT DO UPDATE SET joined = joined + excluded.joined, gone = gone + excluded.gone;

-- :put_place
-- Where a run stands.
INSERT INTO places (journey, customer, run, version, key, step, since, due) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT DO UPDATE SET version = excluded.version, key = excluded.key, step = excluded.step,
  since = excluded.since, due = excluded.due;

-- :drop_place
-- A run is over.
DELETE FROM places WHERE journey = ? AND customer = ? AND run = ?;

-- :put_interest
-- A customer is interested in a product or category since a moment; known by her number, which is short.
INSERT INTO interests (kind, key, number, since) SELECT ?1, ?2, number, ?4 FROM customers WHERE id = ?3
ON CONFLICT DO UPDATE SET since = excluded.since;

-- :drop_interest
-- A product or category is no longer among what a customer is known by.
DELETE FROM interests WHERE kind = ?1 AND key = ?2 AND number = (SELECT number FROM customers WHERE id = ?3);

-- :add_tally
-- Something happened so many times more. A sum beyond 64 bits would turn into a fraction, which the table refuses.
INSERT INTO tallies (subject, width, minute, name, outcome, reason, count, amount) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT DO UPDATE SET count = count + excluded.count,
  amount = CASE typeof(amount + excluded.amount) WHEN 'integer' THEN amount + excluded.amount ELSE amount END;

-- :park
-- A customer whose step failed.
INSERT INTO parked (customer, position, error, at) VALUES (?, ?, ?, ?)
ON CONFLICT DO UPDATE SET position = excluded.position, error = excluded.error, at = excluded.at;

-- :unpark
-- A customer goes on.
DELETE FROM parked WHERE customer = ?;

-- :drop_skipped
-- Nothing queues behind her any more.
DELETE FROM skipped WHERE customer = ?;

-- :skip
-- A record queues behind a parked customer.
INSERT INTO skipped (customer, position) VALUES (?, ?) ON CONFLICT DO NOTHING;

-- :parked_ids
-- Who is parked.
SELECT customer FROM parked;

-- :skipped
-- What queues behind her, in order.
SELECT position FROM skipped WHERE customer = ? ORDER BY position;

-- :due
-- Customers with a timer due, earliest first.
SELECT id FROM customers WHERE due <= ? ORDER BY due, number LIMIT ?;

-- :next_due
-- The earliest timer of all.
SELECT min(due) FROM customers WHERE due IS NOT NULL;

-- :customers_after
-- Customers in the order they were first met, without tombstones.
SELECT number, id FROM customers WHERE number > ? AND seen_slot IS NOT NULL ORDER BY number LIMIT ?;

-- :add_consent_text
-- The words somebody agreed to or refused, once.
INSERT INTO consent_texts (id, text) VALUES (?, ?) ON CONFLICT (id) DO NOTHING;

-- :add_consent
-- A line of the consent ledger, once.
INSERT INTO consents (sequence, id, customer, text, body)
SELECT max(coalesce((SELECT max(sequence) FROM consents), 0), consent) + 1, ?, ?, ?, ? FROM floors
WHERE true ON CONFLICT (id) DO NOTHING;
