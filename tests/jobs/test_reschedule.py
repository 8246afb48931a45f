"""Repairs: what moves, what never moves, what the calls are, and that a plan is legal."""

from __future__ import annotations

import signal
from typing import TYPE_CHECKING, Any

import pytest

from engine.check import check, check_change
from engine.errors import StaleScheduleError, WrongArgumentError
from engine.jobs import reschedule as job
from engine.jobs.reschedule import reschedule
from engine.model.appointment import AppointmentStatus, GroupOccurrence, Promise
from engine.model.event import AppointmentEvent, OrderEvent, ResourceUnavailable, WalkIn
from engine.model.hours import Hours
from engine.model.resource import Bed
from engine.model.result import SolveStatus, accept
from engine.model.schedule import Schedule
from engine.model.service import Gap
from engine.solver.params import SolveParams
from tests.factories import (
    NOW,
    appointment,
    at,
    order,
    patient,
    placed,
    practitioner,
    problem,
    role,
    service,
    site,
    step,
    weekly,
)

if TYPE_CHECKING:
    from engine.model.appointment import Appointment
    from engine.model.problem import Problem
    from engine.model.result import SolveResult

PARAMS = SolveParams(is_deterministic=True, deterministic_limit=0.3, workers=1)


def world(n_orders: int = 4, **fields: Any) -> Problem:
    return problem(
        resources=(practitioner("dr-a"), practitioner("dr-b")),
        services=(service(),),
        patients=tuple(patient(f"pat-{n}") for n in range(n_orders)),
        orders=tuple(order(f"ord-{n}", patient=f"pat-{n}") for n in range(n_orders)),
        **fields,
    )


def visit(n: int, start: str, doctor: str = "dr-a", **fields: Any) -> Appointment:
    steps = placed("visit", at(start), 20, {"doctor": doctor})
    return appointment(f"app-{n}", steps, patient=f"pat-{n}", order=f"ord-{n}", booked_at=NOW, **fields)


def absence(start: str = "08:00", end: str = "18:00") -> ResourceUnavailable:
    return ResourceUnavailable(id="e", at=NOW, kind="absence", resource="dr-a", start=at(start), end=at(end))


def cancellation(n: int) -> AppointmentEvent:
    return AppointmentEvent(id="e", at=NOW, kind="cancellation", appointment=f"app-{n}")


def repair(schedule: Schedule, *events: Any) -> SolveResult:
    """The result, once every proposal has been judged."""
    result = reschedule(schedule, events, now=NOW, params=PARAMS)
    assert result.schedule is not None
    for proposal in result.proposals:
        after = accept(schedule, proposal, result.schedule.problem)
        fixed = {left.appointment for left in proposal.left_over}
        assert [v for v in check(after, now=NOW).violations if not fixed & set(v.subjects)] == []
        assert check_change(schedule, after, now=NOW, events=events).is_clean
    return result


