"""People's mail about machines' mail: answers to it, forwards of it, questions about it, in the forms of their clients.

Everything is made up. Each machine's mail is combined with each way in which a person passes it on; language, sender,
mail client and the fields that servers add change from one to the next.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import cycle
from typing import NamedTuple


class Machines(NamedTuple):
    """A mail that a machine sent: sender, subject, text, and further parts."""

    sender: str
    subject: str
    text: str
    parts: tuple[str, ...] = ()


STATUS = """\
Content-Type: message/delivery-status; name="details.txt"

Reporting-MTA: dns; mx.example.net
Arrival-Date: Thu, 19 Nov 2026 10:00:00 +0000

Final-Recipient: rfc822; anna@example.net
Action: failed
Status: 5.1.1
Diagnostic-Code: smtp; 550 5.1.1 <anna@example.net>: User unknown
"""
RETURNED = """\
Content-Type: text/rfc822-headers; name="headers.eml"

From: kim@example.org
To: anna@example.net
Subject: hello
Message-ID: <returned@example.org>
"""
RECEIPT = """\
Content-Type: message/disposition-notification; name="receipt.txt"

Reporting-UA: mail.example.net; Client 1.0
Final-Recipient: rfc822; anna@example.net
Disposition: manual-action/MDN-sent-manually; displayed
"""

MACHINES = {
    "postfix": Machines(
        "Mail Delivery System <MAILER-DAEMON@mx.example.net>",
        "Undelivered Mail Returned to Sender",
        "This is the mail system at host mx.example.net.\n\n"
        "I'm sorry to have to inform you that your message could\nnot "
        "be delivered to one or more recipients. It's attached below.\n\n"
        "<anna@example.net>: host mx.example.net[192.0.2.7] said: 550 5.1.1\n    <anna@example.net>: User unknown",
        (STATUS, RETURNED),
    ),
    "qmail": Machines(
        "MAILER-DAEMON@example.net",
        "failure notice",
        "Hi. This is the qmail-send program at example.net.\nI'm afraid I wasn't able to deliver your message to the "
        "following addresses.\nThis is a permanent error; I've given up. Sorry it didn't work out.\n\n"
        "<anna@example.net>:\nSorry, no mailbox here by that name. (#5.1.1)\n\n--- Below this line is a copy of the "
        "message.\n\nReturn-Path: <kim@example.org>\nSubject: hello",
    ),
    "exchange": Machines(
        "Microsoft Outlook <MicrosoftExchange329e71ec88ae4615bbc36ab6ce41109e@example.net>",
        "Undeliverable: hello",
        "Delivery has failed to these recipients or groups:\n\nAnna (anna@example.net)\nThe email address you entered "
        "couldn't be found.\n\nRemote Server returned '550 5.1.10 RESOLVER.ADR.RecipientNotFound; not found'",
        (STATUS,),
    ),
    "absence": Machines(
        "Anna Berg <anna@example.net>",
        "Automatic reply: hello",
        "I am out of the office until 30 November and will not read my mail. If it is urgent, write to the office.",
    ),
    "receipt": Machines(
        "Anna Berg <anna@example.net>",
        "Read: hello",
        "Your message\n\n   To: Anna Berg\n   Subject: hello\n\nwas read on Thursday, 19 November 2026 10:00:00.",
        (RECEIPT,),
    ),
    "paypal": Machines(
        "PayPal <service@paypal.com>",
        "You have received a payment of USD 15,00",
        "You received a payment of USD 15,00 from Kim Larsen (kim@example.org).\nDispute it within 180 days.",
    ),
    "passphrase": Machines(
        "support@cacert.org",
        "[CAcert.org] Requested Pass Phrase Change",
        "Somebody tried to set a new pass phrase and did not answer enough of the\nquestions.\n\nAnswers: 1 of 5",
    ),
    "refused": Machines(
        "support@cacert.org",
        "[CAcert.org] Verification Abuse",
        "The receiver of a verification mail says that he did not ask for it.\n\nEmailID: 481516",
    ),
    "removal": Machines(
        "support@cacert.org",
        "[CAcert.org] Account removal: certificates revoked",
        "The account below is being removed by a support engineer. Its certificates are\nrevoked.",
    ),
    "empty": Machines(
        "CAcert Support <support@cacert.org>",
        "Your mail to CAcert Support was empty",
        'Hello,\n\nwe received a message from you that was written with "The Bat!" and contains no text.',
    ),
}

WORDS = (
    "What does this mean? I only wanted to log in.",
    "Was bedeutet das? Meine Nachricht kam zurück, ich bin ab Freitag im Urlaub.",
    "Que dois-je faire ? Mon message n'a pas été remis.",
    "¿Qué significa esto? No se pudo entregar mi correo.",
    "Che cosa vuol dire? La mia risposta automatica è partita da sola.",
    "O que quer dizer isto? A minha mensagem foi devolvida.",
    "Wat betekent dit? Ik ben afwezig vanaf vrijdag.",
    "Co to znaczy? Wiadomość nie została dostarczona.",
    "Что это значит? Моё письмо не доставлено.",
    "Co to znamená? Zpráva nebyla doručena.",
    "Mitä tämä tarkoittaa? Viestiäni ei toimitettu.",
    "これはどういう意味ですか。メールが配信できませんでした。",
)
SENDERS = (
    "Kim Larsen <kim@example.org>",
    "Jan Novak <postmaster@example.org>",
    "IT <admin@example.org>",
    "Returns Department <returns@shop.example.org>",
    "Mia Bounce <m.bounce@example.org>",
    "Security <security@example.org>",
    "Ulf Abwesend <u.abwesend@example.org>",
)
CLIENTS = (
    "User-Agent: Mozilla Thunderbird",
    "X-Mailer: Microsoft Outlook 16.0",
    "X-Mailer: The Bat! (v9.3.4) Professional",
    "X-Mailer: Apple Mail (2.3774)",
    "User-Agent: Mutt/2.2.12",
    "User-Agent: Roundcube Webmail/1.6.1",
    "MIME-Version: 1.0",  # many do not name themselves
)
SERVERS = (
    "",
    "Return-Path: <>\n",
    "X-Auto-Response-Suppress: DR, OOF, AutoReply\n",
    "Return-Path: <kim@example.org>\n",
    "Precedence: bulk\n",
    "Feedback-ID: 1.eu-west-1.Abc=:AmazonSES\nReturn-Path: <0102018f@eu-west-1.amazonses.com>\n",
    "X-Loop: kim@example.org\nX-MS-Exchange-Inbox-Rules-Loop: kim@example.org\n",
    "List-Id: <talk.example.org>\nPrecedence: list\n",
    "Auto-Submitted: no\n",
)

SUBJECTS = (
    *(
        "Read: your page on Android",
        "Not read: my application of May?",
        "Reading: the new handbook",
        "Read receipt, please",
    ),
    *(
        "Gelesen: Ihre Anleitung",
        "Lesebestätigung erbeten",
        "Lu : votre réponse",
        "Leído: su respuesta",
        "Letto: il bando",
    ),
    *(
        "Out of office until Friday, can I still log in?",
        "Certificate lost while on holiday",
        "Vacation and my account",
    ),
    *("On leave: who signs for me?", "Organisation assurance for OOO Romashka", "OOO Vector asks for an invoice"),
    *(
        "Abwesenheit unseres Assurers",
        "Herr Urlaub bittet um Rückruf",
        "Im Urlaub gesperrt worden",
        "Absence GmbH: Vertrag",
    ),
    *(
        "Absent de Nantes, mon compte est bloqué",
        "En vacances sans mot de passe",
        "Réponse automatique : comment la couper ?",
    ),
    *(
        "Ausencia y contraseña",
        "De vacaciones sin clave",
        "Respuesta automática, ¿cómo se apaga?",
        "In ferie senza accesso",
    ),
    *(
        "Afwezig, en nu geen toegang",
        "Nieobecność asystenta",
        "Automatyczna odpowiedź - jak wyłączyć?",
        "Frånvaro av svar",
    ),
    *("Автоответ не выключается", "Отсутствует письмо", "В отпуске, забыл пароль", "Automatische Antwort abschalten?"),
    *("Auto-reply: how do I stop it?", "Auto: my car broke down", "Automatic reply from your desk arrives daily"),
    *(
        "自動返信が届きます",
        "不在のため",
        "自动回复怎么关闭",
        "Undeliverable mail since Monday",
        "Undelivered notices of your server",
    ),
    *("Mail delivery problem between your server and ours", "Delivery failure: who can help?", "failure notice?"),
    *("Returned mail: see transcript, what is that", "Mail system error on your page", "Message delayed, again"),
    *(
        "Unzustellbar: meine Antwort an Sie",
        "Zustellung fehlgeschlagen, was nun?",
        "Nicht zugestellt: Brief vom 3. Mai",
    ),
    *(
        "Non remis : mon courrier",
        "Échec de la remise, aidez-moi",
        "No se pudo entregar mi correo",
        "Correo devuelto, ¿por qué?",
    ),
    *("Mancata consegna, aiuto", "Falha na entrega da minha mensagem", "Onbestelbaar: mijn brief", "Niet bezorgd?"),
    *("Niedostarczona wiadomość", "Не доставлено письмо, помогите", "Nedoručeno", "メールが配信できません", "退信问题"),
    *(
        "User unknown",
        "Mailbox full, what now?",
        "Address not found on your site",
        "Quota exceeded",
        "550 5.1.1 when I write to you",
    ),
    *("Please confirm your message to me", "Verification required: which message?", "Approve this sender?"),
    *(
        "Spam Arrest is a bad program",
        "[HD-17] my request",
        "We have received your request, thank you",
        "Thank you for your message",
    ),
)
"""Subjects of people who use a machine's words: in questions, about themselves, or as a name."""

