"""Made-up mail of servers, in the forms of many, and what people do with it when they ask about it."""

# ruff: noqa: E501 - a table of mails reads best with a mail in a line or two
from __future__ import annotations

import email.message
import email.policy
from collections.abc import Callable, Iterator
from email import message_from_bytes

_ORIGINAL = "Received: from desk.example.net by mx.example.org; Mon, 02 Nov 2026 09:00:00 +0000\nFrom: support@example.net\nTo: kim@example.org\nMessage-ID: <sent@example.net>\nSubject: Your certificate\n\nHello Kim.\n"
_STATUS = "Reporting-MTA: dns; mx.example.org\n\nFinal-Recipient: rfc822; kim@example.org\nAction: failed\nStatus: 5.1.1\nDiagnostic-Code: smtp; 550 5.1.1 user unknown\n"


def _plain(header: str, text: str) -> str:
    return f"{header}Date: Mon, 02 Nov 2026 10:00:00 +0000\nMessage-ID: <x1@mx.example.org>\nTo: support@example.net\n\n{text}"


def _report(header: str, text: str, status: str = _STATUS) -> str:
    body = (
        f"--r\nContent-Type: text/plain; charset=utf-8\n\n{text}\n--r\nContent-Type: message/delivery-status\n\n{status}\n"
        f"--r\nContent-Type: message/rfc822\n\n{_ORIGINAL}\n--r--\n"
    )
    kind = 'MIME-Version: 1.0\nContent-Type: multipart/report; report-type=delivery-status; boundary="r"\n'
    return _plain(header + kind, body)


def _daemon(subject: str, more: str = "", name: str = "Mail Delivery System <MAILER-DAEMON@mx.example.org>") -> str:
    return f"Return-Path: <>\nFrom: {name}\n{more}Subject: {subject}\n"


_POSTFIX = "This is the mail system at host mx.example.org.\n\nI'm sorry to have to inform you that your message could not\nbe delivered to one or more recipients.\n\n<kim@example.org>: host mx.example.org said: 550 5.1.1 user unknown\n"
_EXIM = "This message was created automatically by mail delivery software.\n\nA message that you sent could not be delivered to one or more of its\nrecipients.\n\n  kim@example.org\n    550 5.1.1 user unknown\n\n------ This is a copy of the message, including all the headers. ------\n\n"
_QMAIL = "Hi. This is the qmail-send program at mx.example.org.\nI'm afraid I wasn't able to deliver your message to the following addresses.\n\n<kim@example.org>:\nSorry, no mailbox here by that name. (#5.1.1)\n\n--- Below this line is a copy of the message.\n\n"
_SENDMAIL = "The original message was received at Mon, 2 Nov 2026 09:00:00 GMT\n\n   ----- The following addresses had permanent fatal errors -----\n<kim@example.org>\n\n   ----- Transcript of session follows -----\n>>> RCPT To:<kim@example.org>\n<<< 550 5.1.1 user unknown\n"
_EXCHANGE = "Your message did not reach some or all of the intended recipients.\n\n      Subject:\tYour certificate\n      Sent:\t02.11.2026 09:00\n\nThe following recipient(s) could not be reached:\n\n      kim@example.org on 02.11.2026 09:00\n            The e-mail account does not exist. <mx.example.org #5.1.1>\n"

