"""What a plan changes: which part of it a visit belongs to, whom to call, who sees somebody else."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from engine.jobs.difference import difference
from tests.factories import NOW, appointment, at, order, placed, practitioner, problem, room, service

if TYPE_CHECKING:
    from engine.model.appointment import Appointment
    from engine.model.explanation import ScheduleDiff

WORLD = problem(
    resources=(practitioner("dr-a"), practitioner("dr-b"), room("room-1"), room("room-2")),
    services=(service(),),
    orders=(order("ord-1"),),
)


def visit(start: str = "09:00", doctor: str = "dr-a", room: str = "room-1", **fields: Any) -> Appointment:
    steps = placed("visit", at(start), 20, {"doctor": doctor, "room": room})
    return appointment("app-1", steps, order="ord-1", **fields)


def of(before: Appointment | None, after: Appointment | None, **known: Any) -> ScheduleDiff:
    return difference(WORLD, [(before, after)], now=NOW, **known)


def test_a_new_visit_is_a_call() -> None:
    found = of(None, visit())
    assert found.calls == found.booked
    assert len(found.calls) == 1


def test_a_new_visit_of_a_patient_at_the_desk_is_none() -> None:
    assert of(None, visit(), at_desk={"ord-1"}).calls == ()
    assert len(of(None, visit(), at_desk={"ord-2"}).calls) == 1


def test_a_cancelled_visit_is_a_call_unless_the_patient_knows() -> None:
    gone = visit(status="cancelled")
    assert len(of(visit(), gone).calls) == 1
    assert of(visit(), gone, told={"app-1"}).calls == ()
    assert len(of(visit(), gone, told={"app-1"}).cancelled) == 1


def test_another_room_is_no_call_and_no_change_of_practitioner() -> None:
    found = of(visit(), visit(room="room-2"))
    assert (len(found.reassigned), found.calls, found.practitioner_changes) == (1, (), 0)


def test_another_practitioner_is_counted_whether_called_for_or_not() -> None:
    assert of(visit(), visit(doctor="dr-b")).practitioner_changes == 1
    assert of(visit(), visit("10:00", doctor="dr-b")).practitioner_changes == 1
    assert of(visit(), visit("10:00")).practitioner_changes == 0
    assert of(None, visit()).practitioner_changes == 0


def test_delays_are_summed_and_earlier_starts_taken_off() -> None:
    later, earlier = visit("2026-03-03 09:30"), visit("08:50")
    assert of(visit(), later).later_min == 24 * 60 + 30
    assert difference(WORLD, [(visit(), later), (visit(), earlier)], now=NOW).later_min == 24 * 60 + 20
    assert of(None, visit()).later_min == of(visit(), None).later_min == 0


def test_nothing_changed_is_an_empty_difference() -> None:
    assert of(visit(), visit()).is_empty
    assert not of(None, visit()).is_empty
