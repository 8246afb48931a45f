"""The reader of fact files: everything that the public files use, and a place for everything they should not hold."""

from __future__ import annotations

import pytest

from benchmarks.adapters import FactError, parse_facts, read_facts


def args(text: str) -> list[tuple[str, tuple[int | str, ...]]]:
    return [(fact.name, fact.args) for fact in parse_facts(text).facts]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", []),
        ("open.", [("open", ())]),
        ("beds(11, 1, -7).", [("beds", (11, 1, -7))]),
        ("a(1). a(2).b(3).", [("a", (1,)), ("a", (2,)), ("b", (3,))]),
        ("a(\n 1\n ,2 )\n.", [("a", (1, 2))]),
        ("givenSchedule(1,red).", [("givenSchedule", (1, "red"))]),
        ("chair(1..3,1).", [("chair", (1, 1)), ("chair", (2, 1)), ("chair", (3, 1))]),
        ("a(-1..0).", [("a", (-1,)), ("a", (0,))]),
        ("a(4..4).", [("a", (4,))]),
        ("a(1..2,5..6).", [("a", (1, 5)), ("a", (1, 6)), ("a", (2, 5)), ("a", (2, 6))]),
        ('a("SALA-2-(O.R.L.), % x").', [("a", ("SALA-2-(O.R.L.), % x",))]),
        (r'a("say \"hi\"").', [("a", ('say "hi"',))]),
        ('a("1").', [("a", ("1",))]),
        ("a(1). % a(2).\na(3).", [("a", (1,)), ("a", (3,))]),
        ("a(1). %* a(2).\na(3). *% a(4).", [("a", (1,)), ("a", (4,))]),
        ("a(days). #const days = 5.", [("a", (5,))]),
        ("#const days = 2. a(1..days).", [("a", (1,)), ("a", (2,))]),
    ],
)
def test_facts_are_read(text, expected):
    assert args(text) == expected


def test_constants_are_kept():
    facts = parse_facts('#const timeDisp = 750.\n#const shift=-2. #const hospital = "A".')

    assert facts.constants == {"timeDisp": 750, "shift": -2, "hospital": "A"}
    assert facts.constant("timeDisp") == 750
    with pytest.raises(FactError, match="'#const hospital' is 'A', expected an integer"):
        facts.constant("hospital")
    with pytest.raises(FactError, match="'#const limit' is None"):
        facts.constant("limit")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a(1).\nb(2)", "day.lp:2: found the end of the file, expected '.'. Maybe a full stop is missing"),
        ("a(1).\n\na(2) a(3).", "day.lp:3: found 'a', expected '.'"),
        ("a(1.", "day.lp:1: found '.', expected ')'"),
        ("a().", "day.lp:1: found ')', expected a number, a string or a name"),
        ("a(1,).", "day.lp:1: found ')', expected a number"),
        ("a(1-2).", "day.lp:1: found '-2', expected ')'"),
        ("3.", "day.lp:1: found '3', expected the name of a fact"),
        ("#const = 5.", "day.lp:1: found '=', expected the name of a fact"),
        ("#const x 5.", "day.lp:1: found '5', expected '='"),
        ("a(1).\na(X) :- b(X).", "day.lp:2: cannot read 'X) :- b(X).'"),
        ("a(1). :- b.", "day.lp:1: cannot read ':- b.'. Maybe a full stop is missing, or the file holds rules"),
        ('a("open).\n', "day.lp:1: cannot read '\"open).'"),
        ("%* never closed\na(1).", "day.lp:1: cannot read '%* never clo'"),
        ("a(12ab).", "day.lp:1: cannot read '12ab).'"),
        ("%* two\nlines *% a(1) b.", "day.lp:2: found 'b', expected '.'"),
        ("a(3..1).", "day.lp:1: the range 3..1 is empty"),
        ("a(1..days).", "day.lp:1: the range 1..days needs an integer on both sides"),
    ],
)
def test_anything_else_is_refused_with_its_place(text, message):
    with pytest.raises(FactError) as error:
        parse_facts(text, "day.lp")

    assert str(error.value).startswith(message)


def test_facts_are_told_apart_by_their_number_of_arguments():
    facts = parse_facts('chair(1,1). chair(1,30,"d",7).')

    assert [fact.args for fact in facts.named("chair", 2)] == [(1, 1)]
    assert [fact.args for fact in facts.named("chair", 4)] == [(1, 30, "d", 7)]
    facts.require_known({("chair", 2), ("chair", 4)})
    with pytest.raises(FactError, match=r"^<text>:1: found 'chair' with 4 arguments, expected one of chair/2$"):
        facts.require_known({("chair", 2)})


def test_an_argument_of_the_wrong_type_is_refused_with_its_place():
    number, name = parse_facts('a(1).\na("x").').facts

    assert (number.integer(0), name.text(0)) == (1, "x")
    with pytest.raises(FactError, match=r"^<text>:1: argument 1 of 'a' is 1, expected a string$"):
        number.text(0)
    with pytest.raises(FactError, match=r"^<text>:2: argument 1 of 'a' is 'x', expected an integer$"):
        name.integer(0)


def test_a_file_is_named_in_its_errors(tmp_path):
    path = tmp_path / "week.lp"
    path.write_text("a(1).\n?", encoding="utf-8")

    with pytest.raises(FactError, match=r"week\.lp:2: cannot read '\?'"):
        read_facts(path)
