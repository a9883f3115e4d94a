"""Mail made to take a reader's time or memory: each field and each kind of body, filled with what repeats worst."""

from __future__ import annotations

import base64
from collections.abc import Callable

Maker = Callable[[int], bytes]

PIECES: tuple[bytes, ...] = (
    *b""", ; : . - _ = ? * @ / | # % $ ~ ! 0 1 a M " \\ ( ) < > [ ] { } <> () "" \\" <( "< (\\ a, a@b, a.""".split(),
    *b"""1, 1. =? ?= =?a =?a?q? =?utf-7?q?+AGE?= ; ;; ;a*0=b ;a*0*=''%41 ;a=" a@b, <a@b>, [s20261122.1""".split(),
    *(
        b"a ",
        b"a@b ",
        b"1 ",
        b"-1 ",
        b"?= =?",
        b"=?a?q?? ",
        b"=?utf-8?q?a?= ",
        b"=?utf-8?b?YQ==?= ",
        b"=?utf-8?q?=C3?= ",
    ),
    *(b"; a=b", b"; boundary=x", b"; a", b"a=b ", b"dkim=pass ", b"; dkim=pass header.d=a.b", b"<a@b> ", b"<a b@c>"),
    *(b"a <a@b>, ", b"re: ", b"auto ", b"mail ", b"delivery ", b"mon, 1 jan 2001 ", b"action required ", b"[1]"),
    *(b" ", b"\t", b"\n ", b" \n\t", b"\r", b"\r\n ", b"\0", b"\xff", b"\xc3", b"\xa0"),
    *(text.encode() for text in ("\u00a0", "\u2003", "\u3000", "\u0085", "é", "\ufdfa", "İ", "不", "😀", "\u202e")),
)
"""What repeats."""

FRAMES: tuple[tuple[bytes, bytes], ...] = (
    *((b"", b""), (b"x@y", b""), (b"<", b""), (b"<a@b", b">"), (b"<a@b> ", b"x"), (b'"', b'" <a@b>'), (b"a ", b"@b")),
    *((b"(", b""), (b"=?utf-8?q?", b"?="), (b"=?utf-8?b?", b"?="), (b"text/plain; charset=", b"x"), (b"x;", b"=y")),
    *((b"Mon, ", b" 2001 10:00:00 +0000"), (b'multipart/mixed; boundary="', b'"'), (b"example.org; dkim=", b"")),
)
"""What stands before and after the repetition."""

FIELDS = (
    *("From", "To", "Cc", "Sender", "Reply-To", "Return-Path", "Delivered-To", "Resent-To", "Subject", "Message-ID"),
    *("In-Reply-To", "References", "Date", "Received", "Authentication-Results", "Content-Type", "Content-Disposition"),
    *("Content-Transfer-Encoding", "Auto-Submitted", "Precedence", "X-Mailer", "User-Agent", "X-Autoreply", "List-Id"),
)


