-- What programs sign in with, and what they were answered.
CREATE TABLE api_keys (
  id TEXT PRIMARY KEY,
  digest BLOB NOT NULL UNIQUE,
  name TEXT NOT NULL,
  scopes TEXT NOT NULL,
  hint TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  last_used_at INTEGER,
  withdrawn_at INTEGER
) STRICT, WITHOUT ROWID;

-- Answers to requests that carried an idempotency key.
CREATE TABLE answers (
  api_key TEXT NOT NULL,
  name TEXT NOT NULL,
  kept_at INTEGER NOT NULL,
  fingerprint BLOB NOT NULL,
  status INTEGER NOT NULL,
  body BLOB NOT NULL,
  PRIMARY KEY (api_key, name)
) STRICT, WITHOUT ROWID;

CREATE INDEX answers_by_age ON answers (kept_at);
