"""Tables for people: what they show, and how long they get."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from api.cli import tables
from engine.check import CheckReport
from engine.model.explanation import (
    Blocker,
    Conflict,
    ConflictPart,
    LeftOver,
    Move,
    PenaltyTerm,
    ScheduleDiff,
    ScoreBreakdown,
    Violation,
)
from engine.model.patient import Contact
from engine.model.result import Proposal, SolveResult, SolveStatus
from tests import factories as f


@pytest.fixture
def console() -> Console:
    return Console(file=io.StringIO(), width=140, markup=False, highlight=False, emoji=False)


def text(console: Console) -> str:
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def test_a_long_table_is_cut_and_the_rest_counted(console: Console) -> None:
    many = [f.appointment(f"app-{n}", order=f"ord-{n}") for n in range(tables.MANY + 3)]
    tables.show_bookings(console, f.problem(), many)
    assert f"ord-{tables.MANY - 1}" in text(console)
    assert f"ord-{tables.MANY} " not in text(console)
    assert "... and 3 more; --json lists them all." in text(console)


def test_bookings_come_by_time(console: Console) -> None:
    visits = [f.appointment("late", start="15:00", order="ord-9"), f.appointment("early", order="ord-1")]
    tables.show_bookings(console, f.problem(), visits)
    shown = text(console)
    assert shown.index("ord-1") < shown.index("ord-9")
    assert "Mon 2 Mar 2026 09:00–09:20" in shown
    assert "Service visit" in shown


def test_nothing_is_shown_of_nothing(console: Console) -> None:
    tables.show_bookings(console, f.problem(), [])
    tables.show_left_over(console, [])
    tables.show_stages(console, [])
    tables.show_costs(console, ScoreBreakdown())
    assert text(console) == ""


def test_broken_rules_are_counted_and_overridden_ones_told_apart(console: Console) -> None:
    violations = (
        Violation(code="capacity", subjects=("a",), message="Two [at] once."),
        Violation(code="capacity", subjects=("b",), message="Three at once."),
        Violation(code="notice", subjects=("c",), message="Too late.", is_overridden=True),
    )
    tables.show_check(console, CheckReport(violations))
    lines = text(console).splitlines()
    assert any(line.split() == ["capacity", "2"] for line in lines)
    assert any(line.startswith("notice") and "overridden by somebody who may" in line for line in lines)
    assert "Two [at] once." in text(console)


def test_costs_end_with_their_sum(console: Console) -> None:
    terms = (PenaltyTerm(code="moved-day", subjects=("a",), amount=2, weight=40),)
    tables.show_costs(console, ScoreBreakdown(terms=terms))
    assert "Visits moved to another day   moved-day       80" in text(console)
    assert text(console).splitlines()[-1].split() == ["Sum", "80"]


def test_obstacles_name_the_resource_and_when_it_falls_away(console: Console) -> None:
    blocker = Blocker(
        kind="kept for urgent orders",
        code="kept-back",
        resource="dr-a",
        until=f.at("12:00"),
        message="Kept until noon.",
    )
    tables.show_blockers(console, f.problem(), [blocker])
    for words in ("kept for urgent orders", "Dr dr-a", "Mon 2 Mar 2026 12:00", "Kept until noon."):
        assert words in text(console)


@pytest.mark.parametrize(("is_minimal", "is_said"), [(True, False), (False, True)])
def test_a_conflict_says_when_it_may_not_be_minimal(console: Console, is_minimal: bool, is_said: bool) -> None:
    part = ConflictPart(code="template-contract", subject="dr-a", message="At least 8 sessions.")
    conflict = Conflict(parts=(part,), is_minimal=is_minimal, message="This cannot hold.")
    tables.show_result(console, SolveResult(SolveStatus.INFEASIBLE, conflict=conflict))
    assert "This cannot hold." in text(console)
    assert "At least 8 sessions." in text(console)
    assert ("There was no time to show" in text(console)) is is_said


def test_a_proposal_is_a_list_of_calls(console: Console) -> None:
    world = f.problem(patients=(f.patient(name="Rosalind Quince", contact=Contact(telephone="044 123")),))
    before = {"patient": "pat-1", "before_start": f.at("09:00"), "before_resources": ("dr-a",)}
    diff = ScheduleDiff(
        moved=(
            Move(appointment="called", after_start=f.at("2026-03-03 10:00"), after_resources=("dr-a",), **before),
            Move(appointment="silent", after_start=f.at("09:05"), must_call=False, **before),
        ),
        cancelled=(Move(appointment="lost", **before),),
        booked=(Move(appointment="gain", patient="pat-1", after_start=f.at("09:00"), after_resources=("dr-a",)),),
    )
    proposal = Proposal(
        id="p", title="Fewest calls", version=0, diff=diff, left_over=(LeftOver(appointment="stuck", reason="Pinned."),)
    )
    tables.show_proposal(console, world, proposal, 1)
    shown = text(console)
    assert shown.startswith(
        "Proposal 1: Fewest calls\n3 calls to make: 1 visit is moved, 1 visit is cancelled, 1 new visit. "
        "Without a call: 1 visit changes within what the patient was told.\n"
        "No change of practitioner; 1 day later in all.\n"
    )
    assert "Mon 2 Mar 2026 09:00   Tue 3 Mar 2026 10:00" in shown
    assert "(new visit)            Mon 2 Mar 2026 09:00" in shown
    for words in ("044 123", "called", "lost", "cancelled", "gain", "stuck", "Pinned."):
        assert words in shown
    assert "silent" not in shown
    assert "Rosalind" not in shown


def test_every_call_is_listed(console: Console) -> None:
    moves = tuple(Move(appointment=f"app-{n}", before_start=f.at("09:00")) for n in range(tables.MANY + 5))
    proposal = Proposal(id="p", title="Fewest calls", version=0, diff=ScheduleDiff(cancelled=moves))
    tables.show_proposal(console, f.problem(), proposal, 1)
    assert f"app-{tables.MANY + 4}" in text(console)
    assert "more; --json" not in text(console)


def test_without_calls_that_is_said(console: Console) -> None:
    tables.show_proposal(console, f.problem(), Proposal(id="p", title="Nothing moves", version=0), 2)
    assert text(console) == "Proposal 2: Nothing moves\nNobody has to be called, and no visit changes.\n"


def test_a_patient_at_the_desk_is_told_and_not_called(console: Console) -> None:
    new = Move(appointment="gain", patient="pat-1", after_start=f.at("09:00"), must_call=False)
    diff = ScheduleDiff(booked=(new,))
    tables.show_proposal(console, f.problem(), Proposal(id="p", title="Book 1 of 1 visits", version=0, diff=diff), 1)
    lines = text(console).splitlines()
    assert lines[1] == "Nobody has to be called: 1 new visit."
    assert lines[3].split() == ["Tell", "New", "visit", "When", "Who", "and", "where"]
    assert lines[5].split()[:3] == ["pat-1", "gain", "Mon"]


def test_a_visit_of_a_series_is_told_apart(console: Console) -> None:
    tables.show_left_over(console, [LeftOver(order="ord-1", occurrence=2, reason="Full.")])
    assert "ord-1, visit 3" in text(console)