def fill(piece: bytes, size: int) -> bytes:
    """A piece, repeated up to a size in bytes."""
    return (piece * (size // len(piece) + 1))[:size]


def field_filled(name: str, piece: bytes, frame: tuple[bytes, bytes], size: int) -> bytes:
    """A mail with one field that is filled."""
    head = b"" if name == "From" else b"From: a@b.c\n"
    return head + name.encode() + b": " + frame[0] + fill(piece, size) + frame[1] + b"\n\nbody\n"


def all_fields_filled(piece: bytes, first: int, size: int) -> bytes:
    """A mail with all fields filled, of this size together; the frames take turns, from one of them on."""
    lines = []
    for number, name in enumerate(FIELDS, first):
        before, after = FRAMES[number % len(FRAMES)]
        lines.append(name.encode() + b": " + before + fill(piece, size // len(FIELDS)) + after + b"\n")
    return b"".join(lines) + b"\nbody\n"


def _typed(kind: bytes, body: bytes, encoding: bytes = b"") -> bytes:
    head = b"From: a@b.c\nMIME-Version: 1.0\nContent-Type: " + kind + b"\n"
    return head + (b"Content-Transfer-Encoding: " + encoding + b"\n" if encoding else b"") + b"\n" + body


def _from_daemon(body: bytes, kind: bytes = b"text/plain") -> bytes:
    head = b"From: MAILER-DAEMON@b.c\nReturn-Path: <>\nSubject: failure notice\nContent-Type: " + kind
    return head + b"\n\n" + body


def _nested_multiparts(size: int) -> bytes:
    count = min(size // 60, 5_000)
    opened = b"".join(b'--%d\nContent-Type: multipart/mixed; boundary="%d"\n\n' % (n, n + 1) for n in range(count))
    return _typed(b'multipart/mixed; boundary="0"', opened + fill(b"x\n", size - len(opened)))


def _nested_in_base64(size: int) -> bytes:
    mail = b"From: a@b.c\n\n" + fill(b"x\n", size // 4)
    while len(mail) * 4 // 3 < size:
        mail = _typed(b"message/rfc822", base64.encodebytes(mail), b"base64")
    return mail


def _report(size: int) -> bytes:
    group = b"Final-Recipient: rfc822; a@b.c\nAction: failed\nStatus: 5.0.0\n\n"
    kind = b"multipart/report; report-type=delivery-status; boundary=x"
    return _from_daemon(
        b"--x\n\nfailed\n--x\nContent-Type: message/delivery-status\n\n" + fill(group, size) + b"\n--x--", kind
    )


def _parts(part: bytes) -> Maker:
    return lambda size: _typed(b"multipart/mixed; boundary=x", fill(b"--x\n" + part, size))


def _text(piece: str | bytes, kind: bytes = b"text/plain; charset=utf-8", encoding: bytes = b"") -> Maker:
    data = piece.encode() if isinstance(piece, str) else piece
    return lambda size: _typed(kind, fill(data, size), encoding)


def _html(piece: str) -> Maker:
    return _text(piece, b"text/html; charset=utf-8")


def _bounce(piece: str) -> Maker:
    return lambda size: _from_daemon(fill(piece.encode(), size))


BODIES: dict[str, Maker] = {
    "nothing but blanks": lambda size: b" " * size,
    "nothing but line ends": lambda size: b"\n" * size,
    "nothing but CR": lambda size: b"\r" * size,
    "NUL": lambda size: b"\0" * size,
    "From lines": lambda size: fill(b"From a@b Mon Jan  1 10:00:00 2001\n", size),
    "many fields": lambda size: fill(b"a:b\n", size) + b"\nx",
    "many fields of a name": lambda size: fill(b"Cc:a@b\n", size) + b"\nx",
    "many empty fields": lambda size: fill(b"a:\n", size) + b"\nx",
    "many folded lines": lambda size: b"Subject:" + fill(b"\n x", size) + b"\n\nx",
    "a header without an end": lambda size: b"From: a@b.c\n" + fill(b"Received: from x by y; z\n", size),
    "a long field name": lambda size: b"a" * size + b": b\n\nx",
    "references": lambda size: b"References:" + fill(b" <abcdefg@hijk.lm>\n", size) + b"\n\nx",
    "boundaries that are none": lambda size: _typed(b"multipart/mixed; boundary=x", fill(b"--x1\n", size)),
    "dashes for a boundary": lambda size: _typed(b"multipart/mixed; boundary=-", b"-" * size),
    "a boundary of blanks": lambda size: _typed(b'multipart/mixed; boundary=" "', fill(b"-- \n", size)),
    "a boundary as long as a line": lambda size: _typed(
        b'multipart/mixed; boundary="' + b"b" * 900 + b'"', fill(b"--" + b"b" * 899 + b"\n", size)
    ),
    "boundaries at once": _parts(b""),
    "empty parts": _parts(b"\n"),
    "parts of text": _parts(b"\nx\n"),
    "parts of HTML": _parts(b"Content-Type: text/html\n\n<p>x\n"),
    "parts in base64": _parts(b"Content-Transfer-Encoding: base64\n\nYWFh\n"),
    "parts with names": _parts(b"Content-Disposition: attachment; filename*0*=utf-8''%41%42; filename*1=c\n\nx\n"),
    "parts with mails": _parts(b"Content-Type: message/rfc822\n\nFrom: a@b.c\n\nx\n"),
    "parts of many fields": lambda size: _typed(
        b"multipart/mixed; boundary=x", fill(b"--x\n" + b"a:b\n" * 2_000 + b"\nx\n", size)
    ),
    "alternatives": lambda size: _typed(b"multipart/alternative; boundary=x", fill(b"--x\n\n \n", size)),
    "nested multiparts": _nested_multiparts,
    "nested multiparts of one boundary": lambda size: _typed(
        b"multipart/mixed; boundary=x", fill(b"--x\nContent-Type: multipart/mixed; boundary=x\n\n", size)
    ),
    "nested mails": lambda size: fill(b"Content-Type: message/rfc822\n\n", size),
    "nested mails in base64": _nested_in_base64,
    "a digest": lambda size: _typed(b"multipart/digest; boundary=x", fill(b"--x\n\nSubject: x\n\ny\n", size)),
    "base64": _text("QUJD" * 19 + "\n", encoding=b"base64"),
    "base64 without lines": _text("QUJD", encoding=b"base64"),
    "base64 garbage": _text("Q=-\xe9 ", encoding=b"base64"),
    "base64 of one letter a line": _text("Q\n", encoding=b"base64"),
    "base64 of NUL": _text("AAAA", encoding=b"base64"),
    "a file in base64": _text("QUJD" * 19 + "\n", b"application/pdf; name=a.pdf", b"base64"),
    "a file": _text("QUJD" * 19 + "\n", b"application/pdf; name=a.pdf"),
    "quoted-printable": _text("=41=\n", encoding=b"quoted-printable"),
    "quoted-printable garbage": _text("=", encoding=b"quoted-printable"),
    "blanks in quoted-printable": _text(" ", encoding=b"quoted-printable"),
    "blanks at line ends in quoted-printable": _text(" " * 999 + "\n", encoding=b"quoted-printable"),
    "uuencode": lambda size: _typed(
        b"text/plain", b"begin 644 a\n" + fill(b"M" + b"8" * 60 + b"\n", size), b"x-uuencode"
    ),
    "uuencode of cut lines": lambda size: _typed(b"text/plain", b"begin 644 a\n" + fill(b"M\n", size), b"x-uuencode"),
    "uuencode without lines": lambda size: _typed(b"text/plain", b"begin 644 a\n" + fill(b"M8", size), b"x-uuencode"),
    "uuencode garbage": _text("begin \n", encoding=b"x-uuencode"),
    "UTF-7": _text("+AGE-", b"text/plain; charset=utf-7"),
    "UTF-7 without an end": lambda size: _typed(b"text/plain; charset=utf-7", b"+" + b"A" * size),
    "ISO-2022-JP": _text(b"\x1b$B\x1b(B", b"text/plain; charset=iso-2022-jp"),
    "GB18030 garbage": _text(b"\x81\x30", b"text/plain; charset=gb18030"),
    "broken UTF-8": _text(b"\xe2\x82 ", b"text/plain; charset=utf-8"),
    "broken UTF-8 beyond ASCII": _text(b"\xe2\x82", b"text/plain"),
    "UTF-16": _text(b"\x00\xd8", b"text/plain; charset=utf-16"),
    "a wide character among many": lambda size: _typed(b"text/plain; charset=utf-8", "😀".encode() + b"a" * size),
    "text of a long word": _text("a"),
    "text of short lines": _text("a\n"),
    "text of letters that fold into many": _text("\ufdfa"),
    "text of combining marks": _text("\u0301"),
    "text of digits": _text("1"),
    "text of digits and points": _text("1,"),
    "text of groups": _text("1 111 "),
    "text of money": _text("15 USD "),
    "text of dollars": _text("$ "),
    "text of colons": _text("a:\n"),
    "text of quoted lines": _text("> a\n"),
    "text of quotation marks": _text(">"),
    "text of quotations by turns": _text("a:\n> b\nc\n"),
    "text of quotations and blank lines": _text("a:\n\n\n> b\n\n"),
    "text of attributions": _text("On 1 Ann wrote:\n"),
    "text of attributions without a colon": _text("On 1 Ann "),
    "text of attributions in addresses": _text("<a@b" * 40 + ":\n> x\n"),
    "text of original messages": _text("-----Original " + " " * 80 + "x\n"),
    "text of header blocks": _text("From: a\nx\n"),
    "text of header blocks by turns": _text("*From*: a\nTo: b\nx\n"),
    "text of rulers": _text("_" * 30 + "\n"),
    "text of signatures": _text("--\n"),
    "text of dashes": _text("-"),
    "text of armor": _text("-----BEGIN PGP MESSAGE-----\n"),
    "text of Message-IDs": _text("Message-ID: <" + "a" * 900 + "\n"),
    "text of blanks before Message-IDs": _text(" " * 8 + "Message-ID:" + " " * 900),
    "text of ticket ids": _text("[s20261122.1 "),
    "HTML of text": _html("a "),
    "HTML of tags": _html("<b>"),
    "HTML of closed tags": _html("<b></b>"),
    "HTML of ends": _html("</b>"),
    "HTML of elements that nest badly": _html("<b><i></b>"),
    "HTML of formatting": _html("<b><i><u><p>"),
    "HTML of formatting that is left open": lambda size: _typed(
        b"text/html", b"<p>" + b"".join(b"<b a%d>" % n for n in range(400)) + fill(b"<p>x", size)
    ),
    "HTML of blocks that look closed": _html("<div><!--</div>-->"),
    "HTML of blocks that look like attributes": _html('<div x="<">'),
    "HTML of attributes": _html('<a b="c">'),
    "HTML of attributes without an end": lambda size: _typed(b"text/html", b"<a " + fill(b'b="c" ', size)),
    "HTML of distinct attributes": lambda size: _typed(
        b"text/html", b"<a " + b" ".join(b"a%d" % n for n in range(size // 7))
    ),
    "HTML of a quote without an end": lambda size: _typed(b"text/html", b'<a b="' + b"c" * size),
    "HTML of comments": _html("<!-- a -->"),
    "HTML of comments without an end": _html("<!--"),
    "HTML of entities": _html("&nGt;"),
    "HTML of entities without an end": _html("&am"),
    "HTML of ampersands": _html("&"),
    "HTML of angle brackets": _html("<"),
    "HTML of angle brackets closed": _html("<>"),
    "HTML of declarations": _html("<!a "),
    "HTML of processing instructions": _html("<?a "),
    "HTML of lines": _html("<br>"),
    "HTML of nested blocks": _html("<div>"),
    "HTML of nested quotations": lambda size: _typed(
        b"text/html", b"<blockquote>" * 20 + fill(b"<br>a", size)
    ),
    "HTML of deep quotations": _html("<blockquote>a"),
    "HTML of tables": _html("<table>"),
    "HTML of tables in cells": _html("<table><tr><td>"),
    "HTML of misplaced cells": _html("<table><td><p><table>a"),
    "HTML of lists": _html("<ul><li>"),
    "HTML of preformatted lines": lambda size: _typed(b"text/html", b"<pre>" + fill(b"a\n", size)),
    "HTML of scripts": _html("<script>"),
    "HTML of styles": _html("<style></style>"),
    "HTML of forms": _html("<form><select><option>"),
    "HTML of templates": _html("<template>"),
    "HTML of SVG": _html("<svg><a>"),
    "HTML of frames": _html("<frameset><body>"),
    "HTML of blanks": _html(" \n"),
    "HTML of invisible characters": _html("\u200b"),
    "a bounce of words": _bounce("delivery "),
    "a bounce of statuses": _bounce("5.1.1 "),
    "a bounce of failures": _bounce("deliver" + "ed x" * 30),
    "a bounce of announcements": _bounce("original message" + " " * 41),
    "a bounce of addresses": _bounce("<a@b.c>: "),
    "a bounce of addresses a line": _bounce("<a@b.c>:\n"),
    "a bounce of blanks": _bounce(" "),
    "a bounce of lines": _bounce("a\n"),
    "a bounce of brackets": _bounce("<"),
    "a bounce of colons": _bounce("a: "),
    "a bounce of dashes": _bounce("-"),
    "a bounce of dots": _bounce("."),
    "a bounce of recipients": _bounce("Final-Recipient: rfc822; a@b.c\n"),
    "a bounce of postmasters": _bounce("The following address had permanent fatal errors\n"),
    "a bounce of qmail": _bounce("Hi. This is the qmail-send program\n<a@b.c>:\n"),
    "a bounce in parts": lambda size: _from_daemon(fill(b"--x\n\nx\n", size), b"multipart/report; boundary=x"),
    "a bounce of files": lambda size: _from_daemon(
        fill(b"--x\nContent-Type: message/rfc822\n\nFrom: a@b.c\n\nx\n", size), b"multipart/mixed; boundary=x"
    ),
    "a report": _report,
    "a receipt": lambda size: _typed(
        b"multipart/report; report-type=disposition-notification; boundary=x",
        b"--x\nContent-Type: message/disposition-notification\n\n" + fill(b"Original-Message-ID: <a\n", size),
    ),
    "a notice of a service": lambda size: b"From: a@b.c\nX-Amz-Sns-Message-Id: x\n\n"
    + fill(b'notificationType"  ', size),
    "an autoresponder": lambda size: b"From: a@b.c\nSubject: Read: x\n\n" + fill(b"wurde ", size),
    "a signed message": lambda size: _typed(b"application/pkcs7-mime", fill(b"MIIB", size), b"base64"),
}  # fmt: skip
"""Bodies, and whole mails, by what they are made of; each takes the size in bytes."""
