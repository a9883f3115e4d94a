"""The words of mail servers, autoresponders and people, in subjects and texts, as sets of patterns.

All are habits of many programs, in the languages that they speak; nothing describes a single message. An alternative
that leaves open how much stands between two words would make a set many times as slow.
"""

from __future__ import annotations

from supportctl.mail.patterns import PatternSet, TextPattern

SUBJECT = PatternSet(
    # Servers that return or delay a message. People write some of it as well.
    bounce=(
        r"failure notice|undeliver(?:ed|able|ability)|non[- ]?deliver|nondeliver|not delivered\b|deliver[yi]?(?:ed)? "
        r"(?:has |report|status|notification|failure|failed|error|delayed|problem|unsuccessful|incomplete)"
        r"|delivery[- ]?(?:notification|status|report)|(?:mail|message|e-?mail)[- ](?:system error|delivery|status"
        r"|could not be|not deliver|was not|undeliver|failure|error|blocked|you sent)|returned (?:mail|message|e-?mail"
        r"|to sender)|(?:mail|message) returned|return(?:ing|ed)? (?:message )?to sender|(?:could not|couldn't|cannot"
        r"|can't|unable to) (?:be )?(?:deliver|send)|\bND[NR]\b|(?:mail|message|delivery) (?:delayed|warning|failed)"
        r"|warning: (?:could not|message|e?-?mail)|failed mail|(?:error|problem|trouble) (?:sending|delivering)"
        r"|considered unsolicited|postmaster notify|unknown (?:user|address|recipient|local)|user (?:unknown"
        r"|not found)|no such (?:user|recipient)|address not found|mailbox (?:is )?(?:full|unavailable|not found)"
        r"|quota (?:exceeded|warning)|over quota|permanent (?:delivery )?(?:failure|error)|delayed mail"
        r"|still being retried|rejected (?:mail|message)|(?:mail|message) rejected|bounced? (?:mail|message)"
        r"|are not (?:a )?member|returned post|awaits moderator|loop alert|request to mailing list"
        r"|unzustellbar|zustell(?:ung|fehler|bericht)|nicht (?:zugestellt|übermittelt)|fehler bei der nachricht"
        r"|non remis|undelivrable|[ée]chec (?:de |d.)(?:la )?(?:remise|distribution|envoi)|non distribu"
        r"|no (?:se pudo |ha sido )?(?:entreg)|devuelto|error (?:de|en la) entrega|no se puede entregar"
        r"|falha (?:na|de|no) (?:entrega|envio)|n[ãa]o (?:foi )?entregue|não pôde ser entregue|mensagem devolvida"
        r"|mancat[ao] (?:consegna|recapito)|non (?:recapitabil|consegnat)|impossibile (?:recapitare|consegnare)"
        r"|onbestelbaar|niet (?:bezorg|afgelever)|kan niet worden bezorgd|nedoru[čc]|kézbesíthetetlen|nelivrat"
        r"|kunde inte levereras|går inte att leverera|kunne ikke leveres|ei (?:voitu )?toimitettu|toimitus epäonnistui"
        r"|niedostarczon|nie (?:można|udało się) dostarczyć|teslim edilemedi|недоставл|не доставл|недоставка"
        r"|не удалось доставить|配信|送信できませ|エラーメール|退信|退回|投递|无法投递|無法傳遞|未送達|반송|배달되지"
        r"|ไม่สามารถส่ง|לא ניתן למסור|تعذر التسليم"
    ),
    # What autoresponders put before the subject that they answer, or for it.
    prefix=(
        r"\A\s*\[?\s*(?:auto(?:matic|mated)?[-_ ]?(?:reply|response|answer|respons|respond)|out[- ]of[- ](?:the[- ])?"
        r"office(?: auto-?reply| reply| notification| message)?|(?:vacation|absence|away) (?:reply|response|message"
        r"|notice|notification)|autosvar|autoantwort|automatis(?:che|ch|k|erte?s?) (?:antwort|antwoord|svar|bericht"
        r"|eingangsbestätigung|r[üu]ckantwort)|abwesenheits(?:notiz|nachricht|meldung|benachrichtigung|assistent)"
        r"|r[ée]ponse automatique|(?:message|notification) d.absence|absence du bureau|respuesta autom[áa]tica"
        r"|fuera de (?:la )?oficina|risposta automatica|fuori (?:sede|ufficio)|resposta autom[áa]tica"
        r"|fora do escrit[óo]rio|automatyczna odpowied[źz]|automatick[áa] odpov[ěe][ďd]|afwezigheid|afwezigheidsmelding"
        r"|automaattinen (?:vastaus|poissaoloviesti)|automatikus v[áa]lasz|răspuns automat|frånvaro|frav[æa]r"
        r"|poissaolo|otomatik yan[ıi]t|nieobecno[śs][ćc]|nep[řr][íi]tomnost|автоответ|автоматический ответ"
        r"|автоматична відповідь|自動返信|自動応答|不在通知|自动回复|自动答复|自動回覆|외출 중|부재중"
        r"|자동 ?(?:회신|응답)|αυτόματη απάντηση|رد تلقائي|תשובה אוטומטית|การตอบกลับอัตโนมัติ)"
        r"(?:\s?\]|\s?[:：]|\s*\z|\s*[-–—(]|\s(?:re|aw|to|zu|on|from|von|for)\b)"
    ),
    # What Notes puts before what it says of somebody's absence.
    auto=r"\A\s*auto: ",
    # Words of autoresponders.
    reply=(
        r"auto[-_ ]?(?:matic |mated )?(?:reply|response|respons\b|answer)|(?:out|away) (?:of|from) (?:the |my )?"
        r"(?:office|mail|desk)|is (?:currently )?out of (?:the )?office|out-of-office|\bauto: |away until"
        r"|holiday notice"
        r"|vacation (?:notice|message|reply)|\Avacation\b|autosvar|autoantwort|automatische (?:antwort|r[üu]ck)"
        r"|automatisch erstellt|abwesen(?:heit|d\b)|(?:im|in) urlaub|r[ée]ponse automatique|(?:absence|absent) d[ue]\b"
        r"|(?:je suis|actuellement) absent|en vacances|respuesta autom|fuera de (?:la )?oficina|ausencia|ausente"
        r"|de vacaciones|risposta automatica|fuori (?:sede|ufficio)|assenza|in ferie|resposta autom|ausência"
        r"|afwezig|nieobecno|automatyczna odpowied|nep[řr][íi]tom|frånvaro|frav[æa]r|poissa|otomatik yan|atvaļinājum"
        r"|отсутств|автоответ|在宅|不在|自動返信|自动回复"
    ),
    # What people write as well, about themselves or others.
    absence=(
        r"\bOOO\b|\bon (?:annual |maternity |parental |sick )?(?:holidays?|leave)\b|\bvacation\b|\burlaub|\bvacances\b"
        r"|vacaciones|\bferie\b|férias|vakantie|dovolen|urlop|отпуск|休暇|휴가|休假|长假"
    ),
    # Acknowledgements, as of ticket systems.
    received=(
        r"we(?:'ve| have)? received|(?:has|have|was|were|is) (?:been )?(?:successfully )?(?:received|created|opened"
        r"|registered|logged|assigned)|(?:ticket|request|case|incident|enquiry|inquiry|issue|message"
        r"|e-?mail) (?:received"
        r"|created|opened|registered|logged|submitted)|received your|(?:new|your) (?:support )?(?:ticket|request"
        r"|case)\b"
        r"|ticket (?:id|#|no)|support ticket|acknowledge?ment|thank(?:s| you) for (?:contacting|your (?:e-?mail|message"
        r"|request|enquiry|inquiry|mail))|autoreply|eingangsbest[äa]tigung|(?:ist |bei uns )eingegangen"
        r"|haben ihre (?:anfrage|nachricht|e-?mail|mail) erhalten"
        r"|wurde (?:erfasst|erstellt)|empfangsbest|danke f[üu]r ihre|accus[ée] de r[ée]ception|bien (?:reçu|enregistr)"
        r"|(?:hemos )?recibido su|confirmaci[óo]n de recepci|abbiamo ricevuto|(?:stata|stato) (?:ricevut|registrat)"
        r"|recebemos|ontvangstbevestiging|ontvangen|potwierdzenie|zg[łl]oszenie|potvrzen[íi]|požadavek"
        r"|заявка|обращение|受付|已收到|工单"
    ),
    # Receipts.
    receipt=(
        r"\A\s*(?:(?:not )?read:|(?:un)?gelesen:|non lu ?:|lu ?:|le[íi]do:|letto:|lida:|lido:|gelezen:|p[řr]e[čc]teno:"
        r"|прочитано:|odczytano:|przeczytano:|läst:|lest:|læst:|luettu:|okundu:|elolvasva:|citit:|開封済み|已读|已讀"
        r"|읽음"
        r"|read (?:receipt|report)|return receipt|lesebest[äa]tigung|accus[ée] de lecture|conferma di lettura"
        r"|confirmaci[óo]n de lectura|leesbevestiging|confirmation of reading|reading confirmation"
        r"|disposition notification)"
    ),
    # Challenges to whoever wrote.
    challenge=(
        r"confirm (?:your|this|that you (?:sent|are)) (?:message|e-?mail|mail)|(?:verification|confirmation|action"
        r"|authori[sz]ation) (?:is )?(?:required|requested|needed)|(?:message|mail|e-?mail) (?:held|is waiting|awaits"
        r"|pending|requires)|challenge[- ]response|spam ?arrest|verify (?:yourself|your (?:message|e-?mail|identity))"
        r"|approve (?:this )?sender"
    ),
    # Answers.
    answered=(
        r"\A\s*(?:re|aw|antw(?:ort)?|sv|vs|odp|ynt|yan|res|rif|ref|bls|vá|ответ|отв|回复|回覆|答复|返信|回信|답장|رد"
        r"|תשובה|απ)"
        r"\s?(?:\[\d+\]|\(\d+\))?\s?[:：]"
    ),
    # What is sent on.
    forwarded=(
        r"\A\s*\[?(?:fwd?|wg|tr|trans|vs|vb|rv|enc|i|fs|pd|ilt|vl|doorst|p[řr]epos(?:l[áa]no)?|továbbítás|пересл|пер"
        r"|weitergeleitet|forwarded|inoltr[oa]|reenviado|transf[ée]r[ée]|转发|轉寄|転送|전달|إعادة توجيه|הועבר|πρθ)"
        r"\s?(?:\[\d+\])?\s?[:：]|\((?:fwd|forwarded|weitergeleitet)\)"
    ),
)
"""What is found in subjects."""

