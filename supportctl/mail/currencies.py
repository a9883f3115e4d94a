"""Currencies: the codes of ISO 4217 with their decimals, and the signs and words that stand for one of them."""

from __future__ import annotations


def _list(words: str) -> tuple[str, ...]:
    return tuple(words.split("|"))


# Of the codes that no longer are in use, those that mail in archives names.
_TWO = (
    "AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BOV BRL BSD BTN BWP BYN BZD CAD CDF CHE CHF"
    " CHW CNY COP COU CRC CUC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG"
    " HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK"
    " MXN MXV MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE"
    " SLL SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD USN UYU UZS VED VES WST XAD XCD XCG XDR"
    " XSU XUA YER ZAR ZMW ZWG ZWL"
    " ATS BEF BYR CSK CYP DEM EEK ESP FIM FRF GRD HRK IEP ITL LTL LUF LVL MTL NLG PTE ROL SIT SKK TRL VEF YUM ZWD"
)
_NONE = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XAG XAU XOF XPD XPF XPT"
_THREE = "BHD IQD JOD KWD LYD OMR TND"
_FOUR = "CLF UYW"
DECIMALS = {
    code: decimals for codes, decimals in ((_TWO, 2), (_NONE, 0), (_THREE, 3), (_FOUR, 4)) for code in codes.split()
}
"""Each code with the number of decimals that its amounts may have."""

SMALL = frozenset(
    _list("usd|eur|gbp|chf|cad|aud|nzd|hkd|sgd|twd|mxn|jpy|cny|inr|rub|pln|czk|huf|sek|nok|dkk|brl|krw|uah|ils")
)
"""The codes that are written in lower case as well, since they are no words."""

SIGNS = {
    "€": "EUR", "£": "GBP", "¥": "JPY", "￥": "JPY", "円": "JPY", "₹": "INR", "₽": "RUB", "руб": "RUB", "₩": "KRW",
    "원": "KRW", "zł": "PLN", "Kč": "CZK", "Ft": "HUF", "₴": "UAH", "грн": "UAH", "₺": "TRY", "₪": "ILS", "₫": "VND",
    "฿": "THB", "₱": "PHP", "₦": "NGN", "₡": "CRC", "₲": "PYG", "₸": "KZT", "₼": "AZN", "₾": "GEL", "₵": "GHS",
    "₭": "LAK", "₮": "MNT", "៛": "KHR", "лв": "BGN", "SFr": "CHF", "sFr": "CHF", "RM": "MYR", "Rp": "IDR",
    "TL": "TRY", "S/": "PEN", "B/": "PAB", "Euro": "EUR", "Euros": "EUR", "euro": "EUR", "euros": "EUR",
    "EURO": "EUR", "EUROS": "EUR", "евро": "EUR",
    # More than one country's, or none's.
    **dict.fromkeys(("kr", "Kr", "KR", "Rs", "元", "lei", "Lei", "¢", "₿", "BTC", "USDT", "USDC"), ""),
}  # fmt: skip
"""The signs and words for a currency, each with its code; "" for one that is not certain."""

UNSPACED = frozenset("€£¥￥円₹₽₩원₴₺₪₫฿₱₦₡₲₸₼₾₵₭₮៛元¢₿")
"""The signs that no letter beside them makes part of a word."""

DOLLARS = {
    "US": "USD", "USA": "USD", "U.S": "USD", "U.S.A": "USD", "A": "AUD", "AU": "AUD", "AUS": "AUD", "C": "CAD",
    "CA": "CAD", "CAN": "CAD", "CDN": "CAD", "NZ": "NZD", "HK": "HKD", "S": "SGD", "SG": "SGD", "R": "BRL",
    "MX": "MXN", "MEX": "MXN", "NT": "TWD", "TW": "TWD", "RD": "DOP", "BZ": "BZD", "TT": "TTD", "EC": "XCD",
    "BDS": "BBD", "COL": "COP", "FJ": "FJD",
}  # fmt: skip
"""What stands beside a dollar sign, in upper case and without its last dot, with the code of that dollar."""

DOLLAR_CODES = frozenset(
    _list(
        "ARS|AUD|BBD|BMD|BND|BOB|BRL|BSD|BZD|CAD|CLP|COP|CUC|CUP|CVE|DOP|FJD|GYD|HKD|JMD|KYD|LRD|MOP|MXN|NAD|NIO|NZD"
        "|SBD|SGD|SRD|TOP|TTD|TWD|USD|UYU|WST|XCD|ZWD|ZWG|ZWL"
    )
)
"""The codes of the currencies that a dollar sign stands for."""

OTHER_DOLLARS = _list(
    "canad|kanad|austral|new zeal|neuseel|zealand|hong|singap|taiwan|mexi|messic|namib|jamai|barbad|baham|bermud"
    "|trinid|beliz|fiji|guyan|liberi|surin|brunei|cayman|karib|caribb|zimbab|peso|real|reais|argent|chile|colomb"
    "|kolumb|domini|urugu|loonie|канад|австрал|гонконг|сингап|加元|加币|加幣|港|台币|台幣|臺幣|澳|新元|坡|カナダ|豪"
    "|香|台湾|캐나다|호주|홍콩|대만"
)
"""How words begin that make another dollar of one beside them."""

NO_DOLLARS = frozenset(
    _list(
        "a|us|to|of|for|and|the|fee|vat|tax|is|per|at|in|or|on|net|sum|was|due|now|are|you|has|got|pay|von|für|mit|bis"
        "|und|als|ist|la|le|les|des|et|par|sur|pro|via|get|new|any|all|one|buy|put|add|our|its|his|her|my|we|he|she|it|be"
        "|by|so|no|not|but|if|up|out|off|did|do|jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec|mon|tue|wed|thu|fri|sat"
        "|sun"
    )
)
"""Words of up to three letters that say nothing of a dollar beside them, in any case."""

MULTIPLES = frozenset(
    _list(
        "k|m|mn|mio|mill|mln|million|millions|millionen|mrd|bn|billion|billions|milliarden|tsd|thousand|tausend|hundred"
        "|lakh|lakhs|crore|crores|mil|mille|ct|cent|cents|c"
    )
)
"""What after an amount makes another one of it."""
