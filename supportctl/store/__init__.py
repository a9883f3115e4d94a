"""All that knows the disk: Maildir, TinyDB, the operation log, SQLite. Outsiders use `Store` and `State`."""
