"""The habits of mail servers, autoresponders and list managers, as tables of patterns.

Standards: RFC 3464 (delivery status), 8098 (read receipts), 3834 (automatic answers), 2919 and 2369 (lists).
Everything here is a standard or a habit of many programs; nothing describes a single message.
"""

from __future__ import annotations

import re

# Senders that are servers and never people.
DAEMON_ADDRESS = re.compile(
    r"(?:mailer[-_.]?daemon|mail[-_.]?daemon|mdaemon|mail[-_.]?deliver(?:y|er)?"
    r"|microsoftexchange[0-9a-f]{6,99})"
    r"(?:[-+_.=0-9@]|\Z)",
    re.I,
)
DAEMON_NAME = re.compile(
    r"mail(?:er)?[- ]?daemon|mail delivery|delivery (?:sub)?system|mail (?:transfer"
    r"|delivery) (?:sub)?(?:system|agent)|MDaemon",
    re.I,
)
# Senders that are servers or the people who look after them.
OFFICE_ADDRESS = re.compile(
    r"(?:[^@]{0,99}post[-_.]?(?:master|office|bote)|daemon|mail[-_.]?(?:admin|sys|system|server|gateway)|ndr"
    r"|smtpd)"
    r"(?:[-+_.=0-9@]|\Z)",
    re.I,
)
OFFICE_NAME = re.compile(
    r"postmaster|mail administrator|system (?:administrator|attendant)|systemadministrator"
    r"|administrador del sistema"
    r"|administrateur syst|microsoft (?:outlook|exchange)|internet mail|mail (?:system|router)"
    r"|mail ?gateway",
    re.I,
)

# Senders that are programs of some kind; they are servers that return mail only with every other sign besides.
ROBOT_ADDRESS = re.compile(
    r"[^@]{0,99}(?:smtp|mail(?!ing)|virus|gateway|system|admin|no-?reply|do-?not-?reply|server|filter|robot"
    r"|service|root|security)",
    re.I,
)

# Subjects of servers that return or delay a message. People write some of them as well, so none is enough by itself.
BOUNCE_SUBJECT = re.compile(
    r"failure notice|undeliver(?:ed|able|ability)|undelivrable|non[- ]?deliver|not delivered\b|unzustellbar"
    r"|returned (?:mail|message|to sender)|(?:mail|message) returned|return(?:ing"
    r"|ed)? (?:message )?to sender|returned e-?mail"
    r"|deliver[yi]?(?:ed)? (?:has |report|status|notification|failure|failed|error|delayed|problem"
    r"|unsuccessful)"
    r"|delivery[- ]?(?:notification|status|report)"
    r"|(?:mail|message|e-?mail)[- ](?:system error|delivery|status|could not be|not deliver|was not"
    r"|undeliver|failure|error)"
    r"|(?:could not|couldn't|cannot|can't|unable to) (?:be )?(?:deliver|send)|nondeliver|\bNDN\b|\bNDR\b"
    r"|(?:mail|message|delivery) (?:delayed|warning|failed)|warning: (?:could not|message|e?-?mail)"
    r"|failed mail"
    r"|unknown (?:user|address|recipient|local)|user (?:unknown|not found)|no such (?:user|recipient)"
    r"|address not found"
    r"|mailbox (?:is )?(?:full|unavailable|not found)|quota (?:exceeded|warning)|over quota"
    r"|permanent (?:delivery )?(?:failure|error)"
    r"|delayed mail|still being retried|rejected (?:mail|message)|(?:mail|message) rejected"
    r"|bounced? (?:mail|message)"
    r"|zustell(?:ung|fehler|bericht)|nicht zugestellt|non remis|[ée]chec de (?:la )?(?:remise"
    r"|distribution)|non distribu"
    r"|no (?:se pudo |ha sido )?(?:entreg)|devuelto|falha (?:na|de) entrega|n[ãa]o entregue"
    r"|mancat[ao] (?:consegna|recapito)"
    r"|non (?:recapitabil|consegnat)|onbestelbaar|niet (?:bezorg|afgelever)|nedoru[čc]"
    r"|kunde inte levereras|ei toimitettu"
    r"|niedostarczon|недоставл|не доставл|недоставка|配信|送信できませ|エラーメール|退信|退回|投递|无法投递|반송",
    re.I,
)
# A person's answer to, or forward of, something.
ANSWERED = re.compile(r"\s{0,9}(?:re|aw|sv|antw|odp|fwd?|wg|tr|vs|rv|enc|i|fw)\s?(?:\[\d{1,9}\])?\s?:", re.I)
FORWARDED = re.compile(r"\s{0,9}(?:fwd?|wg|tr|vs|rv|enc|i|fw|pd|vb|doorst|p[řr]epos)\s?:", re.I)

