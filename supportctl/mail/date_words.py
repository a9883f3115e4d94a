"""Names of months, days of the week and time zones in dates, as programs of many countries write them."""

from __future__ import annotations

import unicodedata
from functools import lru_cache

# A language a block: twelve months, then seven days of the week from Monday; forms of one name are joined by `/`.
_LANGUAGES = {
    "English": """
        january/jan february/feb march/mar april/apr may june/jun july/jul august/aug september/sep/sept october/oct
        november/nov december/dec
        monday/mon tuesday/tue/tues wednesday/wed thursday/thu/thur/thurs friday/fri saturday/sat sunday/sun""",
    "German": """
        januar/jan/jänner/jän februar/feb/feber märz/mär/mrz/maerz april/apr mai juni/jun juli/jul august/aug
        september/sep/sept oktober/okt november/nov dezember/dez
        montag/mo/mon dienstag/di/die mittwoch/mi/mit donnerstag/do/don freitag/fr/fre samstag/sa/sam sonntag/so/son""",
    "French": """
        janvier/janv/jan février/févr/fév mars/mar avril/avr mai juin juillet/juil août/aoû septembre/sept/sep
        octobre/oct novembre/nov décembre/déc
        lundi/lun mardi/mar mercredi/mer jeudi/jeu vendredi/ven samedi/sam dimanche/dim""",
    "Spanish": """
        enero/ene febrero/feb marzo/mar abril/abr mayo/may junio/jun julio/jul agosto/ago septiembre/setiembre/sep/sept
        octubre/oct noviembre/nov diciembre/dic
        lunes/lun martes/mar miércoles/mié jueves/jue viernes/vie sábado/sáb domingo/dom""",
    "Catalan": """
        gener/gen febrer/febr març/mar abril/abr maig juny juliol/jul agost/ag setembre/set octubre/oct novembre/nov
        desembre/des
        dilluns/dl dimarts/dt dimecres/dc dijous/dj divendres/dv dissabte/ds diumenge/dg""",
    "Portuguese": """
        janeiro/jan fevereiro/fev março/mar abril/abr maio/mai junho/jun julho/jul agosto/ago setembro/set outubro/out
        novembro/nov dezembro/dez
        segunda/seg terça/ter quarta/qua quinta/qui sexta/sex sábado/sáb domingo/dom""",
    "Italian": """
        gennaio/gen febbraio/feb marzo/mar aprile/apr maggio/mag giugno/giu luglio/lug agosto/ago settembre/set/sett
        ottobre/ott novembre/nov dicembre/dic
        lunedì/lun martedì/mar mercoledì/mer giovedì/gio venerdì/ven sabato/sab domenica/dom""",
    "Dutch": """
        januari/jan februari/feb maart/mrt april/apr mei juni/jun juli/jul augustus/aug september/sep/sept oktober/okt
        november/nov december/dec
        maandag/ma dinsdag/di woensdag/wo donderdag/do vrijdag/vr zaterdag/za zondag/zo""",
    "Danish": """
        januar/jan februar/feb marts/mar april/apr maj juni/jun juli/jul august/aug september/sep/sept oktober/okt
        november/nov december/dec
        mandag/man/ma tirsdag/tir/ti onsdag/ons/on torsdag/tor/to fredag/fre/fr lørdag/lør/lø søndag/søn/sø""",
    "Norwegian": """
        januar/jan februar/feb mars/mar april/apr mai juni/jun juli/jul august/aug september/sep/sept oktober/okt
        november/nov desember/des
        mandag/man/ma tirsdag/tir/ti onsdag/ons/on torsdag/tor/to fredag/fre/fr lørdag/lør/lø søndag/søn/sø""",
    "Swedish": """
        januari/jan februari/feb/febr mars/mar april/apr maj juni/jun juli/jul augusti/aug september/sep/sept
        oktober/okt november/nov december/dec
        måndag/mån/må tisdag/tis/ti onsdag/ons/on torsdag/tor/tors fredag/fre/fr lördag/lör/lö söndag/sön/sö""",
    "Finnish": """
        tammikuu/tammikuuta/tammi helmikuu/helmikuuta/helmi maaliskuu/maaliskuuta/maalis huhtikuu/huhtikuuta/huhti
        toukokuu/toukokuuta/touko kesäkuu/kesäkuuta/kesä heinäkuu/heinäkuuta/heinä elokuu/elokuuta/elo
        syyskuu/syyskuuta/syys lokakuu/lokakuuta/loka marraskuu/marraskuuta/marras joulukuu/joulukuuta/joulu
        maanantai/maanantaina/ma tiistai/tiistaina/ti keskiviikko/keskiviikkona/ke torstai/torstaina/to
        perjantai/perjantaina/pe lauantai/lauantaina/la sunnuntai/sunnuntaina/su""",
    "Estonian": """
        jaanuar/jaan veebruar/veebr märts aprill/apr mai juuni juuli august/aug september/sept/sep oktoober/okt
        november/nov detsember/dets
        esmaspäev/e teisipäev/t kolmapäev/k neljapäev/n reede/r laupäev/l pühapäev/p""",
    "Latvian": """
        janvāris/janv februāris/febr marts aprīlis/apr maijs jūnijs/jūn jūlijs/jūl augusts/aug septembris/sept
        oktobris/okt novembris/nov decembris/dec
        pirmdiena/pirmd otrdiena/otrd trešdiena/trešd ceturtdiena/ceturtd piektdiena/piektd sestdiena/sestd
        svētdiena/svētd""",
    "Lithuanian": """
        sausis/sausio/saus/sau vasaris/vasario/vas kovas/kovo/kov balandis/balandžio/bal gegužė/gegužės/geg
        birželis/birželio/birž/bir liepa/liepos/liep/lie rugpjūtis/rugpjūčio/rugp rugsėjis/rugsėjo/rugs
        spalis/spalio/spal/spa lapkritis/lapkričio/lapkr/lap gruodis/gruodžio/gruod/grd
        pirmadienis/pr antradienis/an trečiadienis/tr ketvirtadienis/kt penktadienis/pn šeštadienis/št
        sekmadienis/sk""",
    "Czech": """
        leden/ledna/led únor/února/úno březen/března/bře duben/dubna/dub květen/května/kvě červen/června/čvn/čen
        červenec/července/čvc/čec srpen/srpna/srp září/zář říjen/října/říj listopad/listopadu/lis
        prosinec/prosince/pro
        pondělí/po úterý/út středa/st čtvrtek/čt pátek/pá sobota/so neděle/ne""",
    "Slovak": """
        január/januára/jan február/februára/feb marec/marca/mar apríl/apríla/apr máj/mája jún/júna júl/júla
        august/augusta/aug september/septembra/sep október/októbra/okt november/novembra/nov december/decembra/dec
        pondelok/po utorok/ut streda/st štvrtok/št piatok/pi sobota/so nedeľa/ne""",
    "Polish": """
        styczeń/stycznia/sty luty/lutego/lut marzec/marca/mar kwiecień/kwietnia/kwi maj/maja czerwiec/czerwca/cze
        lipiec/lipca/lip sierpień/sierpnia/sie wrzesień/września/wrz październik/października/paź
        listopad/listopada/lis grudzień/grudnia/gru
        poniedziałek/pon/pn wtorek/wto/wt środa/śro/śr czwartek/czw/cz piątek/pią/pt sobota/sob
        niedziela/nie/ndz/nd""",
    "Croatian": """
        siječanj/siječnja/sij veljača/veljače/velj/vel ožujak/ožujka/ožu travanj/travnja/tra svibanj/svibnja/svi
        lipanj/lipnja/lip srpanj/srpnja/srp kolovoz/kolovoza/kol rujan/rujna/ruj listopad/listopada/lis
        studeni/studenoga/stu prosinac/prosinca/pro
        ponedjeljak/pon utorak/uto srijeda/sri četvrtak/čet petak/pet subota/sub nedjelja/ned""",
    "Serbian": """
        januar/jan/јануар/јан februar/feb/фебруар/феб mart/mar/март/мар april/apr/април/апр maj/мај jun/јун jul/јул
        avgust/avg/август/авг septembar/sep/септембар/сеп oktobar/okt/октобар/окт novembar/nov/новембар/нов
        decembar/dec/децембар/дец
        ponedeljak/pon/пон utorak/uto/уто sreda/sre/сре četvrtak/čet/чет petak/pet/пет subota/sub/суб
        nedelja/ned/нед""",
    "Slovenian": """
        januar/januarja/jan februar/februarja/feb marec/marca/mar april/aprila/apr maj/maja junij/junija/jun
        julij/julija/jul avgust/avgusta/avg september/septembra/sep oktober/oktobra/okt november/novembra/nov
        december/decembra/dec
        ponedeljek/pon torek/tor sreda/sre četrtek/čet petek/pet sobota/sob nedelja/ned""",
    "Hungarian": """
        január/jan február/febr/feb március/márc/már április/ápr május/máj június/jún július/júl augusztus/aug
        szeptember/szept október/okt november/nov december/dec
        hétfő/h kedd/k szerda/sze csütörtök/cs péntek/p szombat/szo vasárnap/v""",
    "Romanian": """
        ianuarie/ian februarie/feb martie/mar aprilie/apr mai iunie/iun iulie/iul august/aug septembrie/sep/sept
        octombrie/oct noiembrie/noi/nov decembrie/dec
        luni/lun marți/mar miercuri/mie joi vineri/vin sâmbătă/sâm duminică/dum""",
    "Turkish": """
        ocak/oca şubat/şub mart/mar nisan/nis mayıs/may haziran/haz temmuz/tem ağustos/ağu eylül/eyl ekim/eki
        kasım/kas aralık/ara
        pazartesi/pzt salı/sal çarşamba/çar perşembe/per cuma/cum cumartesi/cmt pazar/paz""",
    "Indonesian": """
        januari/jan februari/feb maret/mar april/apr mei juni/jun juli/jul agustus/agu/agt september/sep oktober/okt
        november/nov desember/des
        senin/sen selasa/sel rabu/rab kamis/kam jumat/jum sabtu/sab minggu/min""",
    "Russian": """
        январь/января/янв февраль/февраля/фев/февр март/марта/мар апрель/апреля/апр май/мая июнь/июня/июн
        июль/июля/июл август/августа/авг сентябрь/сентября/сен/сент октябрь/октября/окт ноябрь/ноября/ноя/нояб
        декабрь/декабря/дек
        понедельник/пн вторник/вт среда/ср четверг/чт пятница/пт суббота/сб воскресенье/вс""",
    "Ukrainian": """
        січень/січня/січ лютий/лютого/лют березень/березня/бер квітень/квітня/кві/квіт травень/травня/тра/трав
        червень/червня/чер/черв липень/липня/лип серпень/серпня/сер/серп вересень/вересня/вер жовтень/жовтня/жов/жовт
        листопад/листопада/лис/лист грудень/грудня/гру/груд
        понеділок/пн вівторок/вт середа/ср четвер/чт пʼятниця/пт субота/сб неділя/нд""",
    "Bulgarian": """
        януари/яну февруари/фев март/мар април/апр май юни юли август/авг септември/сеп/септ октомври/окт ноември/ное
        декември/дек
        понеделник/пн вторник/вт сряда/ср четвъртък/чт петък/пт събота/сб неделя/нд""",
    "Greek": """
        ιανουάριος/ιανουαρίου/ιαν φεβρουάριος/φεβρουαρίου/φεβ μάρτιος/μαρτίου/μάρ απρίλιος/απριλίου/απρ
        μάιος/μαΐου/μάι ιούνιος/ιουνίου/ιουν ιούλιος/ιουλίου/ιουλ αύγουστος/αυγούστου/αυγ
        σεπτέμβριος/σεπτεμβρίου/σεπ/σεπτ οκτώβριος/οκτωβρίου/οκτ νοέμβριος/νοεμβρίου/νοε δεκέμβριος/δεκεμβρίου/δεκ
        δευτέρα/δευ τρίτη/τρι τετάρτη/τετ πέμπτη/πεμ παρασκευή/παρ σάββατο/σαβ κυριακή/κυρ""",
    "Chinese": """
        一月 二月 三月 四月 五月 六月 七月 八月 九月 十月 十一月 十二月
        星期一/周一/週一 星期二/周二/週二 星期三/周三/週三 星期四/周四/週四 星期五/周五/週五 星期六/周六/週六
        星期日/周日/週日/星期天""",
}

