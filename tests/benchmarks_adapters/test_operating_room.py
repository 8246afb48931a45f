"""Operating-room booking: every rule legal, broken, and on both sides of its edge, on a week written by hand."""

from __future__ import annotations

import pytest

from benchmarks.adapters import FactError, parse_facts
from benchmarks.adapters.operating_room import (
    Instance,
    RoomDay,
    Rule,
    cost,
    from_facts,
    read_instance,
    violations,
)
from benchmarks.baselines import operating_room as baseline

A1, A2, B1 = RoomDay("A", 1), RoomDay("A", 2), RoomDay("B", 1)

# Room A belongs to specialty 1 on two days, room B to specialties 1 and 2 on day 1; 100 minutes each.
WEEK = """
    mss("A", 1, 1..2). mss("B", 1, 1). mss("B", 2, 1).
    registration(1, 1, 1, "DaySurgery", 60, 0, 0, 0).
    registration(2, 2, 1, "DaySurgery", 40, 0, 0, 0).
    registration(3, 3, 2, "DaySurgery", 41, 0, 0, 0).
    registration(4, 4, 2, "DaySurgery", 10, 0, 0, 0).
    #const timeDisp = 100.
"""


def week(extra: str = "") -> Instance:
    return from_facts(parse_facts(WEEK + extra), "tiny")


def rules(instance: Instance, assignment, **options) -> list[Rule]:
    return [violation.rule for violation in violations(instance, assignment, **options)]


def test_a_week_is_read():
    instance = week('beds(3, 1, -2). givenSchedule(1, 2, "A").')

    assert instance.specialties == {A1: {1}, A2: {1}, B1: {1, 2}}
    assert instance.limit_min == 100
    assert instance.beds == {(1, -2): 3}
    assert instance.given == {1: A2}
    assert (instance.cases[3].priority, instance.cases[3].specialty, instance.cases[3].duration_min) == (3, 2, 41)


def test_a_file_is_named_by_its_folder(tmp_path):
    path = tmp_path / "input0.lp"
    path.write_text(WEEK, encoding="utf-8")

    assert read_instance(path).name == f"{tmp_path.name}/input0"


@pytest.mark.parametrize(
    ("extra", "message"),
    [
        ('registration(1, 1, 1, "DaySurgery", 60, 0, 0, 0).', "case 1 is registered twice"),
        ('registration(9, 5, 1, "DaySurgery", 60, 0, 0, 0).', "case 9 has priority 5"),
        ('registration(9, 0, 1, "DaySurgery", 60, 0, 0, 0).', "case 9 has priority 0"),
        ('registration(9, 1, 1, "DaySurgery", 60, 0, -1, 0).', "case 9 has a negative duration or stay"),
        ('registration(9, 1, 1, "DaySurgery", 60, 0, 0).', "found 'registration' with 7 arguments"),
        ("beds(3, 1, 1). beds(4, 1, 1).", "specialty 1 has two numbers of beds on day 1"),
        ('givenSchedule(9, 1, "A").', "case 9 is given a room but not registered"),
        ('givenSchedule(1, 1, "A"). givenSchedule(1, 2, "A").', "case 1 is given two places"),
        ("theatre(1).", "found 'theatre' with 1 arguments"),
    ],
)
def test_a_file_that_contradicts_itself_is_refused(extra, message):
    with pytest.raises(FactError, match=message):
        week(extra)


def test_a_week_without_rooms_or_limit_is_refused():
    with pytest.raises(FactError, match="no room is open"):
        from_facts(parse_facts("#const timeDisp = 1."), "empty")
    with pytest.raises(FactError, match="timeDisp"):
        from_facts(parse_facts('mss("A", 1, 1).'), "empty")


def test_a_legal_assignment_breaks_nothing():
    assert rules(week(), {1: A1, 2: A2, 3: B1, 4: B1}, respect_specialty=True) == []


def test_time_of_a_room_day():
    assert rules(week(), {1: A1, 2: A1}) == []  # 60 + 40 = 100
    assert rules(week(), {1: A1, 3: A1}) == [Rule.TIME]  # 60 + 41


def test_a_room_is_open_on_the_days_of_the_master_schedule():
    assert rules(week(), {1: A2}) == []
    assert rules(week(), {1: RoomDay("A", 3)}) == [Rule.CLOSED_ROOM]
    assert rules(week(), {1: RoomDay("B", 2)}) == [Rule.CLOSED_ROOM]


def test_specialty_counts_only_where_it_is_asked_for():
    wrong = {1: B1, 4: A1}
    assert rules(week(), wrong) == []
    assert rules(week(), wrong, respect_specialty=True) == [Rule.SPECIALTY]
    assert rules(week(), {1: B1, 4: B1}, respect_specialty=True) == []


def test_priority_one_must_be_assigned():
    assert rules(week(), {}) == [Rule.PRIORITY_ONE]
    assert rules(week(), {1: A1}) == []


