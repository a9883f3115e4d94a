"""The domains that a message is really from, by Authentication-Results of trusted servers (RFC 8601)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from supportctl.mail.addresses import read_addresses
from supportctl.mail.headers import QUOTED

_PIECE = re.compile(rf'"{QUOTED}"|[()]|[^"\\()]++', re.S)
_COMMENT_PIECE = re.compile(r"[()]|\\.|[^\\()]++", re.S)
_SPLIT = re.compile(rf'([^";]*+(?:"{QUOTED}"[^";]*+)*)(;|\Z)', re.S)
_SERVER = re.compile(rf'\s*("{QUOTED}"|[^\s"=]++)(?:\s+(\d+))?\s*\Z', re.S)
_PAIR = re.compile(
    rf'\s*([a-z][a-z0-9-]*+(?:\s*\.\s*[a-z0-9_-]++)?)(?:\s*/\s*\d++)?\s*=\s*("{QUOTED}"|[^\s"]++)', re.I | re.S
)
_DOMAIN = re.compile(r"[^\s@.;,<>\"'()]+(?:\.[^\s@.;,<>\"'()]+)+\Z")
_LONGEST = 20_000


@dataclass(slots=True, frozen=True)
class AuthenticationResult:
    """One result of one method (`dkim=pass header.d=example.org`), names and values in lower case."""

    method: str
    result: str
    properties: dict[str, str]


def passed_domains(headers: Iterable[tuple[str, str]], trusted: frozenset[str]) -> list[str]:
    """The domains that pass DKIM or DMARC and agree with From; SPF alone is not enough.

    `headers` are in their order, encoded words not decoded. Only fields of a server in `trusted` count, and for each
    method the topmost field that has the method. A domain that DMARC mentions and does not pass fails.
    """
    if not trusted:
        return []
    servers = {server.lower() for server in trusted}
    senders, results = [], []
    for name, value in headers:
        low = name.lower()
        if low == "from":
            senders.append(value)
        elif low == "authentication-results":
            results.append(read_results(value, servers))
    # Two From fields, or two addresses in one: readers differ on which counts, so none is authenticated.
    author = _author_domain(senders) if any(results) else ""
    if not author:
        return []
    return _passed_domains(author, _topmost(results, "dkim"), _topmost(results, "dmarc"))


def _author_domain(senders: list[str]) -> str:
    """The one domain of the one From; "" where there is any doubt."""
    if len(senders) != 1:
        return ""
    domains = {address.addr.rpartition("@")[2] for address in read_addresses(senders[0])}
    return _read_domain(domains.pop()) if len(domains) == 1 else ""


def _topmost(results: list[list[AuthenticationResult]], method: str) -> list[AuthenticationResult]:
    # Servers add their field at the top, so the topmost is the one that our own server wrote last.
    for field in results:
        of_method = [result for result in field if result.method == method]
        if of_method:
            return of_method
    return []


def _passed_domains(author: str, dkim: list[AuthenticationResult], dmarc: list[AuthenticationResult]) -> list[str]:
    passed = [_signer(result) for result in dkim if result.result == "pass"]
    for result in dmarc:
        domain = _read_domain(result.properties.get("header.from", ""))
        if result.result == "pass":
            passed.append(domain)
        elif not domain or is_aligned(domain, author):
            return []
    return list(dict.fromkeys(domain for domain in passed if domain and is_aligned(domain, author)))


def _signer(result: AuthenticationResult) -> str:
    signer = result.properties.get("header.d") or result.properties.get("header.i", "").rpartition("@")[2]
    return _read_domain(signer)


def _read_domain(text: str) -> str:
    domain = text.lower().strip().rstrip(".").rpartition("@")[2]
    return domain if _DOMAIN.match(domain) else ""


def is_aligned(domain: str, other: str) -> bool:
    """Whether two domains are the same, or one is below the other."""
    return domain == other or domain.endswith("." + other) or other.endswith("." + domain)


def read_results(value: str, servers: set[str]) -> list[AuthenticationResult]:
    """The results in a field of one of `servers`; none where the field can't be read with certainty."""
    text = _without_comments(value) if len(value) <= _LONGEST else None
    if text is None:
        return []
    server, *statements = [match[1] for match in _SPLIT.finditer(text)]
    match = _SERVER.match(server)
    if not match or _unquote(match[1]).lower() not in servers or match[2] not in {None, "1"}:
        return []
    return [result for statement in statements if (result := _read_statement(statement))]


def _read_statement(statement: str) -> AuthenticationResult | None:
    """A result; where its properties can't be read to the end, one that did not pass."""
    pairs, at = [], 0
    while match := _PAIR.match(statement, at):
        pairs.append((re.sub(r"\s", "", match[1]).lower(), _unquote(match[2]).lower()))
        at = match.end()
    if not pairs:
        return None
    (method, result), *properties = pairs
    names = [name for name, _ in properties]
    is_readable = not statement[at:].strip() and len(set(names)) == len(names)
    return AuthenticationResult(method, result if is_readable else "unreadable", dict(properties))


def _unquote(text: str) -> str:
    return re.sub(r"\\(.)", r"\1", text[1:-1], flags=re.S) if text.startswith('"') else text


def _without_comments(value: str) -> str | None:
    """`value` with a space for every comment; None where readers could differ on what is a comment or quoted.

    That is where a comment or a quoted string has no end, and where an escape is outside both. In a comment a quote is
    any character (RFC 5322, 3.2.2): else a server would leave a field that we take for one of its own.
    """
    depth, at, kept = 0, 0, []
    while at < len(value):
        pattern = _COMMENT_PIECE if depth else _PIECE
        match = pattern.match(value, at)
        piece = match[0] if match else ""
        if not piece or (piece == ")" and not depth):
            return None
        if not depth:
            kept.append(" " if piece == "(" else piece)
        if piece == "(":
            depth += 1
        elif piece == ")":
            depth -= 1
        at += len(piece)
    return "".join(kept) if depth == 0 else None
