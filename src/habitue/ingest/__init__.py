"""The world's events come in here: read from any client, made canonical, kept in the log before we say yes."""
