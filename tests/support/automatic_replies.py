"""Made-up automatic replies, in the forms of many autoresponders, ticket systems and receipts."""

# ruff: noqa: E501 - a table of mails reads best with a mail in a line or two
from __future__ import annotations

from collections.abc import Iterator

ABSENCES = {
    "en": (
        "Automatic reply: Your certificate",
        "I am out of the office until 9 November and will answer when I return. In urgent cases please write to office@example.org.",
    ),
    "de": (
        "Automatische Antwort: Your certificate",
        "Ich bin bis zum 9. November nicht im Büro. In dringenden Fällen wenden Sie sich bitte an office@example.org.",
    ),
    "fr": (
        "Réponse automatique : Your certificate",
        "Je suis absente du bureau jusqu'au 9 novembre. Je répondrai à mon retour.",
    ),
    "es": (
        "Respuesta automática: Your certificate",
        "Estoy fuera de la oficina hasta el 9 de noviembre. Responderé a mi regreso.",
    ),
    "it": (
        "Risposta automatica: Your certificate",
        "Sono fuori ufficio fino al 9 novembre. Risponderò al mio rientro.",
    ),
    "pt": ("Resposta automática: Your certificate", "Estou ausente do escritório até 9 de novembro."),
    "nl": ("Automatisch antwoord: Your certificate", "Ik ben afwezig tot 9 november."),
    "pl": ("Automatyczna odpowiedź: Your certificate", "Jestem nieobecna do 9 listopada."),
    "cs": ("Automatická odpověď: Your certificate", "Do 9. listopadu jsem nepřítomna."),
    "ru": ("Автоматический ответ: Your certificate", "Меня нет в офисе до 9 ноября, я отсутствую."),
    "sv": ("Automatiskt svar: Your certificate", "Jag är frånvarande till den 9 november."),
    "da": ("Automatisk svar: Your certificate", "Jeg er ikke til stede før den 9. november."),
    "fi": ("Automaattinen vastaus: Your certificate", "Olen poissa 9. marraskuuta asti."),
    "hu": ("Automatikus válasz: Your certificate", "November 9-ig szabadságon vagyok."),
    "tr": ("Otomatik Yanıt: Your certificate", "9 Kasım'a kadar ofis dışındayım."),
    "ja": ("自動応答: Your certificate", "11月9日まで不在にしております。"),
    "zh": ("自动答复: Your certificate", "我正在休假，11月9日返回。"),
}

_ME = "From: Ann <ann@example.org>\nTo: support@example.net\nMessage-ID: <r1@mx.example.org>\n"
_ANSWER = "In-Reply-To: <sent@example.net>\nReferences: <sent@example.net>\n"

# Fields beside From, Subject and text; they are written with every absence above.
RESPONDERS = {
    "Exchange 2010 and later": "Return-Path: <>\nX-Auto-Response-Suppress: All\nX-MS-Exchange-Inbox-Rules-Loop: ann@example.org\nAuto-Submitted: auto-generated\n"
    + _ANSWER,
    "Exchange 2007": "Return-Path: <>\nX-Auto-Response-Suppress: All\nX-MS-Exchange-Inbox-Rules-Loop: ann@example.org\n"
    + _ANSWER,
    "Exchange, through a gateway": "X-Auto-Response-Suppress: All\n" + _ANSWER,
}

_EN = ABSENCES["en"][1]
_DE = ABSENCES["de"][1]

