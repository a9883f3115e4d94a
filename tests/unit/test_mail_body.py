"""What a message says, in whatever parts and forms; what nobody sees, and what the message carries, stands apart."""

from __future__ import annotations

import base64
import subprocess
from pathlib import Path
from shutil import which

import pytest
from hypothesis import given
from hypothesis import strategies as st

from supportctl.mail.cms import read_content
from supportctl.mail.content import MessageContent
from supportctl.mail.message import parse_message, read_attachments
from supportctl.mail.plain_text import lines_beyond, says_something, unflow, without_invisible
from supportctl.model import Ticket
from supportctl.query import parse_query
from supportctl.query.evaluate import Target, matches

HEAD = "From: Ann <ann@example.org>\nSubject: x\n"


def parse(*lines: str) -> MessageContent:
    return parse_message((HEAD + "\n".join(lines)).encode(), received=0)


def part(kind: str, body: str, *fields: str) -> str:
    return "\n".join([f"Content-Type: {kind}", *fields, "", body])


def multipart(kind: str, *parts: str) -> str:
    return f"Content-Type: multipart/{kind}; boundary=b{len(parts)}\n\n" + "".join(
        f"--b{len(parts)}\n{one}\n" for one in parts
    ) + f"--b{len(parts)}--\n"  # fmt: skip


def found(content: MessageContent, query: str) -> bool:
    ticket = Ticket(id="s1.1", queue="triage", state="open", subject="", requester="", created=0, changed=0)
    return matches(parse_query(query), Target(content, ticket))


# --- one text in several forms


def alternatives(plain: str, html: str) -> MessageContent:
    return parse(multipart("alternative", part("text/plain; charset=utf-8", plain), part("text/html", html)))


NOTICES = [
    "Your e-mail program does not support HTML messages.",
    "This message is in HTML. Please use an HTML capable client to view it.",
    "This is a multi-part message in MIME format.",
    "Ihr E-Mail-Programm kann keine HTML-Nachrichten anzeigen.",
    "Votre messagerie ne peut pas afficher ce message au format HTML.",
    "Su cliente de correo no admite HTML. Ver en el navegador: https://example.org/v",
    "Il tuo programma di posta non supporta HTML.",
    "Seu programa de e-mail não suporta HTML.",
    "Uw e-mailprogramma ondersteunt geen HTML.",
    "Ваш почтовый клиент не поддерживает HTML.",
    "Twój program pocztowy nie obsługuje HTML. Otwórz w przeglądarce.",
    "お使いのメールソフトはHTMLに対応していません。ブラウザでご覧ください。",
    "您的邮件客户端不支持HTML，请在浏览器中查看。",
    "To read this newsletter, open it in your browser: https://example.org/n",
    "\u200b\u200c\u00a0",
    " \n\n ",
    "* * *",
]


@pytest.mark.parametrize("plain", NOTICES)
def test_a_plain_text_that_says_nothing_gives_way(plain: str) -> None:
    content = alternatives(plain, "<p>My certificate has expired, what shall I do?</p>")
    assert content.text == "My certificate has expired, what shall I do?\n"
    assert content.written == content.text + ("\n" + content.more if content.more else "")
    assert plain.strip() == "" or not says_something(plain) or plain in content.more


def test_a_notice_alone_is_the_text() -> None:
    assert alternatives(NOTICES[0], "<img src=x>").text == NOTICES[0]


def test_the_plain_text_of_a_person_stays() -> None:
    assert alternatives("My certificate has expired.", "<p>My <b>certificate</b> has expired.</p>").more == ""
    assert alternatives("My certificate has expired.", "<p>My certificate has expired.</p>").text.startswith("My")


def test_both_forms_are_searched() -> None:
    content = alternatives(
        "Please renew it.", "<p>Please renew it.</p><p>The key is a marigold, it cost 15,00 EUR.</p>"
    )
    assert content.text == "Please renew it."
    assert content.more == "The key is a marigold, it cost 15,00 EUR.\n"
    for query in ("marigold", "body:marigold", "unquoted:marigold", "body:/a mari/", "amount:15.00EUR", "renew"):
        assert found(content, query), query


def test_what_is_quoted_in_the_other_form_is_quoted() -> None:
    html = "<p>No.</p><div>On 1 Nov 2026, Bob wrote:</div><blockquote>Is it a marigold?</blockquote>"
    content = alternatives("No.", html)
    assert found(content, "body:marigold") and not found(content, "unquoted:marigold")


@given(st.text(), st.text())
def test_lines_beyond_have_every_new_word(text: str, known: str) -> None:
    more = lines_beyond(text, known)
    words = {word for word in text.split() if len(word) > 1 and word.isalpha()}
    assert words <= set(known.split()) | set(more.split()) | {word for word in words if word.lower() in known.lower()}
    assert lines_beyond(text, text) == ""


