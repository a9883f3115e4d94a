"""Tell delivery failures, automatic replies, other systems' notifications and list mail from what people write."""

from __future__ import annotations

from typing import Literal

from supportctl.mail import bounce_original
from supportctl.mail.automatic_evidence import Evidence
from supportctl.mail.automatic_signs import KNOWN_FORMAT, LIKELY, OBJECTIONS, PROOFS, SUGGESTIONS, Clue
from supportctl.mail.message_header import MessageHeader
from supportctl.mail.mime import Part
from supportctl.mail.verdict import Verdict
from supportctl.model import Automatic, Likely

_LIKELY_KINDS: tuple[Literal["bounce", "reply"], ...] = ("bounce", "reply")


def recognise_automatic(header: MessageHeader, root: Part, text: str, written: str) -> Verdict:
    """The verdict on a message by its header, parts, text, and what of the text the writer wrote.

    Certain is what a sign proves and none objects to; likely is what is proved against an objection, or suggested by
    enough. A bounce comes before a reply, both before a notification, and that before mail of a list.
    """
    evidence = Evidence(header, root, text, written)
    listed: Automatic = "list" if evidence.is_from_list() else ""
    if not evidence.is_notable():
        return Verdict(listed, "", "", [])
    trial = _Trial(evidence)
    kind = trial.find_certain()
    likely: Likely = "" if kind in _LIKELY_KINDS else trial.find_likely()
    original = _find_original(kind or likely, header, root, text)
    return Verdict(kind or listed, likely, original, [clue.sign for clue in trial.seen])


class _Trial:
    """The signs that were seen so far. Most of what is automatic is certainly so by the first sign that proves it."""

    def __init__(self, evidence: Evidence) -> None:
        self.evidence = evidence
        self.seen: list[Clue] = []
        self.objections: list[Clue] | None = None

    def find_certain(self) -> Automatic:
        """The first kind that is proved without objection."""
        for kind, clues in PROOFS.items():
            if proof := next((clue for clue in clues if clue.is_seen(self.evidence)), None):
                self.seen.append(proof)
                if not any(objection.sign.kind in (kind, "") for objection in self._object()):
                    return kind
        return ""

    def find_likely(self) -> Likely:
        """The kind that is proved in spite of an objection, or else suggested most, if by enough."""
        self._object()
        self.seen += [clue for clue in SUGGESTIONS if clue.is_seen(self.evidence)]
        for kind in _LIKELY_KINDS:
            if any(clue.sign.weight == "proves" and clue.sign.kind == kind for clue in self.seen):
                return kind
        if self._would_tip() and KNOWN_FORMAT.is_seen(self.evidence):
            self.seen.append(KNOWN_FORMAT)
        kind = max(_LIKELY_KINDS, key=self._points)
        return kind if self._points(kind) >= LIKELY else ""

    def _object(self) -> list[Clue]:
        """The objections, which are looked for once, when the first is needed."""
        if self.objections is None:
            self.objections = [clue for clue in OBJECTIONS if clue.is_seen(self.evidence)]
            self.seen += self.objections
        return self.objections

    def _points(self, kind: Automatic) -> int:
        return sum(clue.points for clue in self.seen if clue.sign.kind in (kind, ""))

    def _would_tip(self) -> bool:
        """Whether the sign that takes so long would make a bounce likely, and nothing speaks against it."""
        if not 0 < LIKELY - self._points("bounce") <= KNOWN_FORMAT.points or any(
            clue.points for clue in self._object()
        ):
            return False
        return self.evidence.may_be_server() and self.evidence.speaks_of_failure()


def _find_original(kind: Automatic, header: MessageHeader, root: Part, text: str) -> str:
    if kind == "bounce":
        return bounce_original.find_original(header, root, text)
    return bounce_original.find_answered(header, root) if kind == "reply" else ""