ASKING = (
    "I am away from Friday on, and my certificate expires. Please answer soon.",
    "I will be out of the office until Monday. Can you call me after that?",
    "Ihre Nachricht wurde am Montag gelesen, aber ich verstehe sie nicht.",
    "My mail to you was not delivered: 550 5.1.1 User unknown. Can you mend that?",
    "The page was displayed, and then: message could not be sent. I was on vacation.",
    "Thank you for your message. I have received your mail, and have one more question.",
    "This is not an automatic reply: do not reply to the old address, please.",
    "Final-Recipient: what does that mean, and what is a diagnostic code?",
)

Way = Callable[[Machines, str], tuple[str, str]]
"""A machine's mail and a person's own words → the subject, and the body with its Content-Type."""


def _plain(text: str) -> str:
    return f"Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit\n\n{text}\n"


def _mixed(*parts: str) -> str:
    joined = "".join(f"--b\n{part}\n" for part in parts)
    return f"Content-Type: multipart/mixed; boundary=b\n\n{joined}--b--\n"


def _quoted(text: str) -> str:
    return "\n".join(f"> {line}" for line in text.splitlines())


def _whole(it: Machines) -> str:
    """The machine's mail itself."""
    head = f"Return-Path: <>\nFrom: {it.sender}\nTo: kim@example.org\nSubject: {it.subject}\n"
    head += "Auto-Submitted: auto-replied\n"
    if not it.parts:
        return head + _plain(it.text)
    parts = "".join(f"--r\n{part}\n" for part in (_plain(it.text), *it.parts))
    return f"{head}Content-Type: multipart/report; report-type=delivery-status; boundary=r\n\n{parts}--r--\n"


