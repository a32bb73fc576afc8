-- CRC-32 of the position and the body: what a failing disk changed must not be read as what somebody did. Null for events of
-- before, which are checked by SQLite's own structure alone.
ALTER TABLE events ADD COLUMN sum INTEGER;
