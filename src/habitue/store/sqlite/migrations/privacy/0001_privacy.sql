-- `mark` is a keyed hash of her customer id: who knows the id and the secret can find her receipt, nobody can find her.
-- `customer` and `whose` (who the decide loop forgot, as msgpack) are kept until she is forgotten everywhere.
CREATE TABLE erasures (
  number INTEGER PRIMARY KEY AUTOINCREMENT,
  mark TEXT NOT NULL,
  requested_at INTEGER NOT NULL,
  actor TEXT NOT NULL,
  customer TEXT,
  position INTEGER,
  whose BLOB,
  finished_at INTEGER
) STRICT;

CREATE INDEX erasures_open ON erasures (number) WHERE finished_at IS NULL;
CREATE INDEX erasures_mark ON erasures (mark);

-- What was destroyed where. A place that was cleaned twice, after a crash, counts what it found each time.
CREATE TABLE destroyed (
  number INTEGER NOT NULL,
  place TEXT NOT NULL,
  what TEXT NOT NULL,
  count INTEGER NOT NULL,
  at INTEGER NOT NULL,
  PRIMARY KEY (number, place, what)
) STRICT, WITHOUT ROWID;

-- Places that are done with an erasure.
CREATE TABLE done (
  number INTEGER NOT NULL,
  place TEXT NOT NULL,
  PRIMARY KEY (number, place)
) STRICT, WITHOUT ROWID;

-- People whose records named somebody who was erased: replay cannot tell why they are as they are.
CREATE TABLE others (
  customer TEXT PRIMARY KEY
) STRICT, WITHOUT ROWID;

-- What people asked for by way of the shop, found in the log.
CREATE TABLE requests (
  position INTEGER PRIMARY KEY,
  kind TEXT NOT NULL,
  received_at INTEGER NOT NULL,
  source TEXT NOT NULL,
  customer TEXT,
  closed_at INTEGER
) STRICT;

-- `until`: everything of this class from before that moment is gone. `ran_at`: when it was last looked at.
CREATE TABLE retention (
  class TEXT PRIMARY KEY,
  until INTEGER NOT NULL,
  ran_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE marks (
  name TEXT PRIMARY KEY,
  position INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE audit (
  number INTEGER PRIMARY KEY AUTOINCREMENT,
  at INTEGER NOT NULL,
  actor TEXT NOT NULL,
  what TEXT NOT NULL,
  subject TEXT NOT NULL,
  detail TEXT NOT NULL
) STRICT;

CREATE TRIGGER audit_is_not_changed BEFORE UPDATE ON audit BEGIN SELECT raise(ABORT, 'the audit trail is not changed'); END;
CREATE TRIGGER audit_is_not_deleted BEFORE DELETE ON audit BEGIN SELECT raise(ABORT, 'the audit trail is not deleted'); END;
