"""Booking a queue: legal, explained, repeatable, and nothing that is booked is touched."""

from __future__ import annotations

import signal
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings

from engine.check import check, check_change
from engine.errors import UnknownIdError
from engine.jobs import book_orders as job
from engine.jobs import leftover
from engine.jobs.book_orders import book_orders
from engine.jobs.find_slots import find_slots
from engine.jobs.leftover import why_left_out
from engine.model.hours import Hours
from engine.model.result import SolveStatus
from engine.model.schedule import Schedule
from engine.search.occupancy import Occupancy
from engine.solver.params import SolveParams
from engine.solver.placement.solve import solve_placement
from engine.solver.placement.tasks import tasks_for_orders
from engine.solver.run import Control
from tests.factories import NOW, appointment, order, patient, practitioner, problem, service, site, step, weekly
from tests.solver.placement.worlds import queues

if TYPE_CHECKING:
    from engine.model.problem import Problem

PARAMS = SolveParams(is_deterministic=True, deterministic_limit=0.1, workers=1)


@settings(max_examples=25)
@given(queues())
def test_the_proposal_is_the_schedule_and_every_order_is_accounted_for(world: Problem) -> None:
    before = Schedule.of(world)
    result = book_orders(before, now=NOW, params=PARAMS)
    (proposal,) = result.proposals
    assert result.schedule is not None
    assert check(result.schedule, now=NOW).is_clean
    assert check_change(before, result.schedule, now=NOW).is_clean
    booked = {a.order for a in result.schedule.appointments}
    left = {left.order for left in proposal.left_over}
    assert booked | left == {o.id for o in world.orders}
    assert not booked & left
    assert all(left.reason for left in proposal.left_over)
    assert result.objective == proposal.breakdown.total
    for over in proposal.left_over:  # parity: what is left out is refused
        assert over.order is not None
        assert find_slots(result.schedule, over.order, now=NOW, occurrence=over.occurrence).offers == ()


def test_only_the_orders_named_are_booked() -> None:
    world = problem(patients=(patient("pat-1"), patient("pat-2")), orders=(order("a"), order("b", patient="pat-2")))
    result = book_orders(Schedule.of(world), now=NOW, orders=["b"], params=PARAMS)
    assert [a.order for a in result.proposals[0].added] == ["b"]


def test_an_unknown_order_is_named() -> None:
    with pytest.raises(UnknownIdError, match="order 'ord-9'"):
        book_orders(Schedule.of(problem()), now=NOW, orders=["ord-9"], params=PARAMS)


def test_an_order_that_has_its_visit_is_left_alone() -> None:
    schedule = Schedule.of(problem(), [appointment(booked_at=NOW)])
    result = book_orders(schedule, now=NOW, params=PARAMS)
    assert result.proposals[0].added == ()
    assert result.proposals[0].left_over == ()


def test_a_cancelled_visits_id_is_not_taken_again() -> None:
    gone = appointment("visit-ord-1", status="cancelled")
    result = book_orders(Schedule.of(problem(), [gone]), now=NOW, params=PARAMS)
    assert [a.id for a in result.proposals[0].added] == ["visit-ord-1-2"]


def test_what_cannot_be_answered_yet_says_so() -> None:
    group = service("group", step("talk"), group_size=4)
    world = problem(services=(service(), group), orders=(order("ord-1", service="group"),))
    (left,) = book_orders(Schedule.of(world), now=NOW, params=PARAMS).proposals[0].left_over
    assert left.order == "ord-1"
    assert "group visits" in left.reason


def crowd(n_routine: int, n_urgent: int = 0) -> Problem:
    """Orders for one practitioner who is there for one hour, which holds three visits."""
    names = [f"ord-{n}" for n in range(n_routine + n_urgent)]
    return problem(
        sites=(site(hours=Hours(weekly=(weekly("08:00", "09:00"),))),),
        resources=(practitioner(),),
        days=1,
        patients=tuple(patient(f"pat-{name}") for name in names),
        orders=tuple(
            order(name, patient=f"pat-{name}", priority="urgent" if n >= n_routine else "routine")
            for n, name in enumerate(names)
        ),
    )


class TestReasons:
    def test_the_most_urgent_get_theirs_first_and_the_rest_are_told_so(self) -> None:
        world = crowd(n_routine=20, n_urgent=6)
        empty = Schedule.of(world)
        tasks = tasks_for_orders(empty, world.orders, now=NOW)[::-1]  # the least urgent first
        outcome = solve_placement(world, Occupancy.of(empty, now=NOW), tasks, now=NOW, params=PARAMS)
        enough_for_ten = SolveParams(is_deterministic=True, deterministic_limit=0.01, workers=1)
        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(leftover, "_LEAST", 0.045)
            found = why_left_out(empty, outcome, now=NOW, params=enough_for_ten, is_cancelled=lambda: False)
        assert [left.task.key for left in found] == [
            t.key for t, place in zip(tasks, outcome.places, strict=True) if place is None
        ]
        known = {left.task.order.id for left in found if left.is_certain}
        urgent = {left.task.order.id for left in found if left.task.order.priority == "urgent"}
        assert urgent < known
        assert len(known) < len(found)
        assert {left.words.reason for left in found if left.is_certain} == {
            "Dr dr-a is booked on Monday 2 March at 08:00, the start that is nearest to being possible."
        }
        unknown = next(left for left in found if not left.is_certain)
        assert unknown.words.reason == (
            "No place was found, and there was no time to find out why. "
            f"Maybe look for order {unknown.task.order.id} alone."
        )

    def test_a_cancelled_job_looks_for_none(self) -> None:
        answers = iter([False] * 6 + [True] * 1_000)
        control = Control(is_cancelled=lambda: next(answers))
        (plan,) = book_orders(Schedule.of(crowd(5)), now=NOW, params=PARAMS, control=control).proposals
        assert len(plan.left_over) == 2
        assert all("no time to find out why" in left.reason for left in plan.left_over)


@pytest.mark.parametrize("moment", ["tasks_for_orders", "solve_placement", "why_left_out", "proposal", "solve_result"])
def test_ctrl_c_at_any_moment_gives_what_there_is(monkeypatch: pytest.MonkeyPatch, moment: str) -> None:
    usual = getattr(job, moment)

    def interrupted(*args: Any, **fields: Any) -> Any:
        signal.raise_signal(signal.SIGINT)
        return usual(*args, **fields)

    monkeypatch.setattr(job, moment, interrupted)
    before = Schedule.of(crowd(5))
    result = book_orders(before, now=NOW, params=PARAMS)
    assert result.schedule is not None
    assert check(result.schedule, now=NOW).is_clean
    has_begun = moment in ("tasks_for_orders", "solve_placement")
    assert (result.status is SolveStatus.CANCELLED) == has_begun
    assert len(result.proposals[0].added) == (0 if has_begun else 3)
    assert len(result.proposals[0].left_over) == (5 if has_begun else 2)


def test_same_seed_same_plan_same_words() -> None:
    first, second = (book_orders(Schedule.of(crowd(6, 2)), now=NOW, params=PARAMS) for _ in range(2))
    assert first.proposals == second.proposals
    assert [(s.objective, s.bound) for s in first.stages] == [(s.objective, s.bound) for s in second.stages]
