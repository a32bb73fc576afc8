-- What went to which address, by a keyed hash of it: counted over all customers. Let go of once no rule looks back so far.
CREATE TABLE passages (
  delivery TEXT PRIMARY KEY,
  customer TEXT NOT NULL,
  mark BLOB NOT NULL,
  at INTEGER NOT NULL,
  handed_at INTEGER NOT NULL,
  message TEXT NOT NULL,
  thing BLOB NOT NULL,
  marketing INTEGER NOT NULL,
  proven INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX passages_mark ON passages (mark, handed_at);
CREATE INDEX passages_handed ON passages (handed_at);