# Fields, subject and text.
FORMS = {
    "Exchange 2003": ("Return-Path: <>\nX-MimeOLE: Produced By Microsoft Exchange V6.5\n", "Out of Office AutoReply: Your certificate", _EN),
    "Exchange 2003, German": ("Return-Path: <>\n", "Abwesenheitsnotiz: Your certificate", _DE),
    "Outlook, a rule with a template": ("X-Mailer: Microsoft Outlook 16.0\n", "Automatic reply: Your certificate", _EN),
    "Gmail": ("Return-Path: <>\nPrecedence: bulk\nX-Autoreply: yes\nAuto-Submitted: auto-replied\n" + _ANSWER, "On holiday Re: Your certificate", _EN),
    "Gmail, older": ("Precedence: bulk\nX-Autoreply: yes\n" + _ANSWER, "Holiday Re: Your certificate", _EN),
    "Notes 8.5": ("Auto-Submitted: auto-generated\nX-MIMETrack: Serialize by Router on MX/SVR/ABC(Release 8.5)\n", "AUTO: Ann Smith is out of the office (returning 09.11.2026)", "I am out of the office until 09.11.2026.\n\nNote: This is an automated response to your message \"Your certificate\"."),
    "Notes 6": ("X-MIMETrack: Serialize by Router on MX\n", "Ann Smith/BER/ACME is out of the office.", "I will be out of the office starting 02.11.2026 and will not return until 09.11.2026.\n\nI will respond to your message when I return."),
    "Notes, German": ("Auto-Submitted: auto-generated\nX-MIMETrack: Serialize by Router on MX\n", "AUTO: Ann Smith ist abwesend (Rückkehr am 09.11.2026)", "Ich bin bis 09.11.2026 abwesend."),
    "Dovecot's sieve": ("Return-Path: <>\nX-Sieve: Pigeonhole Sieve 0.5.19\nPrecedence: bulk\nAuto-Submitted: auto-replied (vacation)\n" + _ANSWER, "Auto: Your certificate", _EN),
    "Cyrus's sieve": ("Return-Path: <>\nX-Sieve: CMU Sieve 3.0\nAuto-Submitted: auto-replied (vacation)\n" + _ANSWER, "Away", _EN),
    "sieve, a subject of one's own": ("Return-Path: <>\nAuto-Submitted: auto-replied (vacation)\n", "Danke", "Bis bald."),
    "vacation(1)": ("Return-Path: <>\nPrecedence: bulk\nAuto-Submitted: auto-replied\n", "away from my mail", "I will not be reading my mail for a while."),
    "vacation(1), older": ("Return-Path: <>\nPrecedence: bulk\n", "away from my mail", "I will not be reading my mail for a while. Your mail will be read when I return."),
    "procmail, after its manual": ("X-Loop: ann@example.org\nPrecedence: junk\n" + _ANSWER, "Re: Your certificate", "I am on vacation until the 9th. This is an automatic reply."),
    "procmail, formail -r": ("Precedence: junk\nX-Loop: ann@example.org\n" + _ANSWER, "Re: Your certificate", _EN + "\nThis message was generated automatically."),
    "procmail, only words": (_ANSWER, "Automatic reply", _EN),
    "cPanel": ("Return-Path: <>\nX-Autorespond: Your certificate\nPrecedence: auto_reply\nX-Precedence: auto_reply\nPreference: auto_reply\nMIME-Version: 1.0\n", "Re: Your certificate", _EN),
    "Plesk": ("Return-Path: <>\nAuto-Submitted: auto-replied\nPrecedence: bulk\n", "Re: Your certificate", _EN),
    "Plesk, older": ("Precedence: bulk\nX-Autoreply: yes\n", "Autoreply: Your certificate", _EN),
    "qmail's autorespond": ("Return-Path: <>\nDelivered-To: Autoresponder\nPrecedence: junk\n", "Re:Your certificate", _EN),
    "Zimbra": ("Return-Path: <>\nAuto-Submitted: auto-replied (zimbra; vacation)\nPrecedence: bulk\n" + _ANSWER, "Out of Office: Your certificate", _EN),
    "GroupWise": ("X-Mailer: Novell GroupWise Internet Agent 8.0\n" + _ANSWER, "Out of Office: Your certificate", _EN),
    "GroupWise, German": ("X-Mailer: Novell GroupWise Internet Agent 8.0\n", "Abwesenheitsnotiz: Your certificate", _DE),
    "CommuniGate": ("Return-Path: <>\nX-Autogenerated: Reply\n" + _ANSWER, "Re: Your certificate", _EN),
    "MDaemon": ("Return-Path: <>\nPrecedence: bulk\nX-MDAutoResponder: yes\nAuto-Submitted: auto-replied\n", "Auto-response: Your certificate", _EN),
    "Kerio": ("Return-Path: <>\nAuto-Submitted: auto-replied\nX-Mailer: Kerio Connect 9\n" + _ANSWER, "Re: Your certificate", _EN),
    "hMailServer": ("Return-Path: <>\n", "Out of Office: Your certificate", _EN),
    "Mailtraq": ("X-POST-MessageClass: 9; Autoresponder\n", "Re: Your certificate", _EN),
    "FirstClass": ("X-FC-MachineGenerated: true\n", "Auto-Reply: Your certificate", _EN),
    "Domain Technologie Control": ("X-Mail-Autoreply: DTC\nX-AutoReply-From: ann@example.org\n", "Re: Your certificate", _EN),
    "Tobit David": ("X-Mailer: David.InfoCenter\nX-Priority: 3\n" + _ANSWER, "Abwesenheitsnotiz zu: Your certificate", "Dies ist eine automatisch erstellte Antwort. " + _DE),
    "KAS": ("Auto-Submitted: auto-replied\nX-KAS-Vacation: 1\n", "Urlaub", _DE),
    "iCloud": ("X-Apple-Action: VACATION\nX-Apple-Criteria: {kind=VACATION}\n" + _ANSWER, "Auto reply: Your certificate", _EN),
    "Apple's server": ("Return-Path: <>\nPrecedence: junk\n" + _ANSWER, "Re: Your certificate", "Ann is on vacation. This is an automatic reply, I will answer when I return."),
    "Yahoo": ("Return-Path: <>\nX-Yahoo-Newman-Property: ymail-3\nAuto-Submitted: auto-replied\n", "Auto-Response: Your certificate", _EN),
    "GMX": ("Return-Path: <>\nAuto-Submitted: auto-replied\n" + _ANSWER, "Re: Your certificate", _DE),
    "web.de": ("Precedence: bulk\nX-Autogenerated: reply\n", "Autoantwort: Your certificate", _DE),
    "T-Online": ("Return-Path: <>\n" + _ANSWER, "Automatische Antwort", _DE),
    "Mail.ru": ("Auto-Submitted: auto-replied\nPrecedence: bulk\n", "Автоответ: Your certificate", ABSENCES["ru"][1]),
    "Horde": ("Auto-Submitted: auto-replied\nX-Mailer: vacation program\n", "On vacation message", _EN),
    "PostfixAdmin": ("Return-Path: <>\nX-Loop: PostfixAdmin Virtual Vacation\nPrecedence: junk\n", "Out of Office", _EN),
    "PostfixAdmin, newer": ("Return-Path: <>\nX-Loop: PostfixAdmin Virtual Vacation\nAuto-Submitted: auto-replied\n", "Nicht da", _DE),
    "Mimecast": ("Return-Path: <>\nAuto-Submitted: auto-replied\nX-Auto-Response-Suppress: OOF, AutoReply, DR, NDR, RN, NRN\nPrecedence: bulk\n", "AutoRespons :Your certificate", _EN),
    "Thunderbird, a filter": ("User-Agent: Mozilla Thunderbird\nAuto-Submitted: auto-replied\n" + _ANSWER, "Re: Your certificate", _EN),
    "Amazon WorkMail": ("Return-Path: <>\nX-Amazon-Auto-Reply: true\n", "Out of office", _EN),
    "on a mailing list": ("List-Id: <talk.example.net>\nPrecedence: list\nAuto-Submitted: auto-replied\n", "Re: [talk] Your certificate", _EN),
    "on a mailing list, only words": ("List-Id: <talk.example.net>\nPrecedence: list\n", "[talk] Out of office: Your certificate", _EN),
    "who has left": ("Return-Path: <>\nX-Auto-Response-Suppress: All\n", "Automatic reply: Your certificate", "Ann no longer works with us."),
    "an address no longer used": ("Precedence: bulk\n", "Re: Your certificate", "Thank you for your message. This address is no longer in use. This is an automated message."),
    "OTRS": ("Precedence: bulk\nX-Loop: yes\nAuto-Submitted: auto-generated\nX-Powered-BY: OTRS - Open Ticket Request System\nX-Mailer: OTRS Mail Service\n" + _ANSWER, "[Ticket#2026110210000012] RE: Your certificate", "Thank you for your e-mail. Your request has been received and will be answered. Ticket number 2026110210000012."),
    "OTRS, German": ("Precedence: bulk\nX-Loop: yes\nAuto-Submitted: auto-generated\n" + _ANSWER, "[Ticket#2026110210000012] AW: Your certificate", "Ihre Anfrage ist bei uns eingegangen. Dies ist eine automatisch erstellte Nachricht."),
    "RT": ("Auto-Submitted: auto-replied\nPrecedence: bulk\nRT-Ticket: example.org #12\nManaged-BY: RT 5.0.3 (http://www.bestpractical.com/rt/)\n" + _ANSWER, "[example.org #12] AutoReply: Your certificate", "Greetings,\n\nThis message has been automatically generated in response to the creation of a trouble ticket."),
    "RT, older": ("Precedence: bulk\nRT-Ticket: example.org #12\nManaged-by: RT 3.8.4\n" + _ANSWER, "[example.org #12] AutoReply: Your certificate", "This message has been automatically generated in response to the creation of a trouble ticket. There is no need to reply to this message right now. Your ticket has been assigned an ID of [example.org #12]."),
    "Zendesk": ("Auto-Submitted: auto-generated\nX-Auto-Response-Suppress: All\nX-Zendesk-From-Account-Id: 1\nX-Mailer: Zendesk Mailer\n" + _ANSWER, "[Request received] Your certificate", "##- Please type your reply above this line -##\n\nYour request (12) has been received and is being reviewed by our support staff."),
    "Zendesk, older": ("X-Auto-Response-Suppress: All\n" + _ANSWER, "[Request received] Your certificate", "Your request (12) has been received and is being reviewed by our support staff."),
    "Freshdesk": ("Auto-Submitted: auto-generated\nX-Auto-Response-Suppress: DR, RN, OOF, AutoReply\n" + _ANSWER, "Ticket Received - Your certificate", "Dear Ann, we have received your request and a ticket has been created with the id 12."),
    "Freshdesk, no fields": (_ANSWER, "Ticket Received - Your certificate", "Dear Ann,\n\nWe would like to acknowledge that we have received your request and a ticket has been created. A support representative will get back to you. This is an automated response."),
    "Jira": ("Auto-Submitted: auto-generated\nPrecedence: bulk\nX-JIRA-FingerPrint: 1\n" + _ANSWER, "HELP-12 Your certificate", "Just confirming that we got your request. We're on it. This is an automatic notification; your request has been received."),
    "osTicket": ("Auto-Submitted: auto-replied\nX-Autoreply: yes\nX-Auto-Response-Suppress: ALL, AutoReply\nPrecedence: auto_reply\n" + _ANSWER, "Support Ticket Opened [#12]", "A request for support has been created and assigned ticket #12."),
    "Redmine": ("Auto-Submitted: auto-generated\nX-Auto-Response-Suppress: All\nX-Mailer: Redmine\nList-Id: <redmine.example.org>\n", "[Support - #12] (New) Your certificate", "Issue #12 has been created by Ann. We have received your message, this is an automatic acknowledgement."),
    "GLPI": ("Auto-Submitted: auto-generated\nX-Auto-Response-Suppress: OOF, DR, NDR, RN, NRN\n", "[GLPI #0000012] Nouveau ticket Your certificate", "Votre demande a été bien enregistrée. Message automatique, ne pas répondre."),
    "Zammad": ("Auto-Submitted: auto-replied\nPrecedence: bulk\nX-Loop: yes\nX-Auto-Response-Suppress: All\n" + _ANSWER, "[Ticket#12] Your certificate", "Thanks for your message, your ticket has been created."),
    "FreeScout": ("Auto-Submitted: auto-replied\nX-FreeScout-Mail-Type: auto.reply\nX-Auto-Response-Suppress: All\nPrecedence: auto_reply\n", "Re: Your certificate", "Your request has been received."),
    "Help Scout": ("Auto-Submitted: auto-replied\nX-Autoreply: yes\n", "Re: Your certificate", "We have received your message."),
    "Kayako": ("Auto-Submitted: auto-generated\nPrecedence: bulk\n", "[#ABC-123-45678]: Your certificate", "Thank you for contacting us. This is an automated response confirming the receipt of your ticket."),
    "Spiceworks": ("X-Auto-Response-Suppress: All\nPrecedence: bulk\n", "[Ticket #12] Your certificate", "Your ticket has been received, this is an automatic confirmation. Ticket number 12."),
    "ServiceNow": ("Auto-Submitted: auto-generated\nX-ServiceNow-Generated: true\n", "Incident INC0012 has been opened on your behalf", "Your request has been received and an incident was opened."),
    "HESK": ("Auto-Submitted: auto-replied\n", "[#AB1-CD2] Ticket received: Your certificate", "Your support request has been received."),
    "a shop": ("Precedence: bulk\n", "Eingangsbestätigung: Ihre Nachricht", "Vielen Dank für Ihre Nachricht. Ihre Anfrage ist bei uns eingegangen. Dies ist eine automatische Antwort."),
    "an office of the state": ("X-Auto-Response-Suppress: All\n", "Automatic acknowledgement: your e-mail", "Thank you for contacting us. This is an automatic acknowledgement of your e-mail. Please do not reply."),
    "a message in French": (_ANSWER, "Accusé de réception : Your certificate", "Nous avons bien reçu votre message. Ceci est un message automatique."),
    "a message in Spanish": ("Precedence: bulk\n", "Confirmación de recepción", "Hemos recibido su mensaje. Este es un mensaje automático."),
    "a receipt in words, Outlook": ("", "Read: Your certificate", "Your message\n\n   To: Ann\n   Subject: Your certificate\n\nwas read on Monday, 2 November 2026."),
    "a receipt in words, German": ("", "Gelesen: Your certificate", "Ihre Nachricht\n\n   An: Ann\n\nwurde am 2. November 2026 gelesen."),
    "a receipt in words, Notes": ("X-MIMETrack: x\n", "Return receipt: Your certificate", "This is a return receipt for the mail that you sent. It was displayed."),
    "a receipt in words, The Bat!": ("X-Mailer: The Bat! (v3) Professional\n", "Confirmation of reading: Your certificate", "This is a receipt: the message was displayed. This is an automatic message, confirmation of reading."),
    "TMDA": ("Return-Path: <>\nAuto-Submitted: auto-replied\nPrecedence: bulk\nX-Delivery-Agent: TMDA/1.1.12\n" + _ANSWER, "Please confirm your message", "This message was created automatically by mail delivery software (TMDA). Your message is being held because the address was not recognized."),
    "Boxbe": ("X-Boxbe-Notification: Your certificate\n" + _ANSWER, "Re: Your certificate (Action Required)", "Ann uses Boxbe; click to be added to the guest list."),
    "SpamArrest": ("X-Auto-Response-Suppress: All\nPrecedence: bulk\n" + _ANSWER, "Re: Your certificate (verification required)", "Just this once, click the link below so I can receive your emails: verify your email address."),
    "Earthlink": ("Precedence: junk\n" + _ANSWER, "Re: Your certificate", "This is an automatic reply to your email message. This email address is protected by EarthLink spamBlocker; please verify yourself to be an approved sender."),
}  # fmt: skip


