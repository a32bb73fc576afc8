-- :numbers
-- The rows of customers, tombstones included.
SELECT id, number FROM customers WHERE id IN (SELECT value FROM json_each(?));

-- :drop_customers
-- Nothing is known of them any more.
DELETE FROM customers WHERE number IN (SELECT value FROM json_each(?));

-- :drop_words
-- Nobody finds them any more.
DELETE FROM words WHERE number IN (SELECT value FROM json_each(?));

-- :drop_people
-- They were never met.
DELETE FROM people WHERE number IN (SELECT value FROM json_each(?));

-- :drop_chunks
-- What batches did to them.
DELETE FROM trails WHERE chunk IN (SELECT value FROM json_each(?));

-- :drop_decisions
-- Their lines of the ledger.
DELETE FROM decisions WHERE sequence IN (SELECT value FROM json_each(?));

-- :effects_of
-- How many effects one customer has; their ids begin with hers and a point, and `/` is what follows a point.
SELECT count(*) FROM effects WHERE id >= ?1 || '.' AND id < ?1 || '/';

-- :drop_effects_of
-- The effects of one customer.
DELETE FROM effects WHERE id >= ?1 || '.' AND id < ?1 || '/';

-- :segments
-- Segments that anybody was ever in.
SELECT segment FROM segment_sizes;

-- :memberships
-- In how many segments they are.
SELECT count(*) FROM members
WHERE segment IN (SELECT segment FROM segment_sizes) AND customer IN (SELECT value FROM json_each(?));

-- :drop_members
-- They leave one segment without a word.
DELETE FROM members WHERE segment = ? AND customer IN (SELECT value FROM json_each(?));

-- :consents_of
-- How many words of theirs the consent ledger holds.
SELECT count(*) FROM consents WHERE customer IN (SELECT value FROM json_each(?));

-- :drop_consents
-- Their words about consent; that they must not be written to is kept elsewhere, without a name.
DELETE FROM consents WHERE customer IN (SELECT value FROM json_each(?));

-- :drop_parked
-- They wait no longer.
DELETE FROM parked WHERE customer IN (SELECT value FROM json_each(?));

-- :skipped_of
-- Records that queue behind them.
SELECT position FROM skipped WHERE customer IN (SELECT value FROM json_each(?));

-- :drop_skipped
-- Nothing queues behind them any more.
DELETE FROM skipped WHERE customer IN (SELECT value FROM json_each(?));

-- :mentions
-- Decisions about joining people that hold a text; only these ever name somebody else.
SELECT sequence, body FROM decisions
WHERE kind IN (SELECT kind FROM kinds WHERE journey IS NULL AND reason IN (SELECT value FROM json_each(?1)))
  AND instr(body, ?2) > 0;

-- :rewrite_decision
-- A line of the ledger without a name.
UPDATE decisions SET body = ? WHERE sequence = ?;

-- :leading_to
-- Tombstones that mention a customer.
SELECT id FROM customers WHERE seen_slot IS NULL AND state IS NOT NULL AND instr(state, ?) > 0;

-- :raise_floors
-- Numbers given so far are not given again.
UPDATE floors SET
  decision = max(decision, (SELECT coalesce(max(sequence), 0) FROM decisions)),
  effect = max(effect, (SELECT coalesce(max(sequence), 0) FROM effects)),
  consent = max(consent, (SELECT coalesce(max(sequence), 0) FROM consents)),
  chunk = max(chunk, (SELECT coalesce(max(chunk), 0) FROM trails)),
  ordinal = max(ordinal, ?);

-- :ordinal
-- The highest ordinal of anybody forgotten.
SELECT ordinal FROM floors;

-- :prune_decisions
-- Decisions up to a sequence number.
DELETE FROM decisions WHERE sequence <= ?;

-- :prune_effects
-- Effects up to a sequence number.
DELETE FROM effects WHERE sequence <= ?;