# Programs that people write with, in X-Mailer and User-Agent.
PEOPLES_CLIENT = re.compile(
    r"thunderbird|mozilla|outlook|mutt|apple mail|iphone|ipad|the bat|kmail|evolution|roundcube"
    r"|squirrelmail|gnus|claws|sylpheed"
    r"|alpine|\bpine|lotus notes|eudora|pegasus|yahoomail|horde|zimbra|k-9|rainloop|mailspring|postbox"
    r"|gmail|webmail",
    re.I,
)

# What a server says in the body about a message that did not arrive.
BOUNCE_TEXT = re.compile(
    r"(?<![\d.])[45]\.\d{1,3}\.\d{1,3}(?![\d.])|(?<![\d.-])(?:4[25]\d|55[0-7])[ -](?:\S|\Z)|SMTP error"
    r"|RCPT TO|MAIL FROM:"
    r"|undeliver|returned (?:mail|to sender|because)|transcript of session|(?:final|original)-recipient"
    r"|diagnostic"
    r"|(?:not|n't|unable to) (?:be )?(?:deliver|sent\b|reach)|deliver(?:y|ed) .{0,80}?(?:fail|unsuccess"
    r"|delay|not possible|error)"
    r"|failed (?:permanently|to deliver|recipient|addresses?)|permanent(?:ly)? (?:fatal |failed|error"
    r"|failure)|fatal error"
    r"|(?:user|recipient|address|mailbox|account|host|domain) (?:is |name )?(?:unknown|not (?:found"
    r"|exist|known|listed|valid)|unavailable|invalid"
    r"|disabled|full|inactive|over)|(?:unknown|no such|invalid|not a valid|non-?existent|bad) (?:local "
    r"|e-?mail )?(?:user|recipient|address|mailbox|host|domain)"
    r"|does ?n.?t exist|does not exist|quota|exceed|couldn.?t (?:be|find)|could not (?:be|find)"
    r"|not accept|rejected|refused|blocked"
    r"|konnte nicht|unbekannt|nicht zugestellt|n.a pas pu|n.ont pas|inconnu|no (?:se )?(?:ha )?(?:pudo"
    r"|podido)|desconocid|non (?:è|e.) stat|sconosciut"
    r"|n[ãa]o (?:foi|p[ôo]de)|não existe|nebyl|nelze|niet (?:worden|bestaat)|nie mo[żz]na|не (?:удалось"
    r"|может|было|существует)|存在しま|見つかりま|配信|送信|无法|无效",
    re.I,
)
# The message that came back, within the text: its header or the SMTP dialogue, and words that announce it.
RETURNED_HEADER = re.compile(r"^[ \t>|]{0,6}(?:message-id|received|return-path|rcpt to):\s", re.I | re.M)
RETURNED_WORDS = re.compile(
    r"(?:copy of|original|returned|your|unsent) (?:the |of the )?(?:message|mail|e-?mail)(?: text"
    r"| headers?| body| content| copy)?"
    r".{0,40}(?:follow|below|header|-{3})|-{3} ?(?:original|returned|unsent|transcript|begin"
    r"|the following|this is)",
    re.I,
)
# Amazon's notices of bounces through its message service (JSON in the text).
BOUNCE_NOTICE = re.compile(r'notificationType\\?"\s{0,9}:\s{0,9}\\?"Bounce')
BOUNCE_NOTICE_FIELD = "x-amz-sns-message-id"
# Fields that only servers which return mail write.
BOUNCE_FIELDS = ("x-failed-recipients", "x-ms-exchange-message-is-ndr", "x-bounce-report", "x-notes-undeliverable")
# Auto-Submitted comments of sendmail and others: `auto-generated (failure)`.
BOUNCE_COMMENT = re.compile(r"\((?:failure|warning|delivery|returned|bounce|notify|dsn)", re.I)

# Fields that only autoresponders write, with the values that count.
REPLY_FIELDS: dict[str, re.Pattern[str]] = {
    "x-autoreply": re.compile(r"(?!no\b|false\b)", re.I),
    "x-autoreply-from": re.compile(r"."),
    "x-autoreply-to": re.compile(r"."),
    "x-autorespond": re.compile(r"(?!no\b|false\b)", re.I),
    "x-autoresponder": re.compile(r"(?!no\b|false\b)", re.I),
    "x-auto-reply": re.compile(r"(?!no\b|false\b)", re.I),
    "x-auto-responder": re.compile(r"(?!no\b|false\b)", re.I),
    "x-mail-autoreply": re.compile(r"(?!no\b|false\b)", re.I),
    "x-mailautoreply": re.compile(r"(?!no\b|false\b)", re.I),
    "x-amazon-auto-reply": re.compile(r"true|yes|1", re.I),
    "x-autogenerated": re.compile(r"reply", re.I),
    "x-vacation": re.compile(r"(?!no\b|false\b)", re.I),
    "x-apple-action": re.compile(r"vacation", re.I),
    "x-post-messageclass": re.compile(r"9\b"),
    "x-boxbe-notification": re.compile(r"."),
    "precedence": re.compile(r"auto[-_]?reply", re.I),
    "x-precedence": re.compile(r"auto[-_]?reply", re.I),
    "preference": re.compile(r"auto[-_]?reply", re.I),
    "return-receipt": re.compile(r"."),
    "delivered-to": re.compile(r"autoresponder\b", re.I),
    "x-mailer": re.compile(r".{0,99}(?:\bvacation\b|auto-?(?:reply|respond))", re.I),
    "user-agent": re.compile(r".{0,99}(?:\bvacation\b|auto-?(?:reply|respond))", re.I),
}