# --- hidden text


def test_hidden_text_is_not_the_writers() -> None:
    content = parse(part("text/html", '<div style="display:none">marigold 15.00 USD</div><p>Hello</p>'))
    assert content.text == "Hello\n" and content.hidden == "marigold 15.00 USD\n"
    for query in ("body:marigold", "unquoted:marigold", "body:/mari/", "amount:15.00USD"):
        assert not found(content, query), query
    assert found(content, "marigold") and found(content, "/mari.old/")


def test_a_mail_of_hidden_text_is_not_empty() -> None:
    content = parse(part("text/html", '<p style="font-size:0">Is my certificate valid?</p>'))
    assert content.text == "" and found(content, "has:text") and not found(content, "no:text")
    assert found(parse(part("text/html", "<p>&nbsp;</p>")), "no:text")


# --- messages that a message carries

INNER = part("message/rfc822", "From: Lou <lou@example.org>\nSubject: peonies\n\nA text about tulips.\n")
ENCODED = part(
    "message/rfc822",
    base64.b64encode(b"Subject: peonies\nFrom: l@example.org\n\nA text about tulips.\n").decode(),
    "Content-Transfer-Encoding: base64",
)
AS_FILE = part(
    "application/octet-stream; name=x.eml", "From: l@example.org\nSubject: peonies\n\nA text about tulips.\n"
)
PLAIN = part("text/plain", "Hello,")
CARRIED = {"a message": INNER, "in base64": ENCODED, "a file": AS_FILE}


@pytest.mark.parametrize("name", CARRIED)
def test_what_follows_an_attached_message_is_the_writers(name: str) -> None:
    content = parse(
        multipart("mixed", part("text/plain", "Hello,"), CARRIED[name], part("text/plain", "Why a marigold?"))
    )
    assert content.text == "Hello,\n\nWhy a marigold?\n"
    assert content.written == content.text
    assert len(content.attachments) == 1
    for query in ("tulips", "attached:tulips", "attached:peonies", "attached:/tul.ps/", "/tul.ps/", "body:marigold"):
        assert found(content, query), query
    for query in ("body:tulips", "unquoted:tulips", "body:/tul.ps/", "subject:peonies", "attached:marigold"):
        assert not found(content, query), query


def test_a_message_that_is_only_sent_on_is_not_empty() -> None:
    content = parse(multipart("mixed", INNER))
    assert content.text == "" and "A text about tulips." in content.attached and found(content, "has:text")


def test_a_file_that_only_is_called_a_message_is_a_file() -> None:
    content = parse(multipart("mixed", part("application/octet-stream; name=x.eml", "one\ntwo: three\n")))
    assert content.attached == "" and [one.name for one in content.attachments] == ["x.eml"]


def test_the_header_of_a_returned_message_is_not_the_writers() -> None:
    content = parse(
        multipart("report", part("text/plain", "It failed."), part("text/rfc822-headers", "Subject: peonies\n"))
    )
    assert content.text == "It failed." and content.attached == "Subject: peonies\n"


# --- transfer encodings


def encoded(body: str, kind: str = "base64") -> str:
    return parse(part("text/plain; charset=utf-8", body, f"Content-Transfer-Encoding: {kind}")).text


LONG = base64.encodebytes(("Grüße, " + "and so on, " * 20).encode()).decode()
TEXT = "Grüße, " + "and so on, " * 20
FOOTER = "_______________________________________________\nlist mailing list\nBye\nlist@example.org\n"


def test_a_footer_in_the_clear_after_base64_is_read() -> None:
    assert encoded(LONG + "\n" + FOOTER) == TEXT + "\n" + FOOTER
    assert encoded(base64.b64encode(b"Hello you").decode() + "\n" + FOOTER) == "Hello you\n" + FOOTER
    assert encoded(base64.b64encode(b"Hello your").decode() + "\n" + FOOTER) == "Hello your\n" + FOOTER
    assert encoded("The list says:\n" + LONG) == "The list says:\n" + TEXT


def test_texts_in_base64_one_after_the_other_are_read() -> None:
    assert encoded(base64.b64encode(b"One and ").decode() + "\n" + base64.b64encode(b"two").decode()) == "One and two"
    assert encoded(LONG) == TEXT
    assert encoded("Not encoded at all, only labelled so.") == "Not encoded at all, only labelled so."


def test_quoted_printable_with_damage_is_read() -> None:
    assert encoded("Gr=C3=BC=c3=9fe=20\n", "quoted-printable") == "Grüße \n"
    assert encoded("one=\n two= \nthree", "quoted-printable") == "one twothree"
    assert encoded("1=2, a==b, 100%=", "quoted-printable").startswith("1=2, a=")


