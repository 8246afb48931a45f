"""Plots are SVG that stands inside a page and needs nothing from elsewhere."""

from __future__ import annotations

import re
from datetime import date

import pytest

from api.report.figures import RoomUse
from api.report.plots import convergence_plot, is_telling, load_plot, room_board, waiting_plot
from engine.jobs.measure_use import WeekUse
from engine.model.order import Priority
from engine.model.result import Progress

MONDAY = date(2026, 3, 2)
USES = [
    RoomUse("Room 1", date(2026, 3, 3), 9.0, 9.5, "Visit"),
    RoomUse("Room 2", date(2026, 3, 4), 10.0, 11.0, "Scan & more"),
]
LOADS = [("Dr. Ade", WeekUse("dr-a", MONDAY, 600, 300, 0)), ("Dr. Brook", WeekUse("dr-b", MONDAY, 0, 0, 60))]
TRACE = [
    Progress(elapsed_s=0.1, stage="left out", objective=3, bound=0),
    Progress(elapsed_s=0.4, stage="left out", objective=2, bound=2),
    Progress(elapsed_s=0.9, stage="waiting", objective=50),
    Progress(elapsed_s=1.9, stage="waiting", objective=40),
    Progress(elapsed_s=2.0, stage="wishes", objective=0),
]
PLOTS = {
    "board": lambda: room_board(USES),
    "load": lambda: load_plot(LOADS),
    "waiting": lambda: waiting_plot({Priority.URGENT: [0, 1, 1], Priority.ROUTINE: [12]}),
    "convergence": lambda: convergence_plot(TRACE),
}


@pytest.mark.parametrize("name", PLOTS)
def test_a_plot_is_one_svg_element_with_a_label(name: str) -> None:
    svg = PLOTS[name]()
    assert svg.startswith('<svg role="img" aria-label="')
    assert svg.rstrip().endswith("</svg>")
    assert svg.count("<svg") == 1


@pytest.mark.parametrize("name", PLOTS)
def test_a_plot_loads_nothing(name: str) -> None:
    links = re.findall(r'(?:href|src)="([^"]*)"', PLOTS[name]())
    assert all(link.startswith("#") for link in links)


@pytest.mark.parametrize("name", PLOTS)
def test_the_same_numbers_give_the_same_plot(name: str) -> None:
    assert PLOTS[name]() == PLOTS[name]()


def test_the_board_names_rooms_days_and_services() -> None:
    svg = room_board(USES)
    for words in ("Room 1", "Room 2", "Tue 3 Mar 2026", "Visit", "Scan &amp; more"):
        assert words in svg


def test_load_says_how_much_of_the_open_time_is_booked() -> None:
    svg = PLOTS["load"]()
    assert "50 %" in svg
    assert "Dr. Brook" in svg


def test_waiting_counts_the_visits_of_each_priority() -> None:
    svg = PLOTS["waiting"]()
    assert "urgent (3)" in svg
    assert "routine (1)" in svg


def labels(svg: str) -> list[str]:
    """Texts in the order in which they are drawn: the x axis, the y axis, and the rest."""
    return re.findall(r">([^<>]+)</text>", svg)


def test_a_cost_that_never_changes_has_whole_numbers_on_its_axis() -> None:
    found = labels(convergence_plot([Progress(elapsed_s=t, stage="left out", objective=0, bound=0) for t in (1, 2)]))
    axis = found[found.index("seconds") + 1 : found.index("cost")]
    assert axis == ["0", "1"]


def test_what_was_over_at_once_has_an_axis_in_tenths_of_seconds() -> None:
    found = labels(convergence_plot([Progress(elapsed_s=1e-5, stage="left out", objective=7, bound=7)]))
    assert found[0] == "0.000"
    assert not any("e" in label for label in found[: found.index("seconds")])
    assert float(found[found.index("seconds") - 1]) >= 0.1


def test_a_plot_tells_something_where_something_changed_over_time() -> None:
    assert is_telling(TRACE)
    assert not is_telling([])
    assert not is_telling(TRACE[-1:])
    assert not is_telling([Progress(elapsed_s=t, stage="left out", objective=0, bound=0) for t in (1, 9)])
    assert not is_telling([Progress(elapsed_s=t / 1e5, stage="left out", objective=9 - t) for t in (1, 9)])


def test_waiting_of_no_days_at_all_has_whole_days_on_its_axis() -> None:
    found = labels(waiting_plot({Priority.STAT: [0, 0, 0]}))
    assert found[: found.index("days from the day the patient may come to the visit")] == ["0", "1"]


def test_each_stage_has_a_field_of_its_own() -> None:
    svg = convergence_plot(TRACE)
    assert "left out" in svg
    assert "waiting" in svg
    assert svg.count("cost of the best found") == 2
    assert svg.count("no plan can cost less than") == 1


def test_a_stage_that_was_over_at_once_is_shown_only_when_no_other_is() -> None:
    assert "wishes" not in convergence_plot(TRACE)
    assert "wishes" in convergence_plot(TRACE[-1:])


@pytest.mark.parametrize("n", [1, 3, 4])
def test_fields_are_put_in_rows_of_three(n: int) -> None:
    trace = [Progress(elapsed_s=t, stage=f"stage {i}", objective=9 - t) for i in range(n) for t in (1, 2)]
    svg = convergence_plot(trace)
    assert svg.count("cost of the best found") == n
