"""Words and sums of a report."""

from __future__ import annotations

import pytest

from engine.check import CheckReport, check, violations_of
from engine.check.clock import day_text, stretch_text, time_text
from engine.check.report import listed, minutes_text
from engine.model.codes import ConstraintCode
from engine.model.explanation import Violation
from engine.model.schedule import Schedule
from engine.model.timegrid import epoch_minute
from tests.check.judged import codes, judge, visit
from tests.factories import MONDAY, NOW, ZONE, at, patient, problem


@pytest.mark.parametrize(("start", "end", "text"), [
    ("2026-03-02 09:00", "2026-03-02 09:20", "Mon 2 Mar 2026 09:00 to 09:20"),
    ("2026-03-02 23:00", "2026-03-03 00:00", "Mon 2 Mar 2026 23:00 to 24:00"),
    ("2026-03-02 23:00", "2026-03-03 00:01", "Mon 2 Mar 2026 23:00 to Tue 3 Mar 2026 00:01"),
    ("2026-03-02 23:00", "2026-03-04 00:00", "Mon 2 Mar 2026 23:00 to Wed 4 Mar 2026 00:00"),
])  # fmt: skip
def test_a_stretch_in_words(start, end, text):
    assert stretch_text(epoch_minute(at(start)), epoch_minute(at(end)), ZONE) == text


def test_times_are_local():
    noon = epoch_minute(at("12:00"))
    assert time_text(noon, ZONE) == "Mon 2 Mar 2026 12:00"
    assert time_text(noon, "Asia/Kathmandu") == "Mon 2 Mar 2026 16:45"
    assert time_text(noon, "Pacific/Auckland") == "Tue 3 Mar 2026 00:00"
    assert day_text(MONDAY) == "Mon 2 Mar 2026"


@pytest.mark.parametrize(("minutes", "text"), [(0, "0 min"), (90, "90 min"), (120, "2 h"), (1590, "26 h 30 min")])
def test_durations_in_words(minutes, text):
    assert minutes_text(minutes) == text


def test_long_lists_are_cut():
    found = judge(problem(), *(visit(f"v{i}") for i in range(7))).of(ConstraintCode.CAPACITY)
    assert found[0].message.endswith("(v0, v1, v2, v3, v4 and 2 more).")
    assert len(found[0].subjects) == 8
    assert listed([]) == ""
    five = judge(problem(), *(visit(f"v{i}") for i in range(5))).of(ConstraintCode.CAPACITY)
    assert five[0].message.endswith("(v0, v1, v2, v3, v4).")


def test_clean_means_that_nothing_is_broken_but_what_was_overridden():
    one = Violation(code=ConstraintCode.DEADLINE, subjects=("a",), message="late")
    waved = one.model_copy(update={"is_overridden": True})
    assert CheckReport().is_clean
    assert CheckReport((waved,)).is_clean
    assert not CheckReport((waved, one)).is_clean
    assert CheckReport((waved, one)).of(ConstraintCode.DEADLINE) == (waved, one)
    assert CheckReport((waved, one)).of(ConstraintCode.HORIZON) == ()


def test_the_violations_alone_are_those_of_the_whole_report():
    schedule = Schedule.of(problem(), [visit(f"v{i}") for i in range(3)])
    assert violations_of(schedule, now=NOW) == check(schedule, now=NOW).violations
    assert {v.code for v in violations_of(schedule, now=NOW)} >= {ConstraintCode.CAPACITY}


def test_no_message_names_a_patient():
    secret = patient(name="Ada Unheard", unavailable=({"start": at("08:00"), "end": at("18:00")},), birth_date=MONDAY)
    world = problem(patients=(secret,))
    both = [visit(i, "07:00", minutes=5, patient="pat-1", order="ord-1", occurrence=3) for i in "ab"]
    found = judge(world, *both, visit("c", "09:00", patient="pat-1"))
    assert len(codes(world, *both, visit("c", "09:00", patient="pat-1"))) > 4
    assert all("Unheard" not in v.message for v in found.violations)