def _receipt(more: str, subject: str) -> str:
    return (
        f'{_ME}{more}Subject: {subject}\nMIME-Version: 1.0\nContent-Type: multipart/report; report-type=disposition-notification; boundary="m"\n\n'
        "--m\nContent-Type: text/plain\n\nThe message was displayed.\n--m\nContent-Type: message/disposition-notification\n\n"
        "Final-Recipient: rfc822;ann@example.org\nOriginal-Message-ID: <sent@example.net>\n"
        "Disposition: manual-action/MDN-sent-manually; displayed\n\n--m--\n"
    )


RECEIPTS = {
    "Thunderbird": _receipt("User-Agent: Mozilla Thunderbird\n", "Return Receipt (displayed) - Your certificate"),
    "Outlook": _receipt("X-Mailer: Microsoft Outlook 16.0\n", "Read: Your certificate"),
    "Exchange": _receipt("Return-Path: <>\n", "Gelesen: Your certificate"),
    "Outlook, deleted": _receipt("", "Not read: Your certificate"),
    "The Bat!": _receipt("X-Mailer: The Bat! (v9)\n", "Confirmation of reading: Your certificate"),
    "Lotus Notes": _receipt("", "Return receipt: Your certificate"),
    "KMail": _receipt("User-Agent: KMail/5\n", "Message Disposition Notification"),
}


def write_replies() -> Iterator[tuple[str, bytes]]:
    """Every form, those of Exchange in every language, with its name."""
    forms = dict(FORMS)
    for name, fields in RESPONDERS.items():
        forms |= {f"{name}, {language}": (fields, subject, text) for language, (subject, text) in ABSENCES.items()}
    for name, (fields, subject, text) in forms.items():
        mail = f"{fields}{_ME}Subject: {subject}\nContent-Type: text/plain; charset=utf-8\n\n{text}\n"
        yield name, mail.encode()
    for name, receipt in RECEIPTS.items():
        yield f"a receipt, {name}", receipt.encode()