# Subjects of autoresponders in the languages of the large programs; people may write them as well.
_REPLY_WORDS = (
    r"(?:auto(?:matic|mated|mail)?[-_ ]{0,9}(?:re(?:ply|sponse|spons)|answer"
    r"|respond)|auto:|autosvar|autoantwort"
    r"|automatis(?:che|ch|k|erte?s?) (?:antwort|antwoord|svar|eingangsbest|bericht|r[üu]ck)"
    r"|r[ée]ponse automatique"
    r"|respuesta autom|risposta automatica|resposta autom|automatyczna odpowied|automatick[áa] odpov"
    r"|automaattinen|otomatik yan"
    r"|автоответ|автоматический ответ|автоматична відповідь|自動返信|自動応答|自动(?:回复|答复)|自動回覆"
    r"|자동 ?(?:회신|응답))"
)
REPLY_PREFIX = re.compile(r"\s{0,9}(?:re:\s{0,9})?(?:\[\s{0,9})?" + _REPLY_WORDS, re.I)
REPLY_SUBJECT = re.compile(
    _REPLY_WORDS + r"|(?:out|away) (?:of|from) (?:the |my )?office|\bOOO\b|out-of-office|abwesen(?:heit|d)"
    r"|(?:absence|absent) d[ue]|fuera de (?:la )?oficina"
    r"|fuori (?:sede|ufficio)|ausencia|assenza|afwezig|nieobecno|nep[řr][íi]tom|frånvaro|frav[æa]r"
    r"|poissa|отсутств|不在"
    r"|\b(?:away )?on (?:annual |maternity |parental |sick )?(?:vacation|holidays?|leave)\b"
    r"|\bvacation (?:notice|message|reply)|\Avacation\b"
    r"|(?:im|in) urlaub|en vacances|de vacaciones|in ferie",
    re.I,
)
RECEIPT_SUBJECT = re.compile(
    r"\s{0,9}(?:(?:not )?read:|(?:un)?gelesen:|non lu ?:|lu ?:|le[íi]do:|letto:|lida:|gelezen:"
    r"|p[řr]e[čc]teno:|přečteno:|прочитано:|odczytano"
    r"|read (?:receipt|report)|return receipt|lesebest[äa]tigung|empfangsbest|accus[ée] de (?:lecture"
    r"|r[ée]ception)|conferma di lettura"
    r"|confirmaci[óo]n de lectura|leesbevestiging|confirmation of reading|reading confirmation|reading:)",
    re.I,
)
RECEIPT_TEXT = re.compile(
    r"this is a (?:return |read(?:ing)? |delivery )?receipt|(?:was|were|been|is) (?:read|displayed"
    r"|opened|seen)\b|confirmation of reading"
    r"|reading confirmation|(?:wurde|ist) .{0,80}?(?:gelesen|ge[öo]ffnet|angezeigt)|lesebest"
    r"|a [ée]t[ée] (?:lu|affich|ouvert)|ha sido le[íi]do"
    r"|[èe] stato letto|is gelezen|было прочитано",
    re.I,
)
CHALLENGE_SUBJECT = re.compile(
    r"(?:please )?confirm (?:your|this|that you (?:sent|are)) (?:message|e-?mail|mail)|(?:verification"
    r"|confirmation|action|authori[sz]ation) "
    r"(?:is )?(?:required|requested|needed).{0,200}(?:message|mail|deliver)|(?:message|mail|e-?mail) (?:held"
    r"|is waiting|awaits|pending|requires)"
    r"|challenge[- ]response|spam ?arrest|please verify (?:yourself|your (?:message|e-?mail|identity))"
    r"|approve (?:this )?sender",
    re.I,
)
# Fields that do not say what a message is, but that no person wrote it by hand.
MACHINE_FIELDS = (
    "x-auto-response-suppress",
    "x-ms-exchange-inbox-rules-loop",
    "x-autogenerated",
    "x-loop",
    "feedback-id",
)
MACHINE_PRECEDENCE = re.compile(r"\s{0,9}(?:bulk|junk|list|auto)", re.I)

LIST_FIELDS = (
    "list-id",
    "list-post",
    "mailing-list",
    "x-mailing-list",
    "x-mailinglist",
    "x-beenthere",
    "x-mailman-version",
)
LIST_PRECEDENCE = re.compile(r"\s{0,9}list\b", re.I)