SERVER_TEXT = PatternSet(
    # What a server says about a message that did not arrive.
    bounce=(
        r"(?:^|[^\d.])[45]\.\d{1,3}\.\d{1,3}(?:[^\d.]|$)|(?:^|[^\d.-])(?:4[25]\d|55[0-7])[ -](?:\S|$)|SMTP error"
        r"|RCPT TO|MAIL FROM:|undeliver|returned (?:mail|to sender|because)|transcript of session|diagnostic|(?:final"
        r"|original)-recipient|(?:not|n't|unable to) (?:be )?(?:deliver|sent\b|reach)|deliver(?:y|ed) (?:has |was )?"
        r"(?:fail|unsuccess|delay|not possible|error|incomplete)|failed (?:permanently|to deliver|recipient|addresses?)"
        r"|permanent(?:ly)? (?:fatal |failed|error|failure)|fatal error|(?:user|recipient|address|mailbox|account|host"
        r"|domain) (?:is |name )?(?:unknown|not (?:found|exist|known|listed|valid)|unavailable|invalid|disabled|full"
        r"|inactive|over)|(?:unknown|no such|invalid|not a valid|non-?existent|bad) (?:final delivery |local "
        r"|e-?mail )?"
        r"(?:user|recipient|address|mailbox|host|domain)|does ?n.?t exist|does not exist|quota|exceed|couldn.?t (?:be"
        r"|find)|could not (?:be|find)|not accept|rejected|refused|blocked|not (?:a )?member|may not exist"
        r"|konnte nicht|unbekannt|nicht zugestellt|n.a pas pu|n.ont pas|inconnu|no (?:se )?(?:ha )?(?:pudo|podido)"
        r"|desconocid|non (?:è|e.) stat|sconosciut|n[ãa]o (?:foi|p[ôo]de)|não existe|nebyl|nelze|niet (?:worden"
        r"|bestaat)"
        r"|nie mo[żz]na|gick inte|kunde inte|kunne ikke|ei voitu|не (?:удалось|может|было|существует)"
        r"|存在しま|見つかりま|配信|送信|お届けできません|无法|无效|無法|배달"
    ),
    # The message that came back: its header, or the SMTP dialogue.
    header=r"^[ \t>|]{0,6}(?:message-id|received|return-path|rcpt to):\s",
    # What announces it.
    returned=(
        r"(?:copy of|original|returned|your|unsent) (?:the |of the )?(?:message|mail|e-?mail)(?: text| headers?| body"
        r"| content| copy)?(?: is| are)?(?: attached)? ?(?:follow|below|header|-{3})"
        r"|-{3} ?(?:original|returned|unsent|transcript|begin|the following|this is)"
    ),
)
"""What servers say of a message that did not arrive."""

