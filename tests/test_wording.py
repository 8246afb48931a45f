"""Facts and answers in words."""

from __future__ import annotations

import pytest

from api.wording import (
    COST_WORDS,
    comparison,
    cost_text,
    count_of,
    day_and_time,
    diff_text,
    from_to,
    gap_text,
    later_text,
    moves_text,
    names_of,
    number,
    plain,
    seconds_text,
    service_name,
    template_board,
    who_and_where,
    zone_of_resources,
    zone_of_visit,
)
from engine.model.calendar import Weekday
from engine.model.codes import PenaltyCode
from engine.model.explanation import Move, ScheduleDiff
from engine.model.result import Proposal
from engine.model.session import Pool
from engine.model.template import NthWeekday, Recurrence, Template, TemplateBlock, TemplateSession
from tests import factories as f

NEW_YORK = "America/New_York"


def test_every_cost_has_words() -> None:
    assert set(COST_WORDS) == set(PenaltyCode)
    assert len(set(COST_WORDS.values())) == len(COST_WORDS)


def test_costs_in_a_line() -> None:
    assert cost_text({}) == "none"
    costs = {PenaltyCode.MOVED_DAY: 40, PenaltyCode.UNPLACED: 2000}
    assert cost_text(costs) == "Visits moved to another day 40, Orders without a visit 2,000"


@pytest.mark.parametrize(
    ("start", "end", "zone", "text"),
    [
        ("2026-03-03 09:30", "2026-03-03 09:50", f.ZONE, "Tue 3 Mar 2026 09:30–09:50"),
        ("2026-03-03 09:30", "2026-03-03 09:50", NEW_YORK, "Tue 3 Mar 2026 03:30–03:50"),
        ("2026-03-03 23:30", "2026-03-04 00:10", f.ZONE, "Tue 3 Mar 2026 23:30 to Wed 4 Mar 2026 00:10"),
        ("2026-03-03 00:00", "2026-03-04 00:00", f.ZONE, "Tue 3 Mar 2026 00:00–24:00"),
    ],
)
def test_a_stretch_of_time_is_local(start: str, end: str, zone: str, text: str) -> None:
    assert from_to(f.at(start), f.at(end), zone) == text


def test_the_day_of_a_clock_change_has_its_own_times() -> None:
    assert day_and_time(f.at("2026-03-29 01:30"), f.ZONE) == "Sun 29 Mar 2026 01:30"
    assert day_and_time(f.at("2026-03-29 03:30"), f.ZONE) == "Sun 29 Mar 2026 03:30"


def _move(*, must_call: bool = True, **fields: object) -> Move:
    return Move(appointment="a", must_call=must_call, **{"before_start": f.at("09:00"), **fields})


@pytest.mark.parametrize(
    ("diff", "text"),
    [
        (ScheduleDiff(), "Nobody has to be called, and no visit changes."),
        (
            ScheduleDiff(
                cancelled=(_move(must_call=False),),
                booked=(_move(before_start=None, after_start=f.at("09:00")),),
            ),
            "1 call to make: 1 new visit. Without a call: 1 visit is cancelled.",
        ),
        (
            ScheduleDiff(moved=(_move(), _move()), reassigned=(_move(),), cancelled=(_move(),)),
            "4 calls to make: 2 visits are moved, 1 visit keeps its time with somebody else, 1 visit is cancelled.",
        ),
        (
            ScheduleDiff(moved=(_move(must_call=False),), reassigned=(_move(must_call=False),)),
            "Nobody has to be called: 2 visits change within what the patients were told.",
        ),
    ],
)
def test_what_a_plan_changes_is_told_kind_by_kind(diff: ScheduleDiff, text: str) -> None:
    assert diff_text(diff) == text


@pytest.mark.parametrize(
    ("minutes", "text"),
    [
        (0, "no later"),
        (40, "40 min later"),
        (-90, "1.5 h earlier"),
        (1440, "1 day later"),
        (-2880, "2 days earlier"),
        (310_890, "215.9 days later"),
    ],
)
def test_how_much_later(minutes: int, text: str) -> None:
    assert later_text(minutes) == text


def test_what_is_moved_in_figures() -> None:
    assert moves_text(ScheduleDiff(cancelled=(_move(),))) == ""
    kept = _move(after_start=f.at("10:00"))
    assert moves_text(ScheduleDiff(moved=(kept,))) == "No change of practitioner; 1 h later in all."
    other = _move(after_start=f.at("09:00"), is_with_another=True)
    assert moves_text(ScheduleDiff(moved=(kept,), reassigned=(other, other))) == (
        "2 changes of practitioner; 1 h later in all."
    )


def test_proposals_are_compared_by_what_they_give() -> None:
    moved = _move(after_start=f.at("2026-03-03 09:00"), is_with_another=True)
    near = Proposal(id="a", title="Fewest calls", version=0, diff=ScheduleDiff(moved=(moved,)))
    same = ScheduleDiff(moved=(_move(after_start=f.at("2026-03-04 09:00")), _move(after_start=f.at("09:10"))))
    far = Proposal(id="b", title="Fewer changes of practitioner", version=0, diff=same)
    assert comparison([near]) == ((), [])
    assert comparison([near, far]) == (
        ("Proposal", "Calls", "Changes of practitioner", "Moved, in all"),
        [("1: Fewest calls", "1", "1", "1 day later"), ("2: Fewer changes of practitioner", "2", "0", "2 days later")],
    )