class TestAbsence:
    def test_moves_the_affected_visits_and_no_others(self) -> None:
        schedule = Schedule.of(world(), [visit(0, "09:00"), visit(1, "10:00"), visit(2, "09:00", "dr-b")])
        result = repair(schedule, absence())
        best = result.proposals[0]
        assert {a.id for a in best.added} == {"app-0", "app-1"}

    def test_another_practitioner_at_the_same_time_needs_no_call(self) -> None:
        schedule = Schedule.of(world(), [visit(0, "09:00")])
        best = repair(schedule, absence()).proposals[0]
        (moved,) = best.added
        assert moved.start == at("09:00")
        assert moved.steps[0].reservations[0].resource == "dr-b"
        assert [m.must_call for m in best.diff.reassigned] == [False]
        assert best.breakdown.total == 0
        assert moved.times_moved == 0

    def test_a_named_practitioner_is_worth_a_call(self) -> None:
        told = Promise(time="time", start=at("09:00"), practitioner="dr-a")
        schedule = Schedule.of(world(), [visit(0, "09:00", promise=told)])
        best = repair(schedule, absence()).proposals[0]
        assert [m.must_call for m in (*best.diff.moved, *best.diff.reassigned)] == [True]
        assert best.added[0].times_moved == 1
        assert not best.added[0].is_confirmed

    def test_alternatives_differ_in_kind(self) -> None:
        schedule = Schedule.of(world(), [visit(0, "09:00"), visit(2, "09:00", "dr-b")])
        proposals = repair(schedule, absence()).proposals
        who = [{r.resource for a in p.added for s in a.steps for r in s.reservations} for p in proposals]
        assert {"dr-b"} in who  # today with a colleague
        assert {"dr-a"} in who  # another day with the same practitioner
        assert len({p.id for p in proposals}) == len(proposals)

    def test_only_plans_that_do_better_what_they_are_named_for_are_shown(self) -> None:
        def titles(start: str, gap: tuple[str, str], colleague: str) -> list[str]:
            told = Promise(time="time", start=at(start), practitioner="dr-a")
            schedule = Schedule.of(world(), [visit(0, start, promise=told), visit(2, colleague, "dr-b")])
            return [p.title for p in repair(schedule, absence(*gap)).proposals]

        # An hour earlier with the same physician: nobody changes, and nothing on that day is sooner.
        assert titles("09:00", ("09:00", "09:40"), "11:00") == ["Fewest calls"]
        # Somebody else on that day, or the same physician on the next.
        assert titles("09:00", ("08:00", "18:00"), "09:00") == ["Fewest calls", "Fewer changes of practitioner"]
        # At the same time with somebody else, that at eight, or the same physician on the next day.
        assert titles("16:00", ("08:00", "18:00"), "11:00") == [
            "Fewest calls",
            "Fewer changes of practitioner",
            "Sooner",
        ]

    def test_what_is_pinned_stays_and_is_named(self) -> None:
        schedule = Schedule.of(world(), [visit(0, "09:00", is_pinned=True)])
        result = repair(schedule, absence())
        assert result.proposals[0].added == ()
        assert [left.appointment for left in result.proposals[0].left_over] == ["app-0"]

    def test_who_finds_no_place_is_cancelled_with_a_reason(self) -> None:
        alone = problem(days=1, orders=(order("ord-0"),), resources=(practitioner("dr-a"),))
        steps = placed("visit", at("09:00"), 20, {"doctor": "dr-a"})
        schedule = Schedule.of(alone, [appointment("app-0", steps, order="ord-0", booked_at=NOW)])
        best = repair(schedule, absence()).proposals[0]
        assert [a.status for a in best.added] == [AppointmentStatus.CANCELLED]
        assert [left.order for left in best.left_over] == ["ord-0"]
        assert best.left_over[0].reason


class TestCancellation:
    def test_only_cancels_when_nobody_waits(self) -> None:
        schedule = Schedule.of(world(1), [visit(0, "09:00")])
        result = repair(schedule, OrderEvent(id="e", at=NOW, kind="order-withdrawn", order="ord-0"))
        assert [p.title for p in result.proposals] == ["Leave the time free"]
        assert [m.appointment for m in result.proposals[0].diff.cancelled] == ["app-0"]

    def test_offers_the_time_to_a_waiting_order_that_fits(self) -> None:
        # The rest of the day is closed to both, so the freed time is all there is.
        closed = {"exceptions": [{"kind": "meeting", "from": at("09:20"), "to": at("2026-03-16 00:00")}]}
        staff = tuple(practitioner(d, hours=closed) for d in ("dr-a", "dr-b"))
        schedule = Schedule.of(world(3).changed(resources=staff), [visit(0, "09:00"), visit(1, "09:00", "dr-b")])
        result = repair(schedule, cancellation(0))
        filled = [p for p in result.proposals if p.diff.booked]
        assert "ord-2" in {a.order for p in filled for a in p.added}
        assert all(m.after_start is not None and m.after_start < at("09:20") for p in filled for m in p.diff.booked)

    def test_of_a_visit_already_cancelled_changes_nothing(self) -> None:
        schedule = Schedule.of(world(1), [visit(0, "09:00", status="cancelled")])
        result = repair(schedule, cancellation(0))
        assert result.proposals == ()
        assert result.schedule is schedule


