-- :person
-- The state of a customer, tombstones included.
SELECT state, sum FROM customers WHERE id = ?;

-- :people_count
-- How many people there are.
SELECT count(*) FROM customers WHERE seen_slot IS NOT NULL;

-- :find
-- The numbers of people whose words hold a text, as many as are worth sorting.
SELECT number FROM words WHERE instr(search, ?) > 0 LIMIT ?;

-- :number
-- The number of a person by her exact id.
SELECT number FROM customers WHERE id = ? AND seen_slot IS NOT NULL;

-- :rows
-- People by their numbers.
SELECT id, coalesce(search, ''), seen_at, due FROM customers LEFT JOIN words USING (number)
WHERE number IN (SELECT value FROM json_each(?)) AND seen_slot IS NOT NULL;

-- :people_met
-- People whose words hold a text, in the order they were first met.
SELECT number, id, coalesce(search, ''), seen_at, due FROM customers LEFT JOIN words USING (number)
WHERE number > ?1 AND seen_slot IS NOT NULL AND (?2 = '' OR instr(search, ?2) > 0) ORDER BY number LIMIT ?3;

-- :seen
-- When somebody was last seen.
SELECT seen_at FROM customers WHERE id = ? AND seen_slot IS NOT NULL;

-- :slot_before
-- The latest ten minutes, up to given ones, in which people were last seen.
SELECT max(seen_slot) FROM customers WHERE seen_slot <= ?;

-- :slot_rows
-- People last seen in ten minutes whose words hold a text, after the last one of the page before.
SELECT id, coalesce(search, ''), seen_at, due FROM customers LEFT JOIN words USING (number)
WHERE seen_slot = ?1 AND (?2 = '' OR instr(search, ?2) > 0) AND (seen_at < ?3 OR (seen_at = ?3 AND id > ?4))
ORDER BY seen_at DESC, id LIMIT ?5;

-- :trail
-- Where a customer's trail begins.
SELECT trail FROM customers WHERE id = ?;

-- :chunk
-- One chunk of a trail.
SELECT previous, top_before, body FROM trails WHERE chunk = ?;

-- :kinds
-- The kinds of decision that pass a filter.
SELECT kind FROM kinds
WHERE (?1 IS NULL OR outcome = ?1) AND (?2 IS NULL OR reason = ?2)
  AND (?3 IS NULL OR journey = ?3) AND (?4 IS NULL OR message = ?4);

-- :decisions_before
-- The latest decisions of all kinds.
SELECT sequence FROM decisions WHERE sequence < ? ORDER BY sequence DESC LIMIT ?;

-- :decisions_of_kind
-- The latest decisions of one kind.
SELECT sequence FROM decisions WHERE kind = ? AND sequence < ? ORDER BY sequence DESC LIMIT ?;

-- :decisions
-- Whole decisions by sequence number, newest first.
SELECT sequence, outcome, reason, journey, step, message, channel, segment, body
FROM decisions JOIN kinds USING (kind)
WHERE sequence IN (SELECT value FROM json_each(?)) ORDER BY sequence DESC;

-- :decisions_after
-- Whole decisions after a sequence number, in order.
SELECT sequence, outcome, reason, journey, step, message, channel, segment, body
FROM decisions JOIN kinds USING (kind) WHERE sequence > ? ORDER BY sequence LIMIT ?;

-- :kinds_of
-- Which of some decisions are of some kinds.
SELECT sequence FROM decisions
WHERE sequence IN (SELECT value FROM json_each(?1)) AND kind IN (SELECT value FROM json_each(?2))
ORDER BY sequence DESC;

-- :segment_sizes
-- How many people each segment has.
SELECT segment, size FROM segment_sizes WHERE size > 0 ORDER BY segment;

-- :segment_changes
-- Who joined and left a segment, by buckets of minutes.
SELECT minute / ?3 * ?3, sum(joined), sum(gone) FROM segment_changes
WHERE segment = ?1 AND minute >= ?2 GROUP BY 1 ORDER BY 1;

-- :members
-- A page of a segment's members.
SELECT customer, since FROM members WHERE segment = ? AND customer > ? ORDER BY customer LIMIT ?;

-- :places
-- Runs of a journey that go on, earliest due first.
SELECT customer, run, journey, version, key, step, since, due FROM places
WHERE journey = ?1 AND (?2 IS NULL OR step = ?2)
ORDER BY due IS NULL, due, customer, run LIMIT ?3;

-- :place_counts
-- How many runs of a journey stand at each step of each version.
SELECT version, step, count(*) FROM places WHERE journey = ? GROUP BY version, step ORDER BY version, step;

-- :tallies
-- Counts of one width in a span of minutes, added up by buckets; amounts in two halves, whose sums cannot outgrow 64 bits.
SELECT minute / ?5 * ?5, name, outcome, reason, sum(count), sum(amount / 1000000), sum(amount % 1000000) FROM tallies
WHERE subject = ?1 AND width = ?2 AND minute >= ?3 AND minute < ?4 GROUP BY 1, 2, 3, 4;

-- :parked
-- Customers whose step failed, the longest waiting first.
SELECT customer, position, error, at FROM parked ORDER BY at, customer;

-- :interested
-- Whom products or categories interest, each customer once, the oldest interest first, after the last one of a page.
SELECT id, of, since, seen_slot IS NULL
FROM (
  SELECT number, group_concat(kind) AS of, min(since) AS since FROM interests
  WHERE kind IN (SELECT value FROM json_each(?1)) AND key IN (SELECT value FROM json_each(?2))
  GROUP BY number
) JOIN customers USING (number)
WHERE since > ?3 OR (since = ?3 AND id > ?4)
ORDER BY since, id LIMIT ?5;

-- :consents
-- What some customers said about consent, newest first.
SELECT sequence, body, coalesce(consent_texts.text, '')
FROM consents LEFT JOIN consent_texts ON consent_texts.id = consents.text
WHERE customer IN (SELECT value FROM json_each(?)) AND sequence < ? ORDER BY sequence DESC LIMIT ?;

-- :consents_after
-- The consent ledger in order.
SELECT sequence, body, coalesce(consent_texts.text, '')
FROM consents LEFT JOIN consent_texts ON consent_texts.id = consents.text
WHERE sequence > ? ORDER BY sequence LIMIT ?;

-- :version
-- The playbook version in force.
SELECT version FROM progress;

-- :adopting
-- Versions that not everybody has adopted.
SELECT position, version, before FROM adopting ORDER BY position;
