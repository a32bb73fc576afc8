-- Every word said about consent, as its proof. Rows are only ever added; `body` is the word as JSON, without its text.
-- Thousands say yes to the same sentence: it is kept once.
CREATE TABLE consents (
  sequence INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  customer TEXT NOT NULL,
  text TEXT NOT NULL,
  body BLOB NOT NULL
) STRICT;

CREATE INDEX consents_customer ON consents (customer);

CREATE TABLE consent_texts (
  id TEXT PRIMARY KEY,
  text TEXT NOT NULL
) STRICT, WITHOUT ROWID;
