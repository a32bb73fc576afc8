-- `body` is the whole delivery as JSON; the columns beside it are what is searched by.
-- `due` is set while it waits. `changed` numbers the changes, so that the archive can ask what is new.
CREATE TABLE deliveries (
  sequence INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  customer TEXT NOT NULL,
  message TEXT NOT NULL,
  channel TEXT NOT NULL,
  state TEXT NOT NULL,
  due INTEGER,
  expires_at INTEGER NOT NULL,
  unreported INTEGER,
  changed INTEGER NOT NULL,
  body BLOB NOT NULL
) STRICT;

CREATE INDEX deliveries_due ON deliveries (due) WHERE due IS NOT NULL;
CREATE INDEX deliveries_sending ON deliveries (sequence) WHERE state = 'sending';
CREATE INDEX deliveries_unreported ON deliveries (sequence) WHERE unreported IS NOT NULL;
CREATE INDEX deliveries_onsite ON deliveries (customer) WHERE channel = 'onsite' AND state = 'accepted';
CREATE INDEX deliveries_customer ON deliveries (customer);
CREATE INDEX deliveries_message ON deliveries (message);
CREATE INDEX deliveries_state ON deliveries (channel, state);
CREATE UNIQUE INDEX deliveries_changed ON deliveries (changed);

-- Apart from the deliveries, because an effect carries all its template may speak of and is written once.
CREATE TABLE effects (
  sequence INTEGER PRIMARY KEY,
  body BLOB NOT NULL
) STRICT;

CREATE TABLE progress (
  one INTEGER PRIMARY KEY CHECK (one = 1),
  cursor INTEGER NOT NULL,
  changed INTEGER NOT NULL
) STRICT;

INSERT INTO progress (one, cursor, changed) VALUES (1, 0, 0);
