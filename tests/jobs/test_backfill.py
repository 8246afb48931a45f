"""Freed time goes to whoever gains most from it, and never back to who gave it up."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from engine.check import check
from engine.errors import StaleScheduleError
from engine.jobs.reschedule import reschedule
from engine.model.event import AppointmentEvent, CapacityAdded, Event
from engine.model.result import accept
from engine.model.schedule import Schedule
from engine.search.finder import find
from engine.search.occupancy import Occupancy
from engine.solver.params import SolveParams
from engine.solver.placement.tasks import Task, tasks_for_orders
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
    room,
    service,
    step,
)
from tests.solver.placement.worlds import booked, crowds

if TYPE_CHECKING:
    from engine.model.appointment import Appointment
    from engine.model.problem import Problem
    from engine.model.resource import Room
    from engine.model.result import Proposal, SolveResult
    from engine.model.service import Service
    from engine.search.candidate import Candidate
    from tests.strategies import World

PARAMS = SolveParams(is_deterministic=True, deterministic_limit=10.0, workers=1)
CLOSED = {"exceptions": [{"kind": "meeting", "from": at("09:20"), "to": at("2026-03-16 00:00")}]}
"""The rest of the horizon, so that what is freed on the first morning is all there is."""


def world(orders: tuple[Any, ...], *rooms: Room, **fields: Any) -> Problem:
    return problem(
        resources=(practitioner("dr-a", hours=CLOSED), *rooms),
        patients=tuple(patient(p) for p in dict.fromkeys(o.patient for o in orders)),
        orders=orders,
        **fields,
    )


def visit(number: int, start: str, **fields: Any) -> Appointment:
    steps = placed("visit", at(start), 20, {"doctor": "dr-a"})
    return appointment(f"app-{number}", steps, patient=f"pat-{number}", order=f"ord-{number}", **fields)


def wait(number: int, of: int | None = None, **fields: Any) -> Any:
    return order(f"ord-{number}", patient=f"pat-{number if of is None else of}", **fields)


def gone(number: int, kind: str = "cancellation") -> AppointmentEvent:
    return AppointmentEvent(id=f"gone-{number}", at=NOW, kind=kind, appointment=f"app-{number}")


def filled(schedule: Schedule, *events: Event, count: int = 3) -> list[str | None]:
    """Orders to which the time is given, in the order of the proposals; each proposal is judged."""
    result = reschedule(schedule, events, now=NOW, params=PARAMS, fill_count=count)
    assert result.schedule is not None
    for proposal in result.proposals:
        assert check(accept(schedule, proposal, result.schedule.problem), now=NOW).is_clean
    return [_given(p) for p in result.proposals[1:]]


def _given(proposal: Proposal) -> str | None:
    (new,) = proposal.diff.booked
    return next(a.order for a in proposal.added if a.id == new.appointment)


FULL = tuple(visit(n, start) for n, start in enumerate(("08:00", "08:20", "08:40", "09:00")))
"""A morning from 8 to 9:20 without a gap."""


class TestWhoGaveItUp:
    def test_is_not_offered_the_same_time_again(self) -> None:
        schedule = Schedule.of(world(tuple(wait(n) for n in range(4))), FULL)
        assert filled(schedule, gone(1)) == []
        assert filled(schedule, gone(1, "no-show")) == []

    def test_does_not_stand_before_others_who_would_come(self) -> None:
        orders = (wait(0), wait(1, priority="stat"), wait(2), wait(3), wait(4))
        schedule = Schedule.of(world(orders), FULL)
        assert filled(schedule, gone(1), count=1) == ["ord-4"]

    def test_is_not_offered_it_for_another_order_either(self) -> None:
        schedule = Schedule.of(world((*(wait(n) for n in range(4)), wait(4, of=1))), FULL)
        assert filled(schedule, gone(1)) == []

    def test_may_have_what_others_gave_up(self) -> None:
        schedule = Schedule.of(world(tuple(wait(n) for n in range(4))), FULL)
        # Each could come at the time of the other, as far as anybody knows.
        assert sorted(str(o) for o in filled(schedule, gone(0), gone(2))) == ["ord-0", "ord-2"]

    def test_may_have_time_that_came_from_elsewhere(self) -> None:
        schedule = Schedule.of(world((*(wait(n) for n in range(4)), wait(4))), FULL)
        extra = CapacityAdded(id="e", at=NOW, resource="dr-a", start=at("10:00"), end=at("10:20"))
        assert sorted(str(o) for o in filled(schedule, gone(1), extra)) == ["ord-1", "ord-4"]


def test_freed_time_has_one_winner() -> None:
    orders = (*(wait(n) for n in range(4)), wait(4), wait(5))
    schedule = Schedule.of(world(orders), FULL)
    _, first, second = reschedule(schedule, [gone(1)], now=NOW, params=PARAMS).proposals
    taken = accept(schedule, first)
    with pytest.raises(StaleScheduleError):
        accept(taken, second)


def test_one_filling_is_the_best_of_all() -> None:
    # Of two routine orders the one that has waited longer past its due date gains less from a late visit.
    late = wait(4, due=at("2026-03-01 08:00"))
    orders = (*(wait(n) for n in range(4)), late, wait(5))
    schedule = Schedule.of(world(orders), FULL)
    assert filled(schedule, gone(1), count=1) == ["ord-5"]
    assert filled(schedule, gone(1), count=2) == ["ord-5", "ord-4"]
    assert filled(schedule, gone(1), count=0) == []


def test_time_of_a_later_step_is_freed_for_visits_that_begin_long_before() -> None:
    # The blood test may be at any hour; only the scan needs what is freed.
    def scan(gap_min: int) -> Service:
        return service(
            "scan",
            step("blood", 10, roles=[role("room", "room", capabilities=("lab",))]),
            step("scan", 20, roles=[role("doctor")], gap={"min_min": gap_min, "max_min": 180}),
        )

    lab = room("lab", capabilities=("lab",))
    orders = (*(wait(n) for n in range(4)), wait(4, service="scan"))
    assert filled(Schedule.of(world(orders, lab, services=(service(), scan(50))), FULL), gone(3)) == ["ord-4"]
    # The lab opens at eight, so with an hour between them the scan would be at 9:10 and not over in time.
    assert filled(Schedule.of(world(orders, lab, services=(service(), scan(60))), FULL), gone(3)) == []


@st.composite
def cancelled_days(draw: st.DrawFn) -> tuple[World, Schedule, Appointment]:
    """A booked day on which one patient cancels and one or two orders wait."""
    made = draw(crowds(extra=4))
    visits = booked(made)
    assume(len(visits) > 1)
    waiting = draw(st.integers(1, 2))
    schedule = Schedule.of(made.problem, visits[:-waiting] or visits[:1])
    assume(check(schedule, now=made.now).is_clean)
    visit = draw(st.sampled_from(list(schedule.appointments)))
    assume(visit.start > made.now)
    return made, schedule, visit


@settings(max_examples=40, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
@given(cancelled_days())
def test_the_best_filling_is_that_of_every_start_tried(day: tuple[World, Schedule, Appointment]) -> None:
    made, schedule, visit = day
    event = AppointmentEvent(id="e", at=made.now, kind="cancellation", appointment=visit.id)
    result = reschedule(schedule, [event], now=made.now, params=PARAMS, fill_count=1)
    assert result.schedule is not None
    best = max((_gain(made, t, c) for t, c in every_filling(made, result, visit)), default=None)
    fillings = result.proposals[1:]
    assert len(fillings) == (best is not None)
    for filling in fillings:
        cost = filling.breakdown.total - result.proposals[0].breakdown.total
        task = next(t for t in waiting_in(made, result) if t.order.id == _given(filling))
        assert task.left_out_cost(made.problem) - cost == best


def waiting_in(made: World, result: SolveResult) -> tuple[Task, ...]:
    assert result.schedule is not None
    return tasks_for_orders(result.schedule, made.problem.orders, now=made.now)


def every_filling(made: World, result: SolveResult, gone: Appointment) -> list[tuple[Task, Candidate]]:
    """The cheapest visit of every waiting order at every start, with anybody and with each who was freed."""
    assert result.schedule is not None
    occupancy = Occupancy.of(result.schedule, now=made.now)
    freed = {(r.resource, r.start, r.end) for s in gone.steps for r in s.reservations}
    people = [r for r, _, _ in freed if made.problem.resource(r).kind == "practitioner"]
    found = []
    for task in waiting_in(made, result):
        if task.order.patient == gone.patient:
            continue
        for who in (None, *people):
            candidates = find(
                occupancy, task.order, now=made.now, k=100_000, occurrence=task.occurrence, practitioner=who
            )
            found += [(task, c) for c in candidates if _uses(made, c, freed)]
    return found


def _uses(made: World, candidate: Candidate, freed: set[tuple[Any, ...]]) -> bool:
    instant = made.problem.grid.instant
    return any(
        resource == r and instant(first) < b and a < instant(stop)
        for s in candidate.steps
        for _, resource, first, stop, _, _ in s.uses
        for r, a, b in freed
    )


def _gain(made: World, task: Task, candidate: Candidate) -> int:
    return task.left_out_cost(made.problem) - candidate.cost