def _sends_on(it: Machines, words: str) -> tuple[str, str]:
    above = f"{words}\n\n-------- Forwarded Message --------\nSubject: {it.subject}\nFrom: {it.sender}\n\n"
    return f"Fwd: {it.subject}", _plain(above + it.text)


def _sends_on_with_parts(it: Machines, words: str) -> tuple[str, str]:
    above = f"{words}\n\n-------- Weitergeleitete Nachricht --------\nBetreff: {it.subject}\nVon: {it.sender}\n\n"
    return f"WG: {it.subject}", _mixed(_plain(above + it.text), *(it.parts or (STATUS,)))


def _sends_on_by_outlook(it: Machines, words: str) -> tuple[str, str]:
    above = f"{words}\n\n-----Original Message-----\nFrom: {it.sender}\nSent: Thursday, November 19, 2026\n"
    return f"FW: {it.subject}", _plain(f"{above}To: Kim\nSubject: {it.subject}\n\n{it.text}")


def _attaches(it: Machines, words: str) -> tuple[str, str]:
    return f"Fwd: {it.subject}", _mixed(_plain(words), f"Content-Type: message/rfc822\n\n{_whole(it)}")


def _attaches_one_level_deeper(it: Machines, words: str) -> tuple[str, str]:
    inner = f"From: Ann <ann@example.org>\nSubject: Fwd: {it.subject}\n" + _attaches(it, "And this?")[1].replace(
        "--b", "--c"
    )
    inner = inner.replace("boundary=b", "boundary=c")
    return "What happened here", _mixed(_plain(words), f"Content-Type: message/rfc822\n\n{inner}")


