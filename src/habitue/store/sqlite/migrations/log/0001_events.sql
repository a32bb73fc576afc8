-- `dedupe` is a hash of (source, id), 12 bytes long: two different events share one with a chance of 1 in 10^11 at a
-- thousand million events. Shorter would be a risk, longer makes each append touch more pages.
CREATE TABLE events (
  position INTEGER PRIMARY KEY,
  received_at INTEGER NOT NULL,
  dedupe BLOB NOT NULL UNIQUE,
  body BLOB NOT NULL
) STRICT;

CREATE TABLE dead_letters (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  received_at INTEGER NOT NULL,
  source TEXT NOT NULL,
  reason TEXT NOT NULL,
  detail TEXT NOT NULL,
  body TEXT NOT NULL
) STRICT;