BOUNCES = {
    "Postfix": _report(_daemon("Undelivered Mail Returned to Sender", "Auto-Submitted: auto-replied\n"), _POSTFIX),
    "Postfix, without the standard": _plain(_daemon("Undelivered Mail Returned to Sender"), _POSTFIX + _ORIGINAL),
    "Exim": _plain(_daemon("Mail delivery failed: returning message to sender", "X-Failed-Recipients: kim@example.org\nAuto-Submitted: auto-replied\n"), _EXIM + _ORIGINAL),
    "Exim, delayed": _plain(_daemon("Warning: message 1abc-0000xy-AB delayed 24 hours", "Auto-Submitted: auto-replied\n"), "This message was created automatically by mail delivery software.\nA message that you sent has not yet been delivered to one or more of its\nrecipients after more than 24 hours on the queue.\n"),
    "qmail": _plain(_daemon("failure notice", name="MAILER-DAEMON@mx.example.org"), _QMAIL + _ORIGINAL),
    "sendmail": _report(_daemon("Returned mail: see transcript for details", "Auto-Submitted: auto-generated (failure)\n"), _SENDMAIL),
    "sendmail of old": _plain(_daemon("Returned mail: User unknown"), _SENDMAIL + "\n   ----- Original message follows -----\n" + _ORIGINAL),
    "Exchange 2003": _report(_daemon("Undeliverable: Your certificate", name="System Administrator <postmaster@example.org>"), _EXCHANGE),
    "Exchange 5.5": _plain(_daemon("Undeliverable: Your certificate", "X-Mailer: Internet Mail Service (5.5)\nX-MS-Embedded-Report:\n", name="System Administrator <postmaster@example.org>"), _EXCHANGE),
    "Exchange 365": _report(_daemon("Unzustellbar: Your certificate", "Auto-Submitted: auto-replied\nX-MS-Exchange-Message-Is-Ndr:\n", "Microsoft Outlook <MicrosoftExchange329e71ec88ae4615bbc36ab6ce41109e@example.org>"), "Die Zustellung an folgende Empfänger oder Gruppen ist fehlgeschlagen:\n\nkim@example.org"),
    "Domino": _report(_daemon("DELIVERY FAILURE: User kim not listed in Domino Directory", name="postmaster@example.org"), "Your message\n\n  Subject: Your certificate\n\nwas not delivered to:\n\n  kim@example.org\n\nbecause:\n\n  User kim not listed in Domino Directory\n"),
    "Gmail": _report(_daemon("Delivery Status Notification (Failure)", "X-Failed-Recipients: kim@example.org\nAuto-Submitted: auto-replied\n", "Mail Delivery Subsystem <mailer-daemon@googlemail.com>"), "** Address not found **\n\nYour message wasn't delivered to kim@example.org because the address couldn't be found."),
    "Yahoo": _plain(_daemon("Failure Notice", name="MAILER-DAEMON@yahoo.com"), "Sorry, we were unable to deliver your message to the following address.\n\n<kim@example.org>:\n554: delivery error\n\n" + _ORIGINAL),
    "GMX": _plain(_daemon("Mail delivery failed: returning message to sender", "Auto-Submitted: auto-replied\n", "GMX Mailer Daemon <mailer-daemon@gmx.de>"), _EXIM + _ORIGINAL),
    "Amazon SES": _report(_daemon("Delivery Status Notification (Failure)", name="MAILER-DAEMON@eu-west-1.amazonses.com"), "An error occurred while trying to deliver the mail to the following recipients:\nkim@example.org"),
    "Courier": _report(_daemon("NOTICE: mail delivery status.", name='"Courier mail server at mx.example.org" <@>'), "This is a delivery status notification from mx.example.org,\nrunning the Courier mail server.\n"),
    "Barracuda": _report(_daemon("**Message you sent blocked by our bulk email filter**", name="Bulk Email Filter <>"), "Your message to: kim@example.org\nwas blocked by our Spam Firewall."),
    "MDaemon": _plain(_daemon("Permanent Delivery Failure", name="MDaemon@example.org"), "The following data may contain sections which represent BASE64 encoded\nfile attachments.\n\nMDaemon has been unable to deliver to kim@example.org: user unknown\n" + _ORIGINAL),
    "IMail": _plain(_daemon("Undeliverable Mail", "X-Mailer: <SMTP32 v8.22>\n", "Postmaster <postmaster@example.org>"), "Unknown user: kim@example.org\n\nOriginal message follows.\n\n" + _ORIGINAL),
    "GroupWise": _plain(_daemon("Message status - undeliverable", name="Mailer-Daemon@example.org"), "The message that you sent was undeliverable to the following:\n\tkim (user not found)\n"),
    "CommuniGate": _report(_daemon("Undeliverable mail: Your certificate"), "Failed to deliver to 'kim@example.org'\nLOCAL module(account kim) reports:\n account is full (quota exceeded)\n"),
    "SurgeMail": _plain(_daemon("Delivery Failure", name="Postmaster <postmaster@example.org>"), "Your message could not be delivered to kim@example.org\n\nReason: account unknown\n\n" + _ORIGINAL),
    "Zoho": _plain(_daemon("Undelivered Mail Returned to Sender", "X-Mailer: Zoho Mail\n", "mailer-daemon@mail.zoho.com"), "This message was created automatically by mail delivery software.\n A message that you sent could not be delivered to one or more of its recipients.\n"),
    "Yandex": _plain(_daemon("Недоставленное сообщение", name="mailer-daemon@yandex.example"), "**********\n\nЭто письмо отправлено почтовым сервером yandex.example.\n\nК сожалению, мы вынуждены сообщить Вам о том, что Ваше письмо не может быть отправлено\n"),
    "DragonFly": _plain("From: MAILER-DAEMON <>\nSubject: Mail delivery failed\n", "This is the DragonFly Mail Agent v0.13 at mx.example.org.\n\nThere was an error delivering your mail to <kim@example.org>.\n\n550 5.1.1 user unknown\n"),
    "ezmlm": _plain("Return-Path: <list-return-@example.org>\nMailing-List: contact list-help@example.org; run by ezmlm\nPrecedence: bulk\nFrom: list-help@example.org\nSubject: Returned post for list@example.org\n", "Hi! This is the ezmlm program. I'm managing the\nlist@example.org mailing list.\n\nI'm sorry, the list moderators have failed to act on your post.\nThus, I'm returning it to you. If you feel that this is in error, please repost.\n--- Enclosed, please find the post you sent.\n"),
    "a phone's gateway": _report(_daemon("Delivery Status Notification (Failure)", name="postmaster@sms.example.org"), "指定された送信先はエラーのためお届けできませんでした。"),
}  # fmt: skip

