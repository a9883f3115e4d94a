"""What the writer of a message wrote, apart from quotations and signature."""

from __future__ import annotations

import re

_VERBS = (
    r"wrote|writes|said|schrieb|schreibt|geschrieben|a\s{1,9}[ée]crit|[ée]crit|escribi[óo]|escreveu"
    r"|ha\s{1,9}scritto|scrive"
    r"|schreef|heeft\s{1,9}geschreven|napsala?|nap[íi]sal\(?a?\)?|pisze|napisa[łl]\(?a?\)?|skrev|kirjoitti"
    r"|[íi]rta|написал\(?а?\)?|пишет"
    r"|написав|yazd[ıi]|a\s{1,9}scris|έγραψε|écrivait"
)
_WROTE = re.compile(rf"\b(?:{_VERBS})\b", re.I)
_WROTE_LAST = re.compile(rf"\b(?:{_VERBS})\Z", re.I)
_TIME = re.compile(r"[\d:]{4}")
_OPENS = re.compile(
    r"(?:On|Am|Le|El|Em|Il|Op|Dne|Dňa|W\s{1,9}dniu|Dnia|Den|Em|En|Quoting|Zitat\s{1,9}von|At|Date"
    r"|\d{1,4}[-./]\d).{0,1200}\d",
    re.I | re.S,
)
_ORIGINAL = re.compile(
    r"(?:[-_=*]{2,120}|Begin|Anfang)\s{0,120}(?:Original|Urspr|Message d.origine|Messaggio|Mensa[jg]"
    r"|P[ůu]vodn[íi]|Oorspronkelijk|Wiadomo"
    r"|Forward|Weitergeleitet|Message transf|Reenviad|Inoltrat|P[řr]eposl|Doorgestuurd|forwarded"
    r"|der weitergeleit"
    r"|Исходное|Пересыла|Eredeti|Reply message|Vidarebe|Videresendt|Alkuper).{0,60}\Z",
    re.I,
)
_BEFORE_ORIGINAL = "-_=*BbAa"
_BLOCK_FIRST = re.compile(
    r"[*\s]{0,3}(?:From|Von|De|Da|Van|Od|Från|Fra|Lähettäjä|От|Feladó|De la)\s?\*?\s?:\*?\s?\S", re.I
)
_BLOCK_OTHER = re.compile(
    r"[*\s]{0,3}(?:Sent|To|Cc|Subject|Date|Gesendet|An|Betreff|Datum|Envoy[ée]|À|Objet"
    r"|Enviad[oa](?: el)?|Para|Asunto|Assunto"
    r"|Inviato|A|Oggetto|Data|Verzonden|Aan|Onderwerp|Odesl[áa]no|Odoslan[ée]|Komu|Pro|P[řr]edm[ěe]t"
    r"|Predmet|Wysłano|Do|Temat"
    r"|Skickat|Till|Ämne|Sendt|Til|Emne|Отправлено|Кому|Тема|Reply-To)\s?\*?\s?:",
    re.I,
)
_SIGNATURES = {"-- ", "- -- ", "--\u00a0"}
_BARE_SIGNATURE_LINES = 12
_SHORTEST_RULER = 10
_ATTRIBUTION_LINES = 4
# The number of characters from the verb, the address or the time in an attribution to its colon.
_NEAR = 220


def split_quotations(text: str) -> tuple[str, str]:
    """(written, quoted): each line of `text`, with its end, is in exactly one of both, in its order.

    Quoted are `>` lines with their introduction, a previous message below a reply, what is forwarded, and the
    signature (RFC 3676, section 4.3). Takes time linear in the length.
    """
    lines = text.split("\n")
    end = _find_rest(lines)
    quoted = [False] * end + [True] * (len(lines) - end)
    if ">" in text:
        _mark_quotes(lines, quoted, end)
    if True not in quoted:
        return text, ""
    whole = [line + "\n" for line in lines[:-1]] + lines[-1:]
    return (
        "".join(line for line, is_quoted in zip(whole, quoted, strict=True) if not is_quoted),
        "".join(line for line, is_quoted in zip(whole, quoted, strict=True) if is_quoted),
    )


