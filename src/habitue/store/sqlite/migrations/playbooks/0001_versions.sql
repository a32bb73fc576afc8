CREATE TABLE versions (
  version INTEGER PRIMARY KEY,
  name TEXT NOT NULL,
  applied_at INTEGER NOT NULL,
  author TEXT NOT NULL,
  files TEXT NOT NULL
) STRICT;
