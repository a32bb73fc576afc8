-- The time the latest fence told. Timers have fired up to it, so no later record may be stamped earlier, even if the
-- machine's clock is set back meanwhile.
CREATE TABLE fence (
  id INTEGER PRIMARY KEY CHECK (id = 0),
  told INTEGER NOT NULL
) STRICT;

INSERT INTO fence (id, told) VALUES (0, 0);