def test_an_unknown_case():
    assert rules(week(), {1: A1, 99: A1}) == [Rule.UNKNOWN_CASE]


def test_given_cases_keep_their_room_and_day():
    instance = week('givenSchedule(2, 1, "A").')
    assert rules(instance, {1: B1, 2: A1}) == []
    assert rules(instance, {1: B1, 2: A2}) == [Rule.GIVEN]
    assert rules(instance, {1: B1, 2: B1}) == [Rule.GIVEN]
    assert rules(instance, {1: B1}) == [Rule.GIVEN]


def stay(days: str, regime: str = "Ordinario") -> str:
    """Two more cases of specialty 1: `days` is days in intensive care, before, after."""
    return "".join(f'registration({key}, 2, 1, "{regime}", 5, {days}).' for key in (7, 8))


@pytest.mark.parametrize(
    ("day", "is_occupied"),
    # Surgery on day 1, two days before it and one after: days -1, 0, 1, 2; both ends are in.
    [(-2, False), (-1, True), (1, True), (2, True), (3, False)],
)
def test_a_bed_is_taken_from_the_first_day_before_to_the_last_day_after(day, is_occupied):
    instance = week(stay("0, 2, 1") + f"beds(0, 1, {day}).")

    assert rules(instance, {1: B1, 7: A1}) == ([Rule.BEDS] if is_occupied else [])


def test_as_many_patients_as_beds():
    both = {1: B1, 7: A1, 8: A1}
    assert rules(week(stay("0, 0, 1") + "beds(2, 1, 1)."), both) == []
    assert rules(week(stay("0, 0, 1") + "beds(1, 1, 1)."), both) == [Rule.BEDS]
    # Surgery on different days overlaps in the night between.
    assert rules(week(stay("0, 0, 1") + "beds(1, 1, 2)."), {1: B1, 7: A1, 8: A2}) == [Rule.BEDS]


def test_beds_are_those_of_the_own_specialty_wherever_the_room_is():
    case = 'registration(9, 2, 2, "Ordinario", 5, 0, 0, 1).'
    assert rules(week(case + "beds(0, 1, 1)."), {1: B1, 9: A1}) == []
    assert rules(week(case + "beds(0, 2, 1)."), {1: B1, 9: A1}) == [Rule.BEDS]


@pytest.mark.parametrize(
    ("extra", "needs_bed"),
    [
        (stay("0, 0, 1"), True),
        (stay("0, 1, 0"), True),
        (stay("0, 0, 0"), False),
        (stay("1, 1, 1"), False),
        (stay("0, 1, 1", regime="DaySurgery"), False),
    ],
)
def test_who_needs_a_bed(extra, needs_bed):
    instance = week(extra + "beds(0, 1, 1).")

    assert instance.cases[7].needs_bed is needs_bed
    assert rules(instance, {1: B1, 7: A1}) == ([Rule.BEDS] if needs_bed else [])


def test_cost_counts_the_unassigned_by_priority():
    assert cost(week(), {}) == (1, 1, 1, 1)
    assert cost(week(), {1: A1, 3: B1}) == (0, 1, 0, 1)
    assert cost(week(), {1: A1, 2: A1, 3: B1, 4: B1}) == (0, 0, 0, 0)


def test_the_baseline_prefers_one_higher_priority_to_several_lower_ones():
    # One room-day of 10 minutes: the case of priority 3, or all three of priority 4.
    few = "".join(f'registration({key}, 4, 1, "DaySurgery", 3, 0, 0, 0).' for key in (2, 3, 4))
    text = f'mss("A", 1, 1). #const timeDisp = 10. registration(1, 3, 1, "DaySurgery", 10, 0, 0, 0). {few}'
    instance = from_facts(parse_facts(text), "tiny")

    answer = baseline.solve(instance, limit_s=10)

    assert answer.is_optimal
    assert answer.assignment == {1: A1}


def test_the_baseline_respects_specialty_beds_and_what_is_given():
    instance = week('givenSchedule(2, 2, "A").' + stay("0, 0, 1") + "beds(1, 1, 2).")

    answer = baseline.solve(instance, limit_s=10, respect_specialty=True)

    assert answer.assignment is not None
    assert answer.is_optimal
    assert violations(instance, answer.assignment, respect_specialty=True) == []
    # Cases 7 and 8 share the only bed of day 2 on whichever day they come.
    assert cost(instance, answer.assignment) == (0, 1, 0, 0)


def test_the_baseline_proves_that_nothing_fits():
    answer = baseline.solve(week('registration(9, 1, 1, "DaySurgery", 101, 0, 0, 0).'), limit_s=10)

    assert answer.assignment is None
    assert answer.is_infeasible
    assert baseline.solve(week('givenSchedule(2, 3, "A").'), limit_s=10).is_infeasible