ASKING = {
    "en": (
        "Hello, I wrote to your colleague and got this back. What is wrong?",
        "Fwd: ",
        "---------- Forwarded message ---------",
    ),
    "de": (
        "Guten Tag, meine Mail an Sie kam so zurück. Was mache ich falsch?",
        "WG: ",
        "-------- Weitergeleitete Nachricht --------",
    ),
    "fr": (
        "Bonjour, mon message m'est revenu. Pouvez-vous m'aider ?",
        "TR : ",
        "---------- Message transféré ----------",
    ),
    "es": (
        "Hola, mi correo fue devuelto. ¿Qué pasa con su servidor?",
        "RV: ",
        "---------- Mensaje reenviado ----------",
    ),
    "it": (
        "Buongiorno, il mio messaggio è tornato indietro. Che cosa devo fare?",
        "I: ",
        "-------- Messaggio inoltrato --------",
    ),
    "pt": ("Olá, a minha mensagem voltou. O que devo fazer?", "ENC: ", "---------- Mensagem encaminhada ----------"),
    "nl": (
        "Hallo, mijn bericht kwam terug. Wat doe ik verkeerd?",
        "Doorst: ",
        "-------- Doorgestuurd bericht --------",
    ),
    "pl": ("Dzień dobry, moja wiadomość wróciła. Co robię źle?", "PD: ", "-------- Przekazana wiadomość --------"),
    "cs": ("Dobrý den, můj dopis se vrátil. Co s tím mám dělat?", "Předán: ", "-------- Přeposlaná zpráva --------"),
    "ru": ("Здравствуйте, моё письмо вернулось. Что не так?", "Fwd: ", "-------- Пересылаемое сообщение --------"),
    "ja": (
        "お世話になっております。メールが戻ってきました。どうすればよいですか。",
        "転送: ",
        "---------- 転送メッセージ ----------",
    ),
    "sv": ("Hej, mitt brev kom tillbaka. Vad är fel?", "VB: ", "-------- Vidarebefordrat meddelande --------"),
}
"""What people ask in a language, and how they send a message on: subject and line above."""

_POLICY = email.policy.compat32.clone(max_line_length=0)
Way = Callable[[bytes, str], bytes]
"""From a message that came back, and a language, to a person's message about it."""


def _header(returned: bytes, language: str, kind: str) -> bytes:
    subject = " ".join(str(message_from_bytes(returned)["Subject"] or "returned").split())
    return (
        f"From: Kim <kim@example.org>\nTo: support@example.net\nDate: Mon, 02 Nov 2026 10:00:00 +0000\nMessage-ID: <ask@example.org>\n"
        f"Subject: {ASKING[language][1]}{subject}\nMIME-Version: 1.0\n{kind}\n"
    ).encode("utf-8", "surrogateescape")


def _without_prefix(mail: bytes, language: str) -> bytes:
    """The same with the subject as it came, as from people who write it anew."""
    return mail.replace(f"Subject: {ASKING[language][1]}".encode(), b"Subject: ", 1)


def _text(returned: bytes) -> bytes:
    """The text of a message, as a mail program shows it."""
    message = message_from_bytes(returned)
    texts = [
        part
        for part in message.walk()
        if part.get_content_maintype() in ("text", "message") and not part.is_multipart()
    ]
    return b"\n".join(_decode(part) for part in texts)


def _decode(part: email.message.Message) -> bytes:
    payload = part.get_payload(decode=True)
    return payload if isinstance(payload, bytes) else b""


_TEXT = "Content-Type: text/plain; charset=utf-8\n"
_MIXED = 'Content-Type: multipart/mixed; boundary="ask"\n'