# --- other forms of text

FLOWED = [
    ("one \ntwo\n", "one two\n"),
    ("one \ntwo \nthree\n\nfour\n", "one two three\n\nfour\n"),
    ("> one \n> two\nthree\n", "> one two\nthree\n"),
    ("> one \n>> two\n", "> one\n>> two\n"),
    ("text \n-- \nAnn\n", "text \n-- \nAnn\n"),
    (" From here\n >not quoted\n", "From here\n >not quoted\n"),
    ("fixed\nlines\n", "fixed\nlines\n"),
]


@pytest.mark.parametrize(("text", "whole"), FLOWED)
def test_flowed_text_has_its_paragraphs_whole(text: str, whole: str) -> None:
    assert unflow(text, deletes_space=False) == whole


def test_a_space_that_only_marks_the_flow_is_deleted() -> None:
    assert unflow("証明書の \n更新\n", deletes_space=True) == "証明書の更新\n"
    assert parse(part("text/plain; format=flowed; delsp=yes", "certi \nficate")).text == "certificate"


@given(st.text(st.sampled_from("a >-\n")))
def test_flowing_loses_no_letter(text: str) -> None:
    assert unflow(text, deletes_space=False).count("a") == text.count("a")


def test_enriched_text_is_read() -> None:
    source = "<bold>Now</bold> is\nthe time\n\n<<tag> <color><param>red</param>here</color><nofill>a\nb</nofill>"
    assert parse(part("text/enriched", source)).text == "Now is the time\n<tag> herea\nb"
    assert parse(part("text/richtext", "<bold>a</bold><nl>b<lt>c")).text == "a\nb<c"


def test_an_invitation_says_what_when_and_where() -> None:
    lines = ["BEGIN:VCALENDAR", "METHOD:REQUEST", "BEGIN:VEVENT", "SUMMARY:Key sign", " ing\\, all welcome",
             "DTSTART;TZID=Europe/Vienna:20261130T180000", "DTEND:20261130T190000Z", "LOCATION:Graz",
             'ORGANIZER;CN="Kim":mailto:kim@example.org', "END:VEVENT", "END:VCALENDAR"]  # fmt: skip
    assert parse(part("text/calendar; method=REQUEST", "\n".join(lines))).text == (
        "Invitation:\nKey signing, all welcome\nFrom: 2026-11-30 18:00 Europe/Vienna\nUntil: 2026-11-30 19:00 UTC\n"
        "Where: Graz\nOrganizer: kim@example.org\n"
    )
    assert parse(part("text/calendar", "no calendar")).text == "no calendar"


def test_what_only_outlook_reads_is_named() -> None:
    content = parse(multipart("mixed", part("application/ms-tnef; name=winmail.dat", "x")))
    assert [one.name for one in content.attachments] == ["winmail.dat"]
    assert any("TNEF" in problem for problem in content.problems)


INVISIBLE = [
    ("pass\u200bword", "password"),
    ("v\u200ci\u200da\u00adg\u2060r\ufeffa", "viagra"),
    ("\u200c\u00a0\u200c\u00a0", "\u00a0\u00a0"),
    ("می\u200cخواهم", "می\u200cخواهم"),
    ("क्\u200dष", "क्\u200dष"),
    ("👩\u200d👧", "👩\u200d👧"),
]


@pytest.mark.parametrize(("text", "seen"), INVISIBLE)
def test_characters_of_no_width_join_words(text: str, seen: str) -> None:
    assert without_invisible(text) == seen
    assert parse(part("text/plain; charset=utf-8", text)).text == seen


# --- S/MIME


