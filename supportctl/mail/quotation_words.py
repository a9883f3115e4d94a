"""The words with which mail programs introduce a quotation, in the languages that they speak.

They are matched without case; only those of NOT_BY_PROGRAMS have theirs, since "My" is a name as well.
"""

from __future__ import annotations

from typing import Literal

Kind = Literal["from", "sent", "date", "to", "subject", "other"]


def _cased(words: str) -> tuple[str, ...]:
    return tuple(words.split("|"))


def _list(words: str) -> tuple[str, ...]:
    return _cased(words.casefold())


_LABELS: dict[Kind, str] = {
    "from": (
        "from|von|de|expéditeur|van|da|mittente|remetente|remitente|feladó|od|odosielateľ|odesílatel|nadawca|från"
        "|fra|frá|lähettäjä|от|от кого|від|від кого|de la|expeditor|gönderen|kimden|από|šalje|pošiljatelj|pošiljalac"
        "|nuo|saatja|من|מאת|از|từ|người gửi|จาก|dari|差出人|送信者|发件人|發件人|寄件者|寄件人|보낸 사람|보낸사람"
        "|발신자"
    ),
    # What programs write, and people hardly do.
    "sent": (
        "sent|sent on|sent at|gesendet|gesendet am|envoyé|envoyé le|verzonden|verzonden op|enviado|enviado el"
        "|enviados|enviada|enviada em|enviado em|enviado a|inviato|inviato il|elküldve|küldve|küldés ideje|odesláno"
        "|odoslané|wysłano|wysłane|skickat|sendt|lähetetty|отправлено|надіслано|відправлено|изпратено|trimis|trimisă"
        "|trimis la|gönderildi|gönderilme|gönderme tarihi|στάλθηκε|απεσταλμένα|poslano|poslato|išsiųsta|nosūtīts"
        "|saadetud|enviat|تاريخ الإرسال|أرسلت|נשלח|فرستاده شده|đã gửi|ส่ง|ส่งเมื่อ|dikirim|dihantar|送信日時"
        "|发送时间|發送時間|发送日期|傳送日期|寄件日期|傳送時間|보낸 날짜|보낸날짜|보낸 시간"
    ),
    "date": (
        "date|datum|data|fecha|dátum|dato|päivämäärä|päiväys|pvm|дата|tarih|ημερομηνία|datums|kuupäev|dagsetning"
        "|التاريخ|תאריך|تاریخ|ngày|thời gian|วันที่|tanggal|tarikh|日時|日付|日期|时间|날짜"
    ),
    "to": (
        "to|an|à|a|pour|destinataire|aan|para|per|destinatario|destinatário|címzett|címzettek|komu|do|adresat|till"
        "|til|vastaanottaja|кому|către|catre|kime|alıcı|προς|за|до|za|kome|prima|primatelj|kam|saaja|adressaat|per a"
        "|إلى|אל|به|đến|tới|người nhận|ถึง|kepada|ke|宛先|宛て先|收件人|收件者|받는 사람|받는사람|수신자"
    ),
    "subject": (
        "subject|betreff|betrifft|objet|sujet|onderwerp|asunto|assunto|oggetto|tárgy|předmět|predmet|temat|ämne|emne"
        "|aihe|тема|относно|subiect|konu|θέμα|naslov|zadeva|tema|tēma|teema|assumpte|efni|الموضوع|נושא|موضوع|chủ đề"
        "|tiêu đề|เรื่อง|หัวเรื่อง|perihal|subjek|件名|主题|主題|主旨|제목"
    ),
    "other": (
        "cc|bcc|kopie|blindkopie|copie|copie à|copia|cópia|cco|cci|másolat|másolatot kap|kópia|kopia|dw|kopi|kopio"
        "|копия|копія|копие|bilgi|κοιν.|κοινοποίηση|kp|kopija|抄送|副本|参照|참조|reply-to|reply to|antwort an"
        "|répondre à|antwoord aan|responder a|rispondi a|importance|wichtigkeit|priority|priorität|prioriteit"
        "|attachments|anlagen|anhänge|pièces jointes|bijlagen|adjuntos|allegati|anexos|organization|organisation"
        "|sensitivity|newsgroups|resent-from|添付ファイル|附件|첨부"
    ),
}
LABELS: dict[str, Kind] = {label.casefold(): kind for kind, labels in _LABELS.items() for label in labels.split("|")}
"""The labels of a header block, each with what it names."""
LABEL_BEGINNINGS = frozenset(
    spelling[:3]
    for label in (_LABELS["from"] + "|" + _LABELS["sent"]).split("|")
    for mark in ":：\u00a0 "
    for spelling in (label + mark, label.title() + mark, label.capitalize() + mark, label.upper() + mark)
) | {"*" + spelling[:2] for label in _LABELS["from"].split("|") for spelling in (label, label.capitalize())}
"""The first three characters of the lines that a header block begins with."""