REPLY_TEXT = PatternSet(
    # What calls itself automatic.
    automatic=(
        r"is an? (?:automatic(?:ally)?|auto|automated)[- ]?(?:generated |created )?(?:reply|response|answer|message"
        r"|notification|e-?mail|mail|acknowledge?ment)|(?:automatically|auto)[- ]generated (?:reply|response|message"
        r"|e-?mail|acknowledge?ment)|(?:message|e-?mail|mail|reply|response) (?:was|is|has been) (?:generated|sent"
        r"|created) automatically|automatic reply|this is a (?:return |read(?:ing)? |delivery )receipt"
        r"|automatisch(?:e|er)? (?:erstellte |generierte |erzeugte |versandte )?(?:antwort|nachricht|eingangsbest|mail"
        r"|e-mail|mitteilung)|automatisch (?:erstellt|generiert|erzeugt|versandt|verschickt)"
        r"|(?:r[ée]ponse|message) automatique|g[ée]n[ée]r[ée] automatiquement|(?:respuesta|mensaje) autom[áa]tic"
        r"|generado autom[áa]ticamente|(?:risposta|messaggio) automatic|generat[oa] automaticamente"
        r"|(?:resposta|mensagem) autom[áa]tica|automatisch(?:e)? (?:antwoord|bericht)|automatisch gegenereerd"
        r"|automatick[áaáý] (?:odpov|zpr)|automatycznie|automatyczna (?:odpowied|wiadomo)|automatiskt? (?:svar"
        r"|genererat)"
        r"|automaattinen|otomatik|автоматическ(?:ий|ое|и) |автоответ|自動(?:返信|応答|送信|配信)|自动(?:回复|答复"
        r"|发送)|자동"
    ),
    # Who is away.
    absence=(
        r"(?:out|away) (?:of|from) (?:the |my )?(?:office|desk|mail)|on (?:annual |maternity |parental "
        r"|sick )?(?:vacation"
        r"|holidays?|leave)\b|(?:no|not have) access to (?:my )?e?-?mail|limited access|will (?:be back|return|reply"
        r"|respond"
        r"|answer|read your)|when I (?:return|get back|come back)|in urgent (?:cases|matters)|for urgent"
        r"|no longer (?:work"
        r"|with|employed)|has left the|nicht im (?:b[üu]ro|hause?)|nicht (?:erreichbar|anwesend|weitergeleitet)"
        r"|abwesend"
        r"|im urlaub|in (?:dringenden|eiligen)|nach meiner r[üu]ckkehr|wieder (?:erreichbar|im b)|ab dem \d"
        r"|absent(?:e)?\b"
        r"|de retour|en cong[ée]|en vacances|mon retour|fuera de (?:la )?oficina|ausente|vacaciones|mi regreso"
        r"|fuori (?:sede|ufficio)|assente|in ferie|mio rientro|fora do escrit|f[ée]rias|afwezig|met vakantie|nieobecn"
        r"|na urlopie|nep[řr][íi]tom|dovolen|mimo kancel|p[åa] semester|tjänstledig|frånvarande|ikke til stede"
        r"|p[åa] ferie"
        r"|poissa|lomalla|szabadság|отсутств|в отпуске|вернусь|不在|休暇|出張|外出|休假|휴가|부재"
    ),
    # A receipt.
    receipt=(
        r"(?:was|were|been) (?:read|displayed|opened|seen|deleted without)\b|confirmation of reading"
        r"|reading confirmation"
        r"|return receipt for the mail|\bgelesen\b|wurde (?:geöffnet|angezeigt)|lesebest|a [ée]t[ée] (?:lu|affich"
        r"|ouvert)"
        r"|ha sido le[íi]do|[èe] stato letto|is gelezen|было прочитано|foi lida|został[ao] przeczytan|byla přečtena"
    ),
    # An acknowledgement.
    received=(
        r"(?:we |has been |have |was )(?:successfully )?received|received your|(?:ticket|request|case|enquiry|inquiry"
        r"|incident) (?:has been|was|is|with) |thank(?:s| you) for (?:contacting|your (?:e-?mail|message|request"
        r"|enquiry"
        r"|inquiry|mail))|do not (?:reply|respond)|(?:get back|respond|reply) to you|ticket (?:number|id)"
        r"|no longer (?:in use"
        r"|monitored|valid)|(?:anfrage|nachricht|e-?mail|mail) (?:erhalten|ist |wurde |wird )|eingangsbest"
        r"|vorgangsnummer"
        r"|ticketnummer|nicht auf diese|bien (?:reçu|enregistr)|accus[ée] de r[ée]ception|hemos recibido"
        r"|abbiamo ricevuto"
        r"|(?:sua|vostra) (?:richiesta|segnalazione)|recebemos|hebben (?:we |wij )?(?:uw|je) |uw (?:bericht|vraag)"
        r"|otrzymali[śs]my|przyj[ęe]liśmy|obdr[žz]eli|p[řr]ijali|получили|зарегистрирован|受け付け|受付|收到"
    ),
    # A challenge to whoever wrote.
    challenge=(
        r"(?:confirm|verify|prove|authenticate) (?:that you|yourself|your (?:message|e-?mail|address|identity))"
        r"|to (?:deliver|release) (?:your|the|this) (?:message|e-?mail|mail)|white-?list|approved sender"
        r"|awaiting (?:your )?confirmation|held (?:pending|until|for)"
    ),
)
"""What autoresponders write."""