def _attaches_without_words(it: Machines, _words: str) -> tuple[str, str]:
    return it.subject, _mixed(_plain(""), f'Content-Type: message/rfc822; name="{it.subject[:10]}.eml"\n\n{_whole(it)}')


def _attaches_a_file(it: Machines, words: str) -> tuple[str, str]:
    file = (
        'Content-Type: application/octet-stream; name="mail.eml"\nContent-Disposition: attachment; filename="mail.eml"'
    )
    return "My mail to you", _mixed(_plain(words), f"{file}\n\n{_whole(it)}")


def _answers(it: Machines, words: str) -> tuple[str, str]:
    return f"Re: {it.subject}", _plain(f"{words}\n\nOn Thu, 19 Nov 2026, {it.sender} wrote:\n{_quoted(it.text)}")


def _answers_below(it: Machines, words: str) -> tuple[str, str]:
    return f"AW: {it.subject}", _plain(f"{it.sender} schrieb:\n{_quoted(it.text)}\n\n{words}")


def _copies(it: Machines, words: str) -> tuple[str, str]:
    return f"{it.subject}?", _plain(f"{words}\n\nSubject: {it.subject}\n\n{it.text}")


def _copies_and_asks_below(it: Machines, words: str) -> tuple[str, str]:
    return it.subject, _plain(f"{it.text}\n\n{words}")


def _asks(it: Machines, words: str) -> tuple[str, str]:
    return f"Question about: {it.subject}", _plain(words)


WAYS: tuple[Way, ...] = (
    *(_sends_on, _sends_on_with_parts, _sends_on_by_outlook, _attaches, _attaches_one_level_deeper),
    *(_attaches_without_words, _attaches_a_file, _answers, _answers_below, _copies),
    *(_copies_and_asks_below, _asks),
)


def people_about_machines() -> Iterator[tuple[str, bytes]]:
    """Each mail with a name for it, which is also the left side of its Message-ID."""
    words, senders, clients, servers = cycle(WORDS), cycle(SENDERS), cycle(CLIENTS), cycle(SERVERS)
    for way in WAYS:
        for name, machines in MACHINES.items():
            mid = f"{name}.{way.__name__.strip('_').replace('_', '-')}"
            subject, body = way(machines, next(words))
            head = (
                f"From: {next(senders)}\nTo: support@cacert.org\nSubject: {subject}\nMessage-ID: <{mid}@example.org>\n"
            )
            date = "Fri, 20 Nov 2026 10:00:00 +0000"
            yield mid, f"{next(servers)}{head}Date: {date}\n{next(clients)}\n{body}".encode()


def people_with_words_of_machines() -> Iterator[tuple[str, bytes]]:
    """The same of mail under those subjects, some of it an answer with a reference that is lost."""
    texts, senders, clients, servers = cycle(ASKING), cycle(SENDERS), cycle(CLIENTS), cycle(SERVERS)
    for number, subject in enumerate(SUBJECTS):
        mid = f"words.{number}"
        head = f"From: {next(senders)}\nTo: support@cacert.org\nSubject: {subject}\nMessage-ID: <{mid}@example.org>\n"
        head += f"References: <lost.{mid}@example.org>\n" if number % 3 == 0 else ""
        yield mid, f"{next(servers)}{head}{next(clients)}\n{_plain(next(texts))}".encode()
