"""Which system calls a verb makes that a disk has to answer, counted with strace."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from benchmarks.peers import execute
from benchmarks.table import write_table
from benchmarks.turns import Call
from benchmarks.workbench import BULK, LISTED, Workbench

COUNTED = {
    "fsync": ("fsync", "fdatasync"),
    "syncfs": ("syncfs", "sync", "sync_file_range"),
    "rename": ("rename", "renameat", "renameat2"),
    "link": ("link", "linkat"),
    "open": ("open", "openat", "creat"),
    "all": ("total",),
}
_LINE = re.compile(r"^\s*[\d.]+\s+[\d.]+\s+\d+\s+(\d+)\s+(?:\d+\s+)?(\w+)$", re.MULTILINE)


def read_counts(summary: str) -> dict[str, int]:
    """The counts of a summary that `strace -c` wrote, by the columns of our table."""
    calls = Counter({name: int(count) for count, name in _LINE.findall(summary)})
    return {title: sum(calls[name] for name in names) for title, names in COUNTED.items()}


def count_calls(bench: Workbench) -> str:
    """The table of system calls, for each verb once, after a warm-up; `pass` opens what a start of Python does."""
    rows = [("python -c pass", _count(bench, bench.program.nothing))]
    rows += [(title, _count(bench, call)) for title, call in _verbs(bench)]
    return write_table(("verb", *COUNTED), ((title, *map(str, counts.values())) for title, counts in rows))


def _count(bench: Workbench, call: Call) -> dict[str, int]:
    written = bench.folder / "strace"
    execute(Call(["strace", "-f", "-c", "-o", str(written), *call.arguments], call.input, call.environment))
    return read_counts(written.read_text())


def _verbs(bench: Workbench) -> Iterator[tuple[str, Call]]:
    """What is counted; each is made when the one before has been run."""
    desk = bench.small.desk
    ticket = desk.list_tickets("disputes")[0]
    for call in (desk.call("tag", "+warm", ticket), desk.call("show", ticket)):
        execute(call)
    yield f"ls, {LISTED} tickets", desk.call("ls", "disputes")
    yield "show, one ticket", desk.call("show", ticket)
    yield "search linux --limit 20", desk.call("search", "--limit", "20", "linux")
    yield "tag, one ticket", desk.call("tag", "+counted", ticket)
    yield "mv, one ticket", desk.call("mv", ticket, "support-engineers")
    yield "undo", desk.call("undo")
    yield "close, one ticket", desk.call("close", ticket)
    yield "reopen, one ticket", desk.call("reopen", ticket)
    yield "ingest -, one mail", desk.call("ingest", "-", input=_mail(bench))
    yield from _bulk_verbs(bench)


def _bulk_verbs(bench: Workbench) -> Iterator[tuple[str, Call]]:
    bulk, tickets = bench.bulk
    yield f"mv, {BULK} tickets", bulk.call("mv", "-", "disputes", input="\n".join(tickets).encode())
    desk = bench.new_desk("intake")
    desk.deliver(bench.maildir)
    yield f"ingest --classify, {len(bench.files)} mails", desk.call("ingest", "--classify")
    copies = bench.new_desk("intake")
    yield f"ingest MAILDIR, {len(bench.files)} mails", copies.call("ingest", str(bench.maildir))


def _mail(bench: Workbench) -> bytes:
    return Path(bench.bulk_maildir / "new" / "1000000042.M42.bench").read_bytes()
