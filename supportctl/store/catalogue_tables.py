"""The tables of the catalogue, and their creation."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import sqlite3

# The columns of `undoing` stand in the order of its key: else SQLite 3.40 finds damage in such a table without rowid.
_SCHEMA = """
CREATE TABLE meta (name TEXT PRIMARY KEY, value) WITHOUT ROWID;
CREATE TABLE ticket (
  id TEXT PRIMARY KEY, folder TEXT NOT NULL, queue TEXT NOT NULL, state TEXT NOT NULL, owner TEXT NOT NULL,
  issue_type TEXT NOT NULL, tags TEXT NOT NULL, requester TEXT NOT NULL, subject TEXT NOT NULL,
  created INTEGER NOT NULL, changed INTEGER NOT NULL, due INTEGER NOT NULL, op INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX ticket_queue ON ticket (queue);
CREATE INDEX ticket_state ON ticket (state) WHERE state <> 'closed';
CREATE INDEX ticket_owner ON ticket (lower(owner)) WHERE owner <> '';
CREATE INDEX ticket_type ON ticket (lower(issue_type)) WHERE issue_type <> '';
CREATE TABLE tag (name TEXT NOT NULL, ticket TEXT NOT NULL, PRIMARY KEY (name, ticket)) WITHOUT ROWID;
CREATE TABLE message (
  number INTEGER PRIMARY KEY, ticket TEXT NOT NULL, key TEXT NOT NULL, mid TEXT NOT NULL, digest TEXT NOT NULL,
  date INTEGER NOT NULL, brought_by TEXT NOT NULL
);
CREATE INDEX message_mid ON message (mid);
CREATE INDEX message_digest ON message (digest);
CREATE INDEX message_ticket ON message (ticket);
CREATE TABLE mention (mid TEXT NOT NULL, number INTEGER NOT NULL, PRIMARY KEY (mid, number)) WITHOUT ROWID;
CREATE TABLE outgoing (
  key TEXT PRIMARY KEY, mid TEXT NOT NULL, ticket TEXT NOT NULL, kind TEXT NOT NULL, recipient TEXT NOT NULL,
  at INTEGER NOT NULL, is_open INTEGER NOT NULL, has_failed INTEGER NOT NULL, due INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX outgoing_mid ON outgoing (mid);
CREATE INDEX outgoing_open ON outgoing (at) WHERE is_open;
CREATE INDEX outgoing_due ON outgoing (due) WHERE due > 0;
CREATE INDEX outgoing_failed ON outgoing (ticket) WHERE has_failed;
CREATE INDEX outgoing_recipient ON outgoing (recipient, at);
CREATE TABLE note (
  ticket TEXT NOT NULL, key TEXT NOT NULL, text TEXT NOT NULL, PRIMARY KEY (ticket, key)
) WITHOUT ROWID;
CREATE TABLE folder (name TEXT PRIMARY KEY, tickets INTEGER NOT NULL, op INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE op (
  op INTEGER PRIMARY KEY, log TEXT NOT NULL, offset INTEGER NOT NULL, at INTEGER NOT NULL, account TEXT NOT NULL,
  role TEXT NOT NULL, verb TEXT NOT NULL, why TEXT NOT NULL, grp INTEGER NOT NULL, bookkeeping INTEGER NOT NULL,
  undone_by INTEGER NOT NULL, takes_back INTEGER NOT NULL
);
CREATE INDEX op_account ON op (account, op);
CREATE TABLE undoing (undone INTEGER NOT NULL, op INTEGER NOT NULL, PRIMARY KEY (undone, op)) WITHOUT ROWID;
CREATE TABLE op_queue (op INTEGER NOT NULL, queue TEXT NOT NULL, PRIMARY KEY (op, queue)) WITHOUT ROWID;
CREATE TABLE history (ticket TEXT NOT NULL, op INTEGER NOT NULL, PRIMARY KEY (ticket, op)) WITHOUT ROWID;
"""


def create(connection: sqlite3.Connection, version: int) -> None:
    """Create the tables as of a version, unless another process has done so by now."""
    connection.execute("BEGIN IMMEDIATE")
    with connection:
        # Asked again under the lock: two processes may have found an empty file.
        if connection.execute("PRAGMA user_version").fetchone()[0] == version:
            return
        names = [row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        for name in names:  # of another version: all of it follows from the log
            connection.execute(f'DROP TABLE "{name}"')
        for statement in list_statements():
            connection.execute(statement)
        connection.execute(f"PRAGMA user_version = {version}")


def list_statements() -> list[str]:
    """The statements that create the tables, as SQLite keeps them."""
    return [statement.strip() for statement in _SCHEMA.split(";") if statement.strip()]
