"""Booking a queue: legal, explained, repeatable, and nothing that is booked is touched."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings

from engine.check import check, check_change
from engine.errors import UnknownIdError
from engine.jobs.book_orders import book_orders
from engine.model.schedule import Schedule
from engine.solver.params import SolveParams
from tests.factories import NOW, appointment, order, patient, problem, service, step
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
    stay = service("stay", step("stay", nights=1, roles=()))
    world = problem(services=(service(), stay), orders=(order("ord-1", service="stay"),))
    (left,) = book_orders(Schedule.of(world), now=NOW, params=PARAMS).proposals[0].left_over
    assert left.order == "ord-1"
    assert "nights" in left.reason