def test_fillings_are_compared_by_calls_and_new_visits() -> None:
    gone = _move(must_call=False)
    new = _move(before_start=None, after_start=f.at("09:00"))
    free = Proposal(id="a", title="Leave it", version=0, diff=ScheduleDiff(cancelled=(gone,)))
    filled = Proposal(id="b", title="Give it", version=0, diff=ScheduleDiff(cancelled=(gone,), booked=(new,)))
    columns, rows = comparison([free, filled])
    assert columns == ("Proposal", "Calls", "Cancelled", "New visits")
    assert rows == [("1: Leave it", "0", "1", "0"), ("2: Give it", "1", "1", "1")]


def test_nothing_is_not_less_than_nothing() -> None:
    assert number(-0.3) == number(0) == "0"


def test_counting() -> None:
    assert count_of(1, "visit") == "1 visit"
    assert count_of(1200, "visit") == "1,200 visits"
    assert count_of(2, "activity", "activities") == "2 activities"


@pytest.mark.parametrize(("seconds", "text"), [(0.034, "0.03 s"), (4.25, "4.2 s"), (59.94, "59.9 s"), (75.2, "75 s")])
def test_seconds(seconds: float, text: str) -> None:
    assert seconds_text(seconds) == text


@pytest.mark.parametrize(
    ("gap", "text"), [(None, "no bound"), (0.0, "proven best"), (0.0424, "at most 4.2 % could be saved")]
)
def test_gaps(gap: float | None, text: str) -> None:
    assert gap_text(gap) == text


def test_what_cannot_be_printed_is_replaced() -> None:
    assert plain("a\x1b[2Jb\tc\nd") == "a�[2Jb�c\nd"


def test_names_come_once_and_unknown_ids_stay() -> None:
    world = f.problem()
    assert names_of(world, ["dr-a", "dr-x", "dr-a"]) == "Dr dr-a, dr-x"
    assert service_name(world, "visit") == "Service visit"
    assert service_name(world, "scan") == "scan"


def test_people_come_first_then_rooms_then_machines() -> None:
    world = f.problem(resources=(f.practitioner(), f.practitioner("dr-b"), f.room(), f.equipment()))
    for given in (["scanner", "room-1", "dr-b", "dr-a"], ["room-1", "dr-b", "scanner", "dr-a"]):
        assert names_of(world, given) == "Dr dr-b, Dr dr-a, Room room-1, scanner"
        assert who_and_where(world, given)[1] == "Room room-1, scanner"


def test_people_stand_apart_from_rooms() -> None:
    world = f.problem(resources=(f.practitioner(), f.room(), f.equipment()))
    assert who_and_where(world, ["room-1", "dr-a", "scanner"]) == ("Dr dr-a", "Room room-1, scanner")


def test_the_zone_is_that_of_the_place() -> None:
    sites = (f.site(), f.site("abroad", time_zone=NEW_YORK))
    world = f.problem(sites=sites, resources=(f.practitioner(), f.room("there", site="abroad")))
    assert zone_of_resources(world, ["dr-a", "there"]) == NEW_YORK
    assert zone_of_resources(world, ["dr-a"]) == f.ZONE
    assert zone_of_resources(world, []) == f.ZONE
    visit = f.appointment("a", f.placed("visit", f.at("09:00"), 20, site="abroad"))
    assert zone_of_visit(world, visit) == NEW_YORK
    assert zone_of_visit(world, f.appointment("a", f.placed("visit", f.at("09:00"), 20, site="moon"))) == f.ZONE


def test_a_template_as_a_board() -> None:
    def session(id: str, on: Recurrence, **fields: object) -> TemplateSession:
        shape = {"owner": "dr-a", "site": "main", "period": f.period("08:00", "12:00")}
        return TemplateSession(id=id, on=on, **{**shape, **fields})

    template = Template(
        id="t",
        name="Usual",
        effective_from=f.MONDAY,
        cycle_weeks=2,
        sessions=(
            session("a", Recurrence(day="tue", weeks=(2,)), activity="Clinic", rooms=("room-1",)),
            session("b", Recurrence(monthly=NthWeekday(nth=-1, day="fri"))),
            session("c", Recurrence(day="mon"), owner=Pool(kind="practitioner", capabilities=("nurse",))),
        ),
        blocks=(
            TemplateBlock(
                id="d", theatre="room-1", period=f.period("07:00", "15:00"), specialty="hand", on=Recurrence(day="wed")
            ),
            TemplateBlock(
                id="e",
                theatre="room-1",
                period=f.period("07:00", "9:00"),
                practitioner="dr-a",
                on=Recurrence(day="mon"),
            ),
        ),
    )
    both = frozenset({1, 2})
    assert template_board(f.problem(resources=(f.practitioner(), f.room())), template) == [
        ("Any nurse", Weekday.MON, both, "08:00 session"),
        ("Dr dr-a", Weekday.MON, both, "07:00 surgery, Room room-1"),
        ("Dr dr-a", Weekday.TUE, frozenset({2}), "08:00 Clinic, Room room-1"),
        ("Dr dr-a", Weekday.FRI, both, "08:00 session (last of the month)"),
        ("hand", Weekday.WED, both, "07:00 surgery, Room room-1"),
    ]