FILLERS = frozenset(
    {"of", "the", "at", "on", "de", "del", "den", "der", "le", "il", "kl", "um", "uhr", "o'clock", "a", "alle", "ore"}
    | {"th", "st", "nd", "rd", "г", "год", "года", "р", "року", "в", "о", "feira", "日", "일"}
)
"""Words of a date that say nothing: `den 14. November 2023 um 22:13 Uhr`."""

# Hours east of UTC. The zones of RFC 5322 mean what it says (section 4.3), at least where the date has its form.
_ZONES: dict[str, float] = {
    **dict.fromkeys(("ut", "utc", "gmt", "z", "wet"), 0),
    "est": -5,
    "edt": -4,
    "cst": -6,
    "cdt": -5,
    "mst": -7,
    "mdt": -6,
    "pst": -8,
    "pdt": -7,
    "akst": -9,
    "akdt": -8,
    "hst": -10,
    "nst": -3.5,
    "ndt": -2.5,
    "adt": -3,
    "brt": -3,
    "brst": -2,
    "art": -3,
    **dict.fromkeys(("cet", "met", "mez", "west", "wat"), 1),
    **dict.fromkeys(("cest", "mest", "mesz", "eet", "oez", "sast", "cat"), 2),
    **dict.fromkeys(("eest", "oesz", "eat", "trt", "msk", "idt"), 3),
    "msd": 4,
    "pkt": 5,
    "npt": 5.75,
    "ict": 7,
    "wib": 7,
    "hkt": 8,
    "sgt": 8,
    "awst": 8,
    "jst": 9,
    "kst": 9,
    "acst": 9.5,
    "acdt": 10.5,
    "aest": 10,
    "aedt": 11,
    "nzst": 12,
    "nzdt": 13,
}
# Zones of several places: Israel, India, Ireland; Britain, Bangladesh; Atlantic, Arabia; the Gulf, Georgia …
AMBIGUOUS_ZONES = frozenset({"ist", "bst", "ast", "gst", "ect", "amt", "sst", "wst", "pht", "vet", "bdt"})
"""Names of zones that mean different times in different places."""


