"""Mistakes in a query are shown at their place, with what to do."""

from __future__ import annotations

import pytest

from supportctl import query
from supportctl.errors import UsageError
from supportctl.output.terminal import point_at
from tests.support.query_samples import LISTS, NOW


@pytest.mark.parametrize(
    ("text", "place", "problem", "hint"),
    [
        ("", 0, "expected a word", ""),
        ("  ", 2, "expected a word", ""),
        ("from:paypal (subject:x", 22, "expected a ')' for the '(' at character 13", ""),
        ("a)", 1, "no '(' is open", ""),
        ("()", 1, "expected a word", ""),
        ("a and", 5, "expected a word", ""),
        ("or a", 0, "before 'or'", '"or"'),
        ("a and or b", 6, "before 'or'", ""),
        ("fron:anna", 0, "did you mean 'from:'", "known fields: from to"),
        ("a re:x", 2, "no field named 're:'", '"quotes"'),
        ("x-mailer:bat", 0, "no field named 'x-mailer:'", "header:x-mailer:"),
        ("a from: b", 7, "expected a value right after 'from:'", "no space"),
        ("header:x-a: b", 11, "expected a value right after 'x-a:'", "any value"),
        ('subject:"x', 8, 'expected a closing "', ""),
        ("subject:/x", 8, "expected a closing /", ""),
        ("subject:/a b/c d/", 8, "expected a closing /", "for a slash"),
        ("a subject:/viagra/i", 18, "nothing after the pattern", "case is ignored"),
        ("(/viagra/gs)", 9, "nothing after the pattern", "(?s)"),
        ("//", 1, "expected a pattern", ""),
        ("a /x(/", 3, "missing ): x(", ""),
        ("subject:/ab(?=c)/", 11, "invalid perl operator", "no look-around"),
        ("/a**/", 2, "bad repetition operator", ""),
        ("is:opne", 3, "did you mean 'open'", ""),
        ("id:a@example.org", 3, "expected a ticket's id", "mid: takes a Message-ID"),
        ("id:.17", 3, "expected a ticket's whole id", "id:s20261122.17"),
        ("is:read", 3, "did you mean '-is:unread'", ""),
        ("has:x", 4, "expected one of: attachment", ""),
        ("a newer:7d", 2, "did you mean 'after:'", ""),
        ("Folder:junk", 0, "did you mean 'in:'", ""),
        ("list:debian", 0, "did you mean 'header:list-id:'", ""),
        ("message-id:x", 0, "did you mean 'mid:'", ""),
        ("automatic:x", 10, "expected one of: bounce reply notification list", ""),
        ("likely:list", 7, "expected one of: bounce reply", ""),
        ("is:/x/", 3, "takes no pattern", ""),
        ("from:{x}", 6, "no list named 'x'", "known lists: arbitrators, nobody"),
        ("tag:{arbitrators}", 4, "no list here", "from: to: cc: or recipient:"),
        ("date:2026-13", 5, "no such date", "yesterday"),
        ("date:2026-01..2026-02-30", 14, "no such date", ""),
        ("date:soon", 5, "not a valid date", ""),
        ("date:22/11/2026", 5, "not a valid date", ""),
        ("date:2026-nov-2026", 5, "not a valid date", ""),
        ("date:30min..", 5, "not a valid date", ""),
        ("date:31.4.", 5, "no such date", ""),
        ("after:2026-01..2026-02", 13, "expected one date", "after date:"),
        ("before:..2026-02", 7, "expected one date", "after date:"),
        ("older:2026-01", 6, "span of time", "before: takes a date"),
        ("date:2026..2025", 11, "ends before it begins", ""),
        ("date:..", 5, "before or after", ""),
        ("older:x", 6, "span of time", "30d"),
        ("older:99999y", 6, "more than a hundred years", ""),
        ("size:>x", 6, "expected a size", "1M"),
        ("amount:x", 7, "amount of money", "15.00USD"),
        ("auth:a@b", 5, "expected a domain", ""),
        ("a && b", 2, "did you mean 'and'", ""),
        ("a || b", 2, "did you mean 'or'", ""),
        ("- a", 0, "did you mean 'not'", ""),
        ("subject:!!!", 8, "no letter or digit", "pattern"),
        ("a*b", 1, "expected a word", "/ab.*c/"),
        ("*a", 0, "expected a word", "only end a word"),
        ("subject:(to:x)", 9, "no field inside 'subject:( )'", ""),
        ("subject:(a to:(x))", 11, "no field inside 'subject:( )'", ""),
        ("subject:(a header:x-a:(b))", 11, "no field inside 'subject:( )'", ""),
        ("header:x-a:()", 12, "expected a word", ""),
        ('a "b c"or"d"', 7, "expected a space after the phrase", ""),
        ('"b c"*d', 6, "expected a space after the phrase", ""),
        ('date:"2026-01 09:30".."2026-02"', 20, "expected a space after the phrase", "whole range in quotes"),
        ("from:{nobody},{arbitrators}", 13, "expected a space after the list", ""),
        ("{nobody}", 0, "no list here", "from: to: cc: or recipient:"),
        ('date:"2026-01..2026-02-30"', 15, "no such date", ""),
        ("caf\udce9 from:(x", 3, "expected text in UTF-8", "another encoding"),
        ("header:x-\udcff:/a/", 9, "expected text in UTF-8", ""),
        ("subject:/\udcff/", 9, "expected text in UTF-8", ""),
        ("(" * 2000 + "a" + ")" * 2000, 21, "at most 20 levels", ""),
        ("-" * 3000 + "a", 21, "at most 20 levels", ""),
        ("a " * 501, 1000, "at most 500 values", ""),
    ],
)
def test_mistakes_are_shown_at_their_place(text: str, place: int, problem: str, hint: str) -> None:
    with pytest.raises(query.QueryError) as caught:
        query.parse_query(text, lists=LISTS, now=NOW)
    error = caught.value
    assert isinstance(error, UsageError)
    assert (error.position, problem in error.problem, hint in error.hint) == (place, True, True), str(error)


def told(error: query.QueryError) -> list[str]:
    assert error.excerpt
    return point_at(*error.excerpt).splitlines()


def test_the_caret_stands_under_the_place() -> None:
    with pytest.raises(query.QueryError) as caught:
        query.parse_query("subject:x\nfrom:\ty is:\x1bopen")
    assert told(caught.value) == ["  from: y is: open", "       ^"]


def test_the_caret_counts_what_the_terminal_shows() -> None:
    """Chinese takes two columns, a combining accent none."""
    with pytest.raises(query.QueryError) as caught:
        query.parse_query("証明 cafe\u0301 is:x")
    assert told(caught.value) == ["  証明 cafe\u0301 is:x", "               ^"]


def test_the_caret_of_a_long_query_stays_in_sight() -> None:
    with pytest.raises(query.QueryError) as caught:
        query.parse_query("word " * 80 + "is:x " + "word " * 80)
    line, caret = told(caught.value)
    assert len(line) <= 80
    assert line[caret.index("^") :].startswith("x word")
