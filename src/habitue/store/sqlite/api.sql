-- :add_key
-- A new key; the token itself is never written.
INSERT INTO api_keys (id, digest, name, scopes, hint, created_at) VALUES (?, ?, ?, ?, ?, ?);

-- :keys
-- Every key, oldest first, withdrawn ones too.
SELECT id, name, scopes, hint, created_at, last_used_at, withdrawn_at FROM api_keys ORDER BY created_at, id;

-- :key
-- One key.
SELECT id, name, scopes, hint, created_at, last_used_at, withdrawn_at FROM api_keys WHERE id = ?;

-- :digests
-- Keys whose digest begins like the one that is asked for: one or none.
SELECT digest, id, name, scopes, hint, created_at, last_used_at, withdrawn_at FROM api_keys
WHERE digest BETWEEN ? AND ? AND withdrawn_at IS NULL;

-- :withdraw
-- From now on the key opens nothing.
UPDATE api_keys SET withdrawn_at = ? WHERE id = ? AND withdrawn_at IS NULL;

-- :used
-- When a key was last used.
UPDATE api_keys SET last_used_at = ?1 WHERE id = ?2 AND (last_used_at IS NULL OR last_used_at < ?1);

-- :answer
-- What a request was answered, unless that is too long ago.
SELECT fingerprint, status, body FROM answers WHERE api_key = ? AND name = ? AND kept_at > ?;

-- :keep_answer
-- Keep an answer in place of one that is too old.
INSERT INTO answers (api_key, name, kept_at, fingerprint, status, body) VALUES (?, ?, ?, ?, ?, ?)
ON CONFLICT DO UPDATE SET kept_at = excluded.kept_at, fingerprint = excluded.fingerprint,
  status = excluded.status, body = excluded.body;

-- :forget_answers_naming
-- Answers that hold a text.
DELETE FROM answers WHERE instr(body, ?) > 0 OR instr(name, ?) > 0;

-- :forget_answers
-- Answers nobody may ask for again, a few at a time.
DELETE FROM answers WHERE (api_key, name) IN (SELECT api_key, name FROM answers WHERE kept_at <= ? LIMIT 100);