def strip_marks(word: str) -> str:
    """A word without case, marks and full stops."""
    if word.isalpha() and word.isascii():
        return word.lower()
    marks = unicodedata.normalize("NFKD", word.casefold().replace("ı", "i").replace("ł", "l"))
    return "".join(char for char in marks if not unicodedata.combining(char) and char not in ".'ʼ’")


def zone_shift(name: str) -> int | None:
    """The seconds east of UTC of a zone that means one time; None for any other name."""
    hours = _ZONES.get(name.lower())
    return None if hours is None else round(hours * 3600)


def find_month(word: str, weekday: str = "") -> int | None:
    """The number of a month; where languages differ on the name, those count that know the day of the week.

    `listopad` is November in Polish and Czech, and October in Croatian.
    """
    months, days = _tables()
    known = months.get(strip_marks(word), {})
    numbers = set(known.values())
    if len(numbers) > 1:
        numbers = {number for language, number in known.items() if language in days.get(strip_marks(weekday), {})}
    return numbers.pop() if len(numbers) == 1 else None


def find_weekdays(word: str) -> set[int]:
    """The numbers of the days of the week, from Monday (0), that have this name in any language."""
    return set(_tables()[1].get(strip_marks(word), {}).values())


@lru_cache(maxsize=1)
def _tables() -> tuple[dict[str, dict[str, int]], dict[str, dict[str, int]]]:
    """The names of months and of days of the week, each with its number by language."""
    months: dict[str, dict[str, int]] = {}
    days: dict[str, dict[str, int]] = {}
    for language, names in _LANGUAGES.items():
        for at, forms in enumerate(names.split()):
            table, number = (months, at + 1) if at < 12 else (days, at - 12)
            for form in forms.split("/"):
                table.setdefault(strip_marks(form), {})[language] = number
    return months, days