WROTE = frozenset(
    _list(
        "wrote|writes|schrieb|schrieben|schriebst|schreibt|geschrieben|écrit|ecrit|écrivait|écriviez|schreef"
        "|schrijft|geschreven|escribió|escribio|escribiste|escribe|escrit|scritto|scrive|scrisse|escreveu|escreveram"
        "|escreve|írta|irta|írtad|napsal|napsala|napsali|napsané|napísal|napísala|napísali|napisal|napisała|napisał"
        "|napisala|pisze|píše|skrev|skrevet|skriver|skrifaði|kirjoitti|kirjoittaa|написал|написала|написали|писал"
        "|писала|писали|пишет|написав|пише|писав|написа|scris|yazdı|yazdi|yazmış|έγραψε|έγραψες|napisao|napisali"
        "|piše|rašė|parašė|rakstīja|kirjutas|viết|menulis|כתב|כתבה|كتب|نوشت|skribis|idatzi|scríobh|ysgrifennodd"
    )
)
"""The words for "wrote" that a line above a quotation ends with, or has before the name."""

WROTE_AT_END = _list(
    "写道|寫道|写到|书写|写|님이 작성|이(가) 작성|가 작성|이 작성|님이 쓴 글|쓴 글|작성했습니다|님이 작성하였습니다"
    "|書きました|のメール|のメッセージ|さんは書きました|เขียนว่า"
)
"""The same in languages that have no spaces around it."""

SAID = frozenset(
    _list("said|says|sagte|sagt|meinte|dit|dijo|disse|zei|sade|sagde|sa|sanoi|mondta|řekl|powiedział|сказал")
)
"""The words for "said", which people write of more than mail."""

AFTER_WROTE = frozenset(
    _list(
        "a|la|а|the|following|lo|siguiente|ce|qui|suit|следующее|quanto|segue|följande|følgende|folgendes|o|seguinte"
        "|am|um|at|on|le|il|el|em|den|kl|klo|om|dne|dnia|op|à|v|в|u|ob|kello|von|van|vom|zu|zum|der|de|da|di|du|del"
        "|della|dos|das|ter|ten|te|al|bin|ibn|ben|y|e|und|via"
    )
)
"""The words in lower case that may follow there, some of them parts of names."""

NOT_BY_PROGRAMS = frozenset(
    _cased(
        "ich|Ich|wir|Wir|we|We|my|ik|jag|Jag|jeg|Jeg|yo|j|я|Я|мы|Мы|ми|the|your|Your|our|Our|his|her|their|ihr|Ihr"
        "|ihre|Ihre|ihrer|Ihrer|mein|meine|unser|unsere|die|dein|deine|eine|votre|vos|notre|uw|mijn|onze|een|vostra"
        "|vostro|nostra|nostro|vuestra|vuestro|nuestra|nuestro|ваш|Ваш|ваша|Ваша|наш|наша|мой|моя"
    )
)
"""The words that people alone write of who wrote: of themselves, of theirs and of others'."""

GREETINGS = _list(
    "mit |met |best |kind |viele |liebe |beste |herzliche |freundliche |with |med |vennlig|venlig|cordial|saludos"
    "|atentamente|un saludo|saluti|distinti|com os |atenciosamente|s pozdravem|s pozdravom|pozdraw|z powa"
    "|üdvözlettel|terveisin|с уважением|з повагою|cu stimă|saygılar|με εκτίμηση|regards|thanks|thank you|danke|merci"
    "|gracias|grazie|ar cienu"
)
"""How the first line of a signature begins, if it is no name."""

OPENERS = frozenset(
    _list(
        "on|at|am|um|le|el|il|op|em|dne|dňa|dnia|w|den|på|a|az|στις|στην|la|pe|在|于|於|на|в|у|dana|vào|pada"
        "|tarihinde|quoting|quote|zitat|citando|citát|citat|idézet|cytat|citazione|citerar|date|datum|dátum|fecha"
        "|kuupäeval"
    )
)
"""The words that such a line begins with."""

ORIGINAL = _list(
    "original|origineel|originál|ursprüngl|urspruengl|ursprungl|d'origine|d’origine|oorspronkelijk|původní|puvodni"
    "|pôvodn|povodn|oryginaln|eredeti|oprindelig|opprinnelig|alkuperäi|исходное|оригинал|первоначальн|вихідне"
    "|початкове|inițial|orijinal|özgün|αρχικ|izvorn|izvirn|元の|原始|原邮件|原郵件|원본|原文|מקורי|الأصلية|gốc|asli"
    "|ต้นฉบับ|algne|pradin|sākotnēj|reply"
)
FORWARDED = _list(
    "forward|weitergeleitet|transféré|transfere|transmis|réexpédié|doorgestuurd|doorgezonden|reenvia|reencaminh"
    "|encaminhad|inoltrat|továbbít|přepos|prepos|przekaz|przesłan|vidarebefordra|videresend|vidaresend|välitet"
    "|edelleenläh|пересыла|переслан|переадрес|пересила|redirecț|redirect|iletilen|yönlendiril|προωθ|转发|轉寄|轉發"
    "|転送|전달|prosl|posredov|препрат|edasta|persiųst|pārsūt|الموجهة|המועבר|הועבר|chuyển tiếp|diteruskan|ส่งต่อ"
    "|reenviat"
)
MESSAGES = _list(
    "message|mail|nachricht|bericht|mensaje|mensagem|missatge|messaggio|zpráv|zprav|správ|sprav|wiadomoś|wiadomos"
    "|üzenet|levél|meddelande|meddelelse|besked|brev|melding|viesti|сообщени|письм|повідомленн|лист|mesaj|ileti"
    "|posta|μήνυμα|μηνύματος|メッセージ|メール|邮件|郵件|信件|메시지|메일|poruk|sporočil|съобщени|הודעה|رسالة"
    "|الرسالة|thư|tin nhắn|pesan|ข้อความ|kiri|laišk|ziņojum|skeyti|appointment|termin"
)
"""Parts of words: a line with rules around one of MESSAGES and one of the other two stands above an old message."""

