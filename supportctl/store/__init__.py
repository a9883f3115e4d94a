"""Everything that knows the disk: Maildir, TinyDB, the operation log, SQLite. Others see `contract.py`."""
