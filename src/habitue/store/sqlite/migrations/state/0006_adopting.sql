-- Playbook versions in force that not everybody has adopted yet: the decide loop goes on with them after a restart.
CREATE TABLE adopting (
  position INTEGER PRIMARY KEY,
  version INTEGER NOT NULL,
  before INTEGER NOT NULL
) STRICT;
