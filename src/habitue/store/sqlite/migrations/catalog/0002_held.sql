-- Prices that fell by more than is likely: as they were told, until somebody lets them in or refuses them.
CREATE TABLE held (
  product TEXT PRIMARY KEY,
  source TEXT NOT NULL,
  at INTEGER NOT NULL,
  body BLOB NOT NULL
) STRICT, WITHOUT ROWID;
