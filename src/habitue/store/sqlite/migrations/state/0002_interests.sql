-- From a product or category back to whom it may concern. A key's customers lie side by side, so finding 5,000 of them among
-- a million reads some sixty pages; they are sorted by `since` when asked for. An index by `since` would double what each
-- look at a product writes.
CREATE TABLE interests (
  kind TEXT NOT NULL,
  key TEXT NOT NULL,
  number INTEGER NOT NULL,
  since INTEGER NOT NULL,
  PRIMARY KEY (kind, key, number)
) STRICT, WITHOUT ROWID;