BEGINS = _list(
    "begin forwarded message|anfang der weitergeleiteten|début du message|inicio del mensaje reenviado"
    "|inizio messaggio inoltrato|início da mensagem|begin doorgestuurd bericht|vidarebefordrat brev"
    "|vidarebefordrat meddelande|start på videresendt|videresendt besked|videresendt melding|välitetty viesti alkaa"
    "|začátek přeposlané|začiatok preposlanej|początek przekazywanej|początek przekazanej|rozpoczęcie przekazanej"
    "|továbbított levél kezdete|továbbított üzenet|начало переадресованного|начало пересылаемого|початок листа"
    "|początek wiadomości|început mesaj|începutul mesajului|iletilen ileti başlangıcı|yönlendirilen ileti"
    "|έναρξη προωθημένου|転送されたメッセージ|下面是被转发的邮件|開始轉寄郵件|以下是轉寄的郵件|전달된 메시지"
    "|započni proslijeđenu|početak proslijeđene|inici del missatge reenviat|bắt đầu thư được chuyển tiếp"
    "|mulai meneruskan pesan"
)
"""The lines without rules that stand above a forwarded message, up to a colon."""

ENDS = frozenset(
    _list("end|ende|fin|fine|fim|einde|konec|koniec|vége|конец|кінець|slut|slutt|loppu|final|sfârșit|край|kraj|τέλος")
)
"""The first word of the line between rules below a forwarded message."""

SENT_BEGINNINGS = _list(
    "sent |gesendet |gesandt |envoyé |enviado |enviada |enviat |inviato |inviata |verzonden |verstuurd |skickat "
    "|sendt |sent frá|lähetetty |odesláno |odeslané |odoslané |wysłano |wysłane |küldve |elküldve |отправлено "
    "|надіслано |відправлено |изпратено |trimis |στάλθηκε |εστάλη |poslano |poslato |išsiųsta |saadetud |נשלח "
    "|أرسلت |từ |đã gửi |发自|發自|从我的|從我的|내 |나의 |diese nachricht wurde |diese e-mail wurde "
    "|ce message a été envoyé "
)
SENT_ENDS = _list(
    " gesendet| gesendet wurde| gönderildi| küldve| elküldve| verstuurd| verzonden| lähetetty| wysłane| wysłano"
    "| отправлено|から送信|送信|发送|發送|傳送|보냄|보냈습니다|에서 보낸 메일"
)
"""How a line begins or ends that a telephone's program adds: "Sent from my …"."""

GET_BEGINNINGS = _list(
    "get |download |holen sie |laden sie |téléchargez |télécharger |obtenez |obtenir |obtener |obtenga |obtén "
    "|descargar |obter |obtenha |scarica |ottieni |hämta |hent |få |hanki |lataa |získat |získajte |stáhnout "
    "|pobierz |uzyskaj |скачать |отримати |завантажити |descărcați |obțineți |λήψη |preuzmite |prenesite |下载|下載"
    "|取得"
)
GET_ENDS = _list(
    " herunterladen| beziehen| ophalen| downloaden| edinin| letöltése| letöltés|を入手|를 다운로드|다운로드"
)
"""The same where the line names Outlook: "Get Outlook for …"."""

SENT_EDGES = frozenset(
    [beginning[:2] for beginning in (*SENT_BEGINNINGS, *GET_BEGINNINGS)] + [end[-2:] for end in (*SENT_ENDS, *GET_ENDS)]
)
"""The first two and the last two characters of such lines."""

DEVICES = _list(
    "iphon|ipad|ipod|android|samsung|galaxy|huawei|xiaomi|blackberry|nokia|outlook|windows|yahoo|gmx|web.de|k-9"
    "|proton|fairphone|smartphone|handy|telefon|teléfono|telefoon|téléphone|telefono|telefone|телефон|puhelime|mobil"
    "|móvil|mobiel|phone|tablet|mail.ru|яндекс|mailbox|aquamail|bluemail|spark|手机|手機|스마트폰"
)

FOOTERS = _list("mailing list|mailing-list|mailinglist|unsubscribe|listinfo|mailman|abbestellen|désinscri")
"""What the first lines of a list's footer have, below its rule."""