@pytest.fixture(scope="module")
def signed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Messages that openssl has signed, all bytes at once and in pieces."""
    if which("openssl") is None:
        pytest.skip("openssl is not installed")
    folder = tmp_path_factory.mktemp("signed")
    (folder / "text").write_bytes(b"Content-Type: text/plain\r\n\r\n" + b"The key is in the river.\r\n" * 3000)
    sign = "-signer c -inkey k -in text -outform DER -nodetach"
    for command in (
        "req -x509 -newkey rsa:2048 -nodes -keyout k -out c -subj /CN=Kim",
        f"cms -sign {sign} -out whole",
        f"cms -sign {sign} -stream -out pieces",
        f"smime -sign {sign} -out smime",
        "cms -encrypt -in text -outform DER -out encrypted c",
    ):
        subprocess.run(["openssl", *command.split()], cwd=folder, check=True, capture_output=True)
    return folder


@pytest.mark.parametrize("name", ["whole", "pieces", "smime"])
@pytest.mark.parametrize("kind", ["application/pkcs7-mime; smime-type=signed-data", "application/x-pkcs7-mime",
                                  "application/octet-stream"])  # fmt: skip
def test_nobody_needs_a_key_to_read_what_is_only_signed(signed: Path, name: str, kind: str) -> None:
    data = base64.encodebytes((signed / name).read_bytes()).decode()
    content = parse(part(f"{kind}; name=smime.p7m", data, "Content-Transfer-Encoding: base64"))
    assert content.text == "The key is in the river.\n" * 3000
    assert content.is_signed and not content.is_encrypted
    assert [one.name for one in content.attachments] == ["smime.p7m"]


def test_what_is_encrypted_is_not_read(signed: Path) -> None:
    data = base64.encodebytes((signed / "encrypted").read_bytes()).decode()
    content = parse(part("application/pkcs7-mime; name=smime.p7m", data, "Content-Transfer-Encoding: base64"))
    assert content.text == "" and content.is_encrypted and not content.is_signed


def test_damaged_signatures_are_attachments(signed: Path) -> None:
    data = (signed / "pieces").read_bytes()
    whole = read_content(data, 1_000_000)
    assert whole
    for at in range(120):
        for value in (0, 0x24, 0x80, 0x84, 0xFF):
            found = read_content(data[:at] + bytes([value]) + data[at + 1 :], 1_000_000)
            assert found is None or len(found) <= len(data)
        # Of what is cut off, that is read which is there.
        cut = base64.encodebytes(data[:at]).decode()
        content = parse(part("application/pkcs7-mime; name=smime.p7m", cut, "Content-Transfer-Encoding: base64"))
        assert whole.startswith(read_content(data[:at], 1_000_000) or b"")
        assert [one.name for one in content.attachments] == ["smime.p7m"]


@given(st.binary(max_size=200), st.binary(max_size=20))
def test_any_bytes_are_no_signature(data: bytes, start: bytes) -> None:
    assert len(read_content(start + data, 1000) or b"") <= 1000
    for kind in ("application/pkcs7-mime", "text/enriched", "text/calendar", "text/html"):
        content = parse_message(HEAD.encode() + f"Content-Type: {kind}\n\n".encode() + data, received=0)
        # A fault of ours does not raise: the message has it among its problems.
        assert not any(problem.startswith("can't be read") for problem in content.problems)
        assert not content.is_signed or kind == "application/pkcs7-mime"


def test_files_are_saved_as_they_are_listed() -> None:
    raw = (HEAD + multipart("mixed", INNER, AS_FILE, ENCODED)).encode()
    content = parse_message(raw, received=0)
    saved = [(one, b"".join(pieces)) for one, pieces in read_attachments(raw)]
    assert [one for one, _ in saved] == content.attachments
    assert [len(data) for _, data in saved] == [one.size for one in content.attachments]


# --- files in plain text

UU = "begin 644 a b.txt\n#0V%T\n`\nend\n"


def test_uuencoded_files_are_attachments() -> None:
    raw = (HEAD + "\nSee this:\n" + UU + "and this:\n" + UU.replace("a b", "c") + "Ann\n").encode()
    content = parse_message(raw, received=0)
    assert content.text == "See this:\nand this:\nAnn\n"
    assert [(one.name, one.size) for one in content.attachments] == [("a b.txt", 3), ("c.txt", 3)]
    assert [b"".join(pieces) for _, pieces in read_attachments(raw)] == [b"Cat", b"Cat"]


def test_a_sentence_that_begins_like_a_file_is_none() -> None:
    text = "begin 644 words\nwith a line\nend\n"
    assert parse("", text).text == text + ("" if text.endswith("\n") else "\n")
    assert parse("", "begin 644 x\n#0V%T\n").attachments[0].size == 3


def test_files_in_yenc_are_attachments() -> None:
    data = bytes(range(256))
    encoded = b"".join(
        b"=" + bytes([byte + 106 & 255]) if byte + 42 & 255 in b"\0\n\r=" else bytes([byte + 42 & 255]) for byte in data
    )
    body = b"Hello\n=ybegin line=128 size=256 name=x.bin\n" + encoded + b"\n=yend size=256\nBye\n"
    raw = HEAD.encode() + b"\n" + body
    content = parse_message(raw, received=0)
    assert content.text == "Hello\nBye\n" and [one.name for one in content.attachments] == ["x.bin"]
    assert b"".join(next(iter(read_attachments(raw)))[1]) == data


@given(st.text(st.sampled_from("begin 644 \n#0V%T`end")))
def test_no_text_is_lost_that_is_no_file(text: str) -> None:
    content = parse_message(f"{HEAD}\n{text}".encode(), received=0)
    if not content.attachments:
        assert content.text == text
