"""Tables that fit the terminal: no word is broken, and where it is narrow a list takes their place."""

from __future__ import annotations

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from api.cli.columns import Columns


def shown(made: Columns, width: int) -> list[str]:
    file = io.StringIO()
    Console(file=file, width=width, markup=False, highlight=False, emoji=False).print(made)
    return [line.rstrip() for line in file.getvalue().splitlines()]


def visits() -> Columns:
    made = Columns(("", "When", "Who", "Points"), right=("Points",))
    made.add(1, "Tue 3 Mar 2026 09:30–09:50", "Dr Luc Rochat-Villeneuve", "12")
    made.add(2, "Wed 4 Mar 2026 10:00–10:20", "", "1,240")
    return made


def test_a_wide_terminal_has_one_line_for_each_row() -> None:
    assert shown(visits(), 90) == [
        "    When                         Who                        Points",
        "──────────────────────────────────────────────────────────────────",
        "1   Tue 3 Mar 2026 09:30–09:50   Dr Luc Rochat-Villeneuve       12",
        "2   Wed 4 Mar 2026 10:00–10:20                               1,240",
    ]


def test_a_narrow_one_has_a_list() -> None:
    assert shown(visits(), 40) == [
        "1",
        "When: Tue 3 Mar 2026 09:30–09:50",
        "Who: Dr Luc Rochat-Villeneuve",
        "Points: 12",
        "",
        "2",
        "When: Wed 4 Mar 2026 10:00–10:20",
        "Points: 1,240",
    ]


def test_a_small_table_stays_one_on_a_narrow_terminal() -> None:
    made = Columns(("Cost", "Points"), right=("Points",))
    made.add("Sum", "80")
    assert shown(made, 40)[2] == "Sum        80"


def test_lines_of_a_cell_stand_below_each_other() -> None:
    made = Columns(("Every week", "Mon"))
    made.add("Dr Rochat", "08:00 Consultation, Consulting room 2\n13:00 Home visits")
    assert shown(made, 30) == [
        "Every week: Dr Rochat",
        "Mon: 08:00 Consultation,",
        "  Consulting room 2",
        "  13:00 Home visits",
    ]


def test_an_empty_table_is_its_head() -> None:
    assert shown(Columns(("Rule", "Broken")), 90)[0] == "Rule   Broken"


WORDS = st.lists(st.text("abcd-:", min_size=1, max_size=12), max_size=8).map(" ".join)


@given(st.lists(st.tuples(WORDS, WORDS, WORDS, WORDS), min_size=1, max_size=4), st.integers(24, 130))
def test_no_word_is_broken_and_no_line_too_long(rows: list[tuple[str, ...]], width: int) -> None:
    made = Columns(("One", "Two", "Three", "Four"))
    for cells in rows:
        made.add(*cells)
    lines = shown(made, width)
    assert max(map(len, lines)) <= width
    words = {word for line in lines for word in line.split()}
    assert words >= {word for cells in rows for cell in cells for word in cell.split()}


@pytest.mark.parametrize("width", [80, 100])
def test_from_80_letters_on_a_table_may_wrap(width: int) -> None:
    made = Columns(("One", "Two", "Three"))
    made.add(*(f"{n} several words that need some room and are wrapped" for n in range(3)))
    lines = shown(made, width)
    assert lines[0].split() == ["One", "Two", "Three"]
    assert 3 < len(lines) < 8