def _parts(*parts: bytes, boundary: bytes = b"ask") -> bytes:
    return b"".join(b"--" + boundary + b"\n" + part + b"\n" for part in parts) + b"--" + boundary + b"--\n"


def _words(language: str) -> bytes:
    return f"{_TEXT}\n{ASKING[language][0]}\n".encode()


def sent_on_inline(returned: bytes, language: str) -> bytes:
    """As mail programs put a message below a line that says so."""
    question, _, line = ASKING[language]
    head = f"{question}\n\n{line}\nSubject: x\nFrom: MAILER-DAEMON@mx.example.org\nTo: kim@example.org\n\n".encode()
    return _header(returned, language, _TEXT) + head + _text(returned)


def sent_on_bare(returned: bytes, language: str) -> bytes:
    """Without a word of one's own."""
    line = ASKING[language][2]
    return _header(returned, language, _TEXT) + f"{line}\n\n".encode() + _text(returned)


def pasted(returned: bytes, language: str) -> bytes:
    """As the whole text of a message with the same subject."""
    return _without_prefix(_header(returned, language, _TEXT), language) + _text(returned)


def asked_below(returned: bytes, language: str) -> bytes:
    """Quoted, with the question below."""
    quoted = b"".join(b"> " + line + b"\n" for line in _text(returned).splitlines())
    mail = _header(returned, language, _TEXT + "In-Reply-To: <x1@mx.example.org>\n") + quoted
    return mail + f"\n{ASKING[language][0]}\n".encode()


def asked_above(returned: bytes, language: str) -> bytes:
    """Quoted below the question, as an answer to the server."""
    quoted = b"".join(b"> " + line + b"\n" for line in _text(returned).splitlines())
    mail = _header(returned, language, _TEXT + "In-Reply-To: <x1@mx.example.org>\n").replace(
        b"Subject: ", b"Subject: Re: ", 1
    )
    return mail + f"{ASKING[language][0]}\n\nOn Mon, 2 Nov 2026, MAILER-DAEMON wrote:\n".encode() + quoted


def attached(returned: bytes, language: str) -> bytes:
    """As a message within a message."""
    return _header(returned, language, _MIXED) + _parts(
        _words(language), b"Content-Type: message/rfc822\n\n" + returned
    )


def attached_alone(returned: bytes, language: str) -> bytes:
    """As a message within a message, with nothing else."""
    return _header(returned, language, _MIXED) + _parts(b"Content-Type: message/rfc822\n\n" + returned)


def attached_deeper(returned: bytes, language: str) -> bytes:
    """As a message within a message within a message."""
    inner = _header(returned, language, _MIXED) + _parts(b"Content-Type: message/rfc822\n\n" + returned)
    outer = _header(returned, language, _MIXED.replace("ask", "out"))
    return outer + _parts(_words(language), b"Content-Type: message/rfc822\n\n" + inner, boundary=b"out")


def with_its_body(returned: bytes, language: str) -> bytes:
    """With the server's whole body, report and all, as a part."""
    message = message_from_bytes(returned)
    kept = b"".join(
        f"{name}: {value}\n".encode("utf-8", "surrogateescape")
        for name, value in message.items()
        if name.lower().startswith("content-")
    )
    body = returned.replace(b"\r\n", b"\n").partition(b"\n\n")[2]
    return _header(returned, language, _MIXED) + _parts(_words(language), kept + b"\n" + body)


def with_its_parts(returned: bytes, language: str) -> bytes:
    """With the parts of a report hanging on the message, as Thunderbird and Apple Mail send them on."""
    message = message_from_bytes(returned)
    inner = message.get_payload() if message.is_multipart() else [message]
    parts = [part.as_bytes(policy=_POLICY) for part in inner if isinstance(part, email.message.Message)]
    return _without_prefix(_header(returned, language, _MIXED), language) + _parts(_words(language), *parts)


WAYS: tuple[Way, ...] = (
    *(sent_on_inline, sent_on_bare, pasted, asked_below, asked_above),
    *(attached, attached_alone, attached_deeper, with_its_body, with_its_parts),
)


def ask_about(returned: bytes) -> Iterator[tuple[str, bytes]]:
    """Every way, each in another language, with its name."""
    for at, way in enumerate(WAYS):
        language = list(ASKING)[(at + len(returned)) % len(ASKING)]
        try:
            yield f"{way.__name__}, {language}", way(returned, language)
        except (LookupError, UnicodeError, ValueError, AttributeError, TypeError):
            continue  # what Python's `email` can't take apart, a person's program can't send on so
