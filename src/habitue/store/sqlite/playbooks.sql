-- :latest
-- The latest version.
SELECT version, name, files FROM versions ORDER BY version DESC LIMIT 1;

-- :keep
-- Keep a new version.
INSERT INTO versions (version, name, applied_at, author, files, note) VALUES (?, ?, ?, ?, ?, ?);

-- :files
-- The files of a version.
SELECT files FROM versions WHERE version = ?;

-- :all
-- Every version, newest first.
SELECT version, name, applied_at, author, note FROM versions ORDER BY version DESC;
