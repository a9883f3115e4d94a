"""The columns of every list that a verb prints: the public contract of JSON, CSV and the plain format.

The order of the columns is that of the fields in a line. Scripts rely on both, so a new column comes last.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from supportctl.records import Record, Row

ColumnKind = Literal["text", "number", "time", "moment", "size", "list", "flag", "mark", "data"]


class Column(Record):
    """A field of the rows, and how it is shown.

    `kind`: text (cut in a table where the terminal is narrow), number, size (bytes), time and moment (seconds since
    the epoch, 0 for none: in a table an age or day, or a day and time), list (of texts), flag (yes or no), mark (a
    flag that is shown as `*` and makes its row bold), data (any JSON value: in json and jsonl only). A column that is
    not `in_table` is in every format but the table.
    """

    name: str
    title: str = ""
    kind: ColumnKind = "text"
    in_table: bool = True


TICKET = (
    Column("id", "ticket"),
    Column("unread", kind="mark"),
    Column("changed", kind="time"),
    Column("queue", in_table=False),
    Column("state", in_table=False),
    Column("requester", "from"),
    Column("subject"),
    Column("tags", kind="list"),
    Column("issue_type", "type"),
    Column("owner"),
    Column("due", kind="time"),
    Column("created", kind="time", in_table=False),
    Column("messages", kind="number", in_table=False),
    Column("strangers", "somebody new", kind="list"),
    Column("links", "linked to", kind="list"),
)
"""A ticket in a list (`ls`); a table leaves out columns without values (`choose_ticket_columns`)."""

CHANGE = (
    Column("id", "ticket"),
    Column("from"),
    Column("to"),
    Column("state"),
    Column("why"),
    Column("subject"),
)
"""What a write would do to a ticket (`--dry-run`)."""

RECEIPT = (
    Column("ticket"),
    Column("outcome"),
    Column("queue"),
    Column("state"),
    Column("rules", kind="list"),
    Column("message_id", in_table=False),
    Column("source", in_table=False),
    Column("subject"),
)
"""What became of a message that was taken in (`ingest`)."""

TRIAL = (
    Column("ticket"),
    Column("rule"),
    Column("result"),
    Column("why"),
    Column("findings", kind="data"),
    Column("signs", kind="data"),
)
"""A rule that was tried on a ticket (`classify --explain`)."""

QUEUE = (
    Column("key", "queue"),
    Column("title", in_table=False),
    Column("open", kind="number"),
    Column("unread", kind="number"),
    Column("closed", kind="number"),
    Column("rights", "you may", kind="list"),
    Column("purpose"),
)
"""A queue with its counts (`queues`)."""

FOUND_TICKET = (
    Column("id", "ticket"),
    Column("date", kind="time"),
    Column("queue"),
    Column("state"),
    Column("from"),
    Column("subject"),
    Column("match", in_table=False),
    Column("spans", kind="data"),
)
"""A ticket that a search found."""

FOUND_MESSAGE = (*FOUND_TICKET[:-2], Column("path"), *FOUND_TICKET[-2:])
"""A message that a search found (`search --messages`)."""

QUERY_PART = (
    Column("mails", kind="number"),
    Column("tickets", kind="number"),
    Column("depth", kind="number"),
    Column("part"),
    Column("meaning"),
)
"""A part of a query (`search --explain`); `depth` is the number of parts around it."""

OPERATION = (
    Column("op", kind="number"),
    Column("at", "when", kind="moment"),
    Column("account", "who"),
    Column("role", "as"),
    Column("verb"),
    Column("tickets", "what"),
    Column("change"),
    Column("why"),
    Column("ids", kind="data"),
)
"""An operation of the log (`log`)."""

OUTGOING = (
    Column("id", "message"),
    Column("at", "age", kind="time"),
    Column("kind"),
    Column("to"),
    Column("state"),
    Column("due", "next try", kind="time"),
    Column("reason"),
    Column("subject", in_table=False),
    Column("ticket", in_table=False),
    Column("tries", kind="number", in_table=False),
    Column("message_id", in_table=False),
)
"""An outgoing message for one recipient (`outbox`)."""

TEMPLATE = (Column("name", "template"), Column("text"))
"""A text for replies (`templates`)."""

FINDING = (Column("kind"), Column("where"), Column("what"))
"""Something that is not as it should be (`check`)."""


def choose_ticket_columns(rows: Sequence[Row], queues: int) -> list[Column]:
    """The columns worth showing in a table of these tickets; other formats show all of them."""
    optional = ("tags", "issue_type", "owner", "due", "strangers", "links")
    hidden = {name for name in optional if not any(row[name] for row in rows)}
    shown = {"queue"} if queues > 1 else set()
    return [
        column._replace(in_table=(column.in_table or column.name in shown) and column.name not in hidden)
        for column in TICKET
    ]
