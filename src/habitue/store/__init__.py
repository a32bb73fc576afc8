"""Where logs and states are kept: in memory, in SQLite, and for good in the archive."""
