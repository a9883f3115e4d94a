"""The states of outgoing mail, for each recipient, and how one follows from another; pure.

    held ─(a person frees it)→ waiting ─→ sending ─→ sent
                                  ↑          │├────→ failed    (5xx; after the last try)
                               deferred ←────┘└────→ held      (stopped twice while it was being sent)
    any but sent ─(a person drops or undoes it)→ dropped

A state is a fact in the log, on the ticket's row of the message (`model.Outgoing`). The envelope is on that row too: of
the file, only the content is read, and a file without a row never leaves. No state is inferred from a file that is
there or gone.

How a message leaves (`outbox/sending.py`), and what is so if the process dies after each step:

1. *Claim*: lock the message's own file. Dies: the kernel frees the lock, nothing has happened.
2. Operation *sending*, under the desk's lock: the message is due, and nobody else has it. Dies: the file is free, the
   state is `sending`. Nobody can tell how far that went, so whoever claims it next says `interrupted` and sends it once
   more, under the same Message-ID; stopped a second time, it is held for a person to look at.
3. Release the desk's lock; hand the message over. Dies: as after 2, whether or not the server has said "250".
4. Operation with the answers, under the desk's lock; it moves what is done to `.sent.YYYY-MM`. Dies after its line is
   in the log: the next command finishes it, as any operation.
5. Release the claim; after 4, so that nobody claims what has just been sent and finds it `sending`.

The operations 2 and 4 are bookkeeping: they take no right, touch no ticket, and undo looks through them. An undo takes
back what the desk has decided, never what has happened: what has left, or may have, keeps its row, so that its
Message-ID goes on finding the ticket (`recall`). An undo between 2 and 4 drops what is being sent; the answer then
makes it sent, or changes nothing.

A file leaves the outbox when all is sent or dropped. If anything may have left, it goes to the folder of the month, and
a reply to its ticket, of which it is a message from then on (`outgoing.replace_row`); else it goes to `.undone`. What
has failed stays, for a person to drop or to try again.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping

from supportctl.config import Transport
from supportctl.model import ON_THE_WAY, UNDONE, WITH_TICKET, Dispatch, DispatchState, Outgoing, sent_folder
from supportctl.transport.answers import Answer

PAUSES = (300, 600, 1200, 2400, 4800, 9600, 19200, 28800)
"""Seconds until the next try, after each try; from the last one on always the same."""
LAST_TRY = 22
"""After this many tries, five days in all, a message has failed (RFC 5321, 4.5.4.1)."""

NO_TRANSPORT = "no transport is configured"
_INTERRUPTED_TWICE = "stopped twice while it was being sent: it may have arrived"
_CHANGED = "its file has changed since the desk wrote it"


def enqueue(outgoing: Outgoing, transport: Transport, delay: int) -> Outgoing:
    """A message that was just written, as it begins its way; without a transport it is held."""
    if transport.kind == "maildir":
        return outgoing
    waiting = [Dispatch(to, "waiting", outgoing.at, due=outgoing.at + delay) for to in outgoing.recipients]
    return outgoing._replace(progress=waiting)


def is_to_send(outgoing: Outgoing, now: int, *, at_once: bool = False) -> bool:
    """Whether a message may be sent now; `at_once` waits for no time."""
    return any(_is_due(dispatch, now, at_once) for dispatch in outgoing.progress)


def begin(outgoing: Outgoing, now: int, *, at_once: bool = False) -> Outgoing:
    """A claimed message as it is about to be sent to whom it is due; what was `sending` before was interrupted."""
    return _each(outgoing, lambda dispatch: _begin(dispatch, now) if _is_due(dispatch, now, at_once) else dispatch)


def recipients_now(outgoing: Outgoing) -> list[str]:
    """The recipients to whom a message is being sent."""
    return [dispatch.to for dispatch in outgoing.progress if dispatch.state == "sending"]


def settle(outgoing: Outgoing, answers: Mapping[str, Answer], now: int, month: str) -> Outgoing:
    """A message after the transport has answered."""

    def read(dispatch: Dispatch) -> Dispatch:
        answer = answers.get(dispatch.to)
        return _read(dispatch, answer, now) if answer else dispatch

    return _placed(_each(outgoing, read), month)


def hold_changed(outgoing: Outgoing, now: int) -> Outgoing:
    """A message whose file is not what the desk wrote: it stays until a person drops it."""
    return _each(
        outgoing, lambda dispatch: _to(dispatch, "held", now, _CHANGED) if dispatch.state in ON_THE_WAY else dispatch
    )


def free(outgoing: Outgoing, now: int) -> Outgoing:
    """A message that a person lets go, or lets go again: what was held or has failed waits from now on."""
    return _each(
        outgoing,
        lambda dispatch: (
            Dispatch(dispatch.to, "waiting", now, due=now, interrupted=dispatch.interrupted)
            if dispatch.state in ("held", "failed")
            else dispatch
        ),
    )


def take_out(outgoing: Outgoing, now: int, month: str, reason: str) -> Outgoing:
    """A message that a person takes out of the outbox: it goes to nobody who has not got it."""
    return _placed(
        _each(outgoing, lambda dispatch: dispatch if dispatch.state == "sent" else _dropped(dispatch, now, reason)),
        month,
    )


def recall(left: Outgoing, restored: Outgoing | None, now: int, month: str) -> Outgoing | None:
    """What an undo leaves of a message that would be `restored` (None: gone) if nothing had happened to it since."""
    if not left.may_have_left:
        return restored
    before = {dispatch.to: dispatch for dispatch in restored.dispatches} if restored else {}

    def take_back(dispatch: Dispatch) -> Dispatch:
        if dispatch.state == "sent":
            return dispatch
        is_open = dispatch.interrupted or dispatch.state == "sending"
        earlier = before.get(dispatch.to) or _dropped(dispatch, now, "undone")
        return earlier._replace(interrupted=earlier.interrupted or is_open)

    return _placed(_each(left, take_back), month)


def recall_all(left: Collection[Outgoing], restored: Collection[Outgoing], now: int, month: str) -> list[Outgoing]:
    """`recall` for all messages of a ticket, in their order."""
    wanted = {outgoing.key: outgoing for outgoing in restored}
    kept = [recall(outgoing, wanted.pop(outgoing.key, None), now, month) for outgoing in left]
    return [*filter(None, kept), *wanted.values()]


def _is_due(dispatch: Dispatch, now: int, at_once: bool) -> bool:
    return dispatch.state in ON_THE_WAY and (at_once or dispatch.due <= now)


def _begin(dispatch: Dispatch, now: int) -> Dispatch:
    is_interrupted = dispatch.state == "sending"
    if is_interrupted and dispatch.interrupted:
        return _to(dispatch, "held", now, _INTERRUPTED_TWICE)
    return _to(dispatch, "sending", now)._replace(
        tries=dispatch.tries + 1, interrupted=dispatch.interrupted or is_interrupted
    )


def _read(dispatch: Dispatch, answer: Answer, now: int) -> Dispatch:
    if answer.state == "sent":
        return _to(dispatch, "sent", now, answer.words)
    if dispatch.state != "sending":  # taken back meanwhile, and not gone
        return dispatch
    if answer.state == "failed":
        return _to(dispatch, "failed", now, answer.words)
    if answer.state == "unknown" and dispatch.interrupted:
        return _to(dispatch, "held", now, f"{_INTERRUPTED_TWICE}; {answer.words}")
    if dispatch.tries >= LAST_TRY:
        return _to(dispatch, "failed", now, f"given up after {dispatch.tries} tries: {answer.words}")
    later = _to(dispatch, "deferred", now, answer.words)
    due = now + PAUSES[min(dispatch.tries, len(PAUSES)) - 1]
    return later._replace(due=due, interrupted=dispatch.interrupted or answer.state == "unknown")


def _dropped(dispatch: Dispatch, now: int, reason: str) -> Dispatch:
    is_open = dispatch.interrupted or dispatch.state == "sending"
    return _to(dispatch, "dropped", now, reason)._replace(interrupted=is_open)


def _to(dispatch: Dispatch, state: DispatchState, now: int, reason: str = "") -> Dispatch:
    return dispatch._replace(state=state, at=now, due=0, reason=reason)


def _each(outgoing: Outgoing, change: Callable[[Dispatch], Dispatch]) -> Outgoing:
    changed = [change(dispatch) for dispatch in outgoing.dispatches]
    return outgoing if changed == outgoing.dispatches else outgoing._replace(progress=changed)


def _placed(outgoing: Outgoing, month: str) -> Outgoing:
    """A message with the folder that it belongs to by now."""
    if outgoing.is_open:
        return outgoing._replace(folder="")
    left_for = WITH_TICKET if outgoing.kind == "reply" else sent_folder(month)
    folder = left_for if outgoing.may_have_left else UNDONE
    return outgoing._replace(folder=outgoing.folder or folder)