def test_no_event_is_no_change() -> None:
    schedule = Schedule.of(world(), [visit(0, "09:00")])
    result = repair(schedule)
    assert (result.status, result.proposals, result.schedule) == (SolveStatus.OPTIMAL, (), schedule)


def test_an_urgent_order_gets_a_place_and_moves_nobody() -> None:
    schedule = Schedule.of(world(2), [visit(0, "08:00")])
    result = repair(schedule, OrderEvent(id="e", at=NOW, kind="urgent-order", order="ord-1"))
    best = result.proposals[0]
    assert [a.order for a in best.added] == ["ord-1"]
    assert best.removed == ()


@pytest.mark.parametrize(("kind", "n_calls"), [("urgent-order", 1), ("walk-in", 0)])
def test_a_new_visit_is_a_call_but_for_a_patient_at_the_desk(kind: str, n_calls: int) -> None:
    event_type = WalkIn if kind == "walk-in" else OrderEvent
    event = event_type(id="e", at=NOW, kind=kind, order="ord-1")
    best = repair(Schedule.of(world(2), [visit(0, "08:00")]), event).proposals[0]
    assert (len(best.diff.booked), len(best.diff.calls)) == (1, n_calls)


@pytest.mark.parametrize("priority", ["stat", "routine"])
def test_an_order_for_which_there_is_no_time_moves_nobody_and_says_so(priority: str) -> None:
    # The one practitioner is there for an hour and has three visits; a fourth patient is at the desk.
    full = [visit(n, start) for n, start in enumerate(("08:00", "08:20", "08:40"))]
    hour = problem(
        sites=(site(hours=Hours(weekly=(weekly("08:00", "09:00"),))),),
        days=1,
        patients=tuple(patient(f"pat-{n}") for n in range(4)),
        orders=tuple(order(f"ord-{n}", patient=f"pat-{n}", priority=priority) for n in range(4)),
    )
    result = repair(Schedule.of(hour, full), WalkIn(id="e", at=NOW, order="ord-3"))
    (best,) = result.proposals
    assert (best.title, best.added, best.removed) == ("Book 0 of 1 visits", (), ())
    assert [left.reason for left in best.left_over] == [
        "Dr dr-a is booked on Monday 2 March at 08:00, the start that is nearest to being possible. "
        "No other visit is moved for it. Maybe move or cancel one that can wait, then ask again."
    ]


def test_what_moving_others_would_not_help_does_not_say_that_it_might() -> None:
    blocked = order("ord-1", conditions=({"kind": "authorisation", "status": "pending", "blocks": "booking"},))
    schedule = Schedule.of(problem(orders=(blocked,)))
    (best,) = repair(schedule, WalkIn(id="e", at=NOW, order="ord-1")).proposals
    assert [left.reason for left in best.left_over] == ["Order ord-1 cannot be booked: the authorisation is pending."]


def test_a_proposal_made_on_another_version_is_refused() -> None:
    schedule = Schedule.of(world(), [visit(0, "09:00")])
    proposal = repair(schedule, absence()).proposals[0]
    moved_on = schedule.changed(added=[visit(1, "15:00")])
    with pytest.raises(StaleScheduleError, match=r"version 0.*now at 1"):
        accept(moved_on, proposal)


def test_an_absence_is_accepted_with_its_proposal_or_not_at_all() -> None:
    schedule = Schedule.of(world(), [visit(0, "09:00"), visit(1, "10:00")])
    result = repair(schedule, absence())
    with pytest.raises(WrongArgumentError, match=r"accept\(schedule, proposal, result.schedule.problem\)"):
        accept(schedule, result.proposals[0])
    # Where only visits change, nothing can be forgotten.
    cancelled = repair(schedule, cancellation(0)).proposals[0]
    assert accept(schedule, cancelled).problem is schedule.problem


