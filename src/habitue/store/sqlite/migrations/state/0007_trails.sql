-- Whose a chunk is, by number, and the log position of the commit that wrote it: so chunks can be read in the order they
-- were written, and tell of each record to whom it went. Chunks that hold decisions alone have no number.
ALTER TABLE trails ADD COLUMN number INTEGER;
ALTER TABLE trails ADD COLUMN until INTEGER NOT NULL DEFAULT 0;

-- Chunks from before count as one large commit.
UPDATE trails SET number = walk.whose, until = (SELECT position FROM progress)
FROM (
  WITH RECURSIVE steps (chunk, whose) AS (
    SELECT trail, number FROM customers WHERE trail > 0
    UNION ALL
    SELECT trails.previous, steps.whose FROM steps JOIN trails USING (chunk) WHERE trails.previous > 0
  )
  SELECT chunk, whose FROM steps
) AS walk
WHERE trails.chunk = walk.chunk;

ALTER TABLE floors ADD COLUMN chunk INTEGER NOT NULL DEFAULT 0;

-- Everyone who ever was a person of her own: when her first record was received, and into whom she was joined. A narrow
-- table in the order of change, so that a million people are read in one go, and what is new is read on. Without it they
-- would have to be found among tombstones, between states a thousand times as wide.
CREATE TABLE people (
  change INTEGER PRIMARY KEY AUTOINCREMENT,
  number INTEGER NOT NULL UNIQUE,
  id TEXT NOT NULL,
  met_at INTEGER NOT NULL,
  joined_into TEXT
) STRICT;

-- Of those from before, the time of what they first did stands for its reception.
INSERT INTO people (number, id, met_at, joined_into)
SELECT number, id, told_of(state, 'first_seen_at'), told_of(state, 'merged_into')
FROM customers WHERE trail > 0 AND state IS NOT NULL ORDER BY number;