TELLING = frozenset({"bounce", "prefix", "reply", "absence", "received", "receipt", "challenge", "automatic"})
"""Kinds of words that programs use more than people."""

AUTOMATIC_TEXT = TextPattern(REPLY_TEXT.text("automatic"))
"""A text that calls itself automatic."""

SERVER_OPENING = TextPattern(
    r"\A(?:\s*(?:boundary=|--|content-[a-z-]+:).*\n)*[\s*=#|_~.-]*(?:(?:hi|hello"
    r"|sorry)[.!,]?\s+)?(?:this is the (?:qmail-send program|ezmlm program|mail (?:system|delivery agent"
    r"|server)|postfix program|mailer-daemon|dragonfly|email sec)|this (?:message|email|e-mail|mail) (?:was|is"
    r"|has been) "
    r"(?:created |generated )?automatically (?:created |generated )?by"
    r"|a message (?:that )?you (?:have )?sent (?:could not"
    r"|has not|to the)|a message is delayed|this is an? (?:automatically generated|automated) delivery"
    r"|this is a delivery status notification|the original message was received at|your message\s+(?:to:|subject:"
    r"|from:)"
    r"|your message (?:was not delivered|with subject)|your (?:mail|e-?mail|message) (?:message )?(?:to"
    r"|sent) .+(?:could not|couldn't"
    r"|was blocked|not be deliver)|your (?:mail |e-?mail )?message .*(?:did not reach|could not be delivered"
    r"|has been delayed|wasn't delivered)|delivery (?:to the following|has failed to these)|failed to deliver to"
    r"|(?:we were |i was |was )?unable to deliver (?:your )?message|the following (?:message|mail|addresses"
    r"|recipients?) "
    r"|this (?:report relates to a message|message (?:was undeliverable|could not be delivered))"
    r"|the message (?:that you sent )?was (?:undeliverable|not delivered|not relayed)|an error (?:has )?occurred while"
    r"|there was an error delivering|we had trouble delivering|could not deliver message|undeliverable (?:address|mail"
    r"|message|to)|(?:unknown|no such) user:|user mailbox exceeds|invalid final delivery|user.s mailbox is full"
    r"|transcript of session follows|message from .+\s+unable to deliver|i'm sorry to have to inform you that (?:your"
    r"|the) message|email returned|(?:address not found|message not delivered|delivery incomplete"
    r"|message blocked)\s*\*\*"
    r"|failed recipients|your delivery to the following|mdaemon has|the user\(s\) account"
    r"|error: (?:invalid|unknown|no such)|you are not (?:a member|allowed to post)|your request to the .+mailing list"
    r"|duplicated message-id"
    r"|ihre nachricht .+(?:nicht zugestellt|konnte nicht|nicht erreicht)|fehler bei der (?:nachrichten)?zustellung"
    r"|die (?:folgende )?nachricht .+nicht|votre message n.a pas|[ée]chec de la remise|no se pudo entregar"
    r"|su mensaje no"
    r"|error de entrega|la consegna|il messaggio .+non|(?:a )?sua mensagem n|bezorging (?:aan|van)"
    r"|det gick inte att leverera|это письмо (?:создано автоматически|отправлено)|次のあて先への"
    r"|このメールは.+自動的に生成)"
)
"""What servers begin with that return mail."""

SENT_ON = TextPattern(
    r"^[ \t>]*[-_=*]{2,} ?(?:begin |start of |anfang der )?(?:forwarded|weitergeleitete|ursprüngliche"
    r"|original (?:message"
    r"|mail|e-mail)|message (?:transf|d.origine|initial)|mensaje (?:reenviado|original)|mensagem (?:encaminhada"
    r"|original)"
    r"|messaggio (?:inoltrato|originale)|doorgestuurd|oorspronkelijk|přeposlan|původní|пересыла|исходное|wiadomość"
    r"|przekazan|videresendt|vidarebefordra|転送|原始|转发|轉寄|전달|원본)|^[ \t>]*begin forwarded message"
    r"|^[ \t>]*anfang der weitergeleiteten|^[ \t>]*début du message|^[ \t>]*inizio messaggio inoltrato"
    r"|^[ \t>]*inicio del mensaje reenviado|^> "
)
"""The line with which a mail program introduces what it sends on, or the mark of a quotation."""