def test_objective_is_the_sum_of_the_first_proposals_terms() -> None:
    told = Promise(time="time", start=at("09:00"), practitioner="dr-a")
    schedule = Schedule.of(world(), [visit(0, "09:00", promise=told), visit(1, "10:00", promise=told)])
    result = repair(schedule, absence())
    assert result.objective == result.proposals[0].breakdown.total
    assert result.bound is not None
    assert result.bound <= (result.objective or 0)


@pytest.mark.parametrize("moment", ["tasks_for_moves", "solve_placement", "why_left_out", "proposal", "solve_result"])
def test_ctrl_c_at_any_moment_gives_what_there_is(monkeypatch: pytest.MonkeyPatch, moment: str) -> None:
    usual, calls = getattr(job, moment), []

    def interrupted(*args: Any, **fields: Any) -> Any:
        calls.append(args)
        if len(calls) == 1:
            signal.raise_signal(signal.SIGINT)
        return usual(*args, **fields)

    monkeypatch.setattr(job, moment, interrupted)
    schedule = Schedule.of(world(), [visit(0, "09:00"), visit(1, "10:00"), visit(2, "09:00", "dr-b")])
    result = reschedule(schedule, [absence()], now=NOW, params=PARAMS)
    assert result.schedule is not None
    best = result.proposals[0]
    fixed = {left.appointment for left in best.left_over}
    assert [v for v in check(result.schedule, now=NOW).violations if not fixed & set(v.subjects)] == []
    has_begun = moment in ("tasks_for_moves", "solve_placement")
    assert {a.id for a in best.added} == (set() if has_begun else {"app-0", "app-1"})
    assert fixed == ({"app-0", "app-1"} if has_begun else set())


def test_seats_in_a_group_whose_practitioner_is_away_are_named_and_not_moved() -> None:
    meeting = placed("talk", at("09:00"), 60, {"doctor": "dr-a"})
    group = GroupOccurrence(id="grp", service="group", seats=4, steps=(meeting,))
    seats = [
        appointment(
            f"seat-{n}",
            meeting.model_copy(update={"reservations": ()}),
            patient=f"pat-{n}",
            order=f"ord-{n}",
            service="group",
            group="grp",
            booked_at=NOW,
        )
        for n in range(2)
    ]
    here = problem(
        resources=(practitioner("dr-a"), practitioner("dr-b")),
        services=(service("group", step("talk", 60), group_size=4),),
        patients=tuple(patient(f"pat-{n}") for n in range(2)),
        orders=tuple(order(f"ord-{n}", patient=f"pat-{n}", service="group") for n in range(2)),
    )
    result = reschedule(Schedule.of(here, seats, groups=(group,)), [absence()], now=NOW, params=PARAMS)
    for proposal in result.proposals:
        assert [left.appointment for left in proposal.left_over] == ["seat-0", "seat-1"]
        assert all("it is a seat in a group" in left.reason for left in proposal.left_over)


def test_an_operation_and_its_nights_move_together_to_another_surgeon() -> None:
    always = Hours(weekly=(weekly("00:00", "24:00", days=("mon", "tue", "wed", "thu", "fri", "sat", "sun")),))
    steps = (
        step("operation", 60, roles=(role("doctor"),)),
        step("stay", nights=1, roles=(role("bed", "bed"),), gap=Gap(max_min=60)),
    )
    here = problem(
        resources=(practitioner("dr-a"), practitioner("dr-b"), Bed(id="bed", name="Bed", site="main", hours=always)),
        services=(service("surgery", *steps),),
        orders=(order(service="surgery"),),
    )
    nights = {"bed": "bed"}
    given = appointment(
        "app-0",
        placed("operation", at("09:00"), 60, {"doctor": "dr-a"}),
        placed("stay", at("10:00"), 25 * 60, nights),
        service="surgery",
        booked_at=NOW,
    )
    (moved,) = repair(Schedule.of(here, [given]), absence()).proposals[0].added
    assert [(s.step, r.resource) for s in moved.steps for r in s.reservations] == [
        ("operation", "dr-b"),
        ("stay", "bed"),
    ]
    assert (moved.start, moved.end) == (given.start, given.end)
