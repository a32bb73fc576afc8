-- Numbers that were given and must never be given again, though their rows are gone: what follows them would pass over
-- whoever comes after. `ordinal` is the highest of anybody forgotten.
CREATE TABLE floors (
  one INTEGER PRIMARY KEY CHECK (one = 1),
  decision INTEGER NOT NULL,
  effect INTEGER NOT NULL,
  ordinal INTEGER NOT NULL
) STRICT;

INSERT INTO floors (one, decision, effect, ordinal) VALUES (1, 0, 0, 0);