def _find_rest(lines: list[str]) -> int:
    """The line after which nothing is the writer's: signature, original message, header block."""
    # The cheap tests first, on the first and last character: most lines are neither signature nor header.
    for at, line in enumerate(lines):
        if not line or line[0] == ">":
            continue
        if line in _SIGNATURES or (line == "--" and len(lines) - at <= _BARE_SIGNATURE_LINES):
            return at
        last = line[-1]
        if (line[0] in _BEFORE_ORIGINAL and _is_original(line)) or (":" in line and _is_block(lines, at)):
            return _with_ruler(lines, at)
        if last in ":：" and _is_strong(lines, at):
            return _attribution_start(lines, at)
    return len(lines)


def _is_original(line: str) -> bool:
    return len(line) < 120 and bool(_ORIGINAL.match(line.rstrip()))


def _is_block(lines: list[str], at: int) -> bool:
    """Whether a header block begins here, as Outlook puts it above a quotation."""
    if not _BLOCK_FIRST.match(lines[at][:60]):
        return False
    near = [line[:60] for line in lines[at + 1 : at + 9] if line.strip()][:5]
    return sum(1 for line in near if _BLOCK_OTHER.match(line)) >= 2


def _with_ruler(lines: list[str], at: int) -> int:
    before = at - 1
    while before >= 0 and not lines[before].strip():
        before -= 1
    return before if before >= 0 and at - before <= 3 and _is_ruler(lines[before].strip()) else at


def _is_ruler(line: str) -> bool:
    return len(line) >= _SHORTEST_RULER and not line.strip("_-")


def _is_strong(lines: list[str], at: int) -> bool:
    """Whether `On … wrote:` has nothing marked below it, so that all that follows is quoted."""
    if _follows_quote(lines, at):
        return False
    start = _attribution_start(lines, at)
    whole = "\n".join(line[:300] for line in lines[start : at + 1])
    before = _before_colon(whole)
    return before is not None and bool(_OPENS.match(whole) and _WROTE_LAST.search(before.rstrip()[-_NEAR:]))


def _before_colon(text: str) -> str | None:
    """The text before the colon that ends it; None where none does."""
    text = text.rstrip()
    return text[:-1] if text.endswith((":", "：")) else None


def _is_attribution(text: str) -> bool:
    """Whether a text ends with a colon, and before it says who wrote, from which address, or when."""
    before = _before_colon(text)
    if before is None:
        return False
    near = before[-_NEAR:].rstrip()
    return bool(_WROTE.search(near) or _TIME.search(near)) or _ends_with_address(near)


def _ends_with_address(text: str) -> bool:
    inner = text[:-1].rpartition("<")[2] if text.endswith(">") and "<" in text else ""
    return ">" not in inner and "@" in inner[1:-1]


def _follows_quote(lines: list[str], at: int) -> bool:
    following = next((line for line in lines[at + 1 : at + 4] if line.strip()), "")
    return following.startswith(">")


def _attribution_start(lines: list[str], at: int) -> int:
    """The first line of an attribution that ends at `at`, and may be folded over a few lines."""
    if _OPENS.match(lines[at][:300]):
        return at
    for before in range(at - 1, max(-1, at - _ATTRIBUTION_LINES), -1):
        if not lines[before].strip() or lines[before].startswith(">"):
            break
        if _OPENS.match(lines[before][:300]):
            return before
    return at


def _mark_quotes(lines: list[str], quoted: list[bool], end: int) -> None:
    last = -2  # the last quoted line
    for at in range(end):
        line = lines[at]
        if not line.startswith((">", " >")):
            continue
        between = last
        if last < 0 or any(lines[inner].strip() for inner in range(last + 1, at)):
            between = _mark_attribution(lines, quoted, at)
        for inner in range(max(between, 0), at + 1):
            quoted[inner] = True
        last = at


def _mark_attribution(lines: list[str], quoted: list[bool], at: int) -> int:
    """The first line of the introduction to the quotation at `at`; `at` itself where there is none."""
    before = at - 1
    while before >= 0 and before > at - 4 and not lines[before].strip():
        before -= 1
    if before < 0 or quoted[before] or not lines[before].rstrip().endswith((":", "：", "...")):
        return at
    start = _attribution_start(lines, before)
    whole = "\n".join(line[:300] for line in lines[start : before + 1])
    return start if _is_attribution(whole) else at
